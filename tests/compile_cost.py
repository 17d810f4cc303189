#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What including costs: fails where a header grows beyond what it may be, in lines after the preprocessor and, for robagg.hpp
and g++, in megabytes. Both are the same on every run; bench/compile_time.py measures seconds.

  tests/compile_cost.py COMPILER INCLUDE_FOLDER EIGEN_FOLDER
"""

import os
import pathlib
import subprocess
import sys
import tempfile

# Lines of code besides those of <Eigen/Core> and of the standard library's headers.
MOST_LINES = {"robagg/core.hpp": 2000, "robagg/pipe.hpp": 6425, "robagg/robagg.hpp": 16370, "robagg/cache/policies.hpp": 8670}
MOST_LINES_OF_A_HEADER = 8450  # of any operator's
MOST_MEGABYTES = 400           # robagg.hpp, unused


def lines_of(header, command, file):
    """Lines of the library's own headers that including `header` brings, without blank ones."""
    file.write_text(f"#include <{header}>\n")
    text = subprocess.run([*command, "-E", str(file)], check=True, capture_output=True, text=True).stdout
    count, ours = 0, False
    for line in text.splitlines():
        if line.startswith("# "):
            ours = "/robagg/" in line.split('"')[1]
        elif ours and line.strip():
            count += 1
    return count


def megabytes_of(header, command, file):
    file.write_text(f"#include <{header}>\n")
    child = subprocess.Popen([*command, "-O2", "-c", str(file), "-o", os.devnull])
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"{header} does not compile")
    return usage.ru_maxrss / 1024


def main():
    compiler, include, eigen = sys.argv[1:4]
    command = [compiler, "-std=c++20", "-I", include, "-isystem", eigen]
    root, failed = pathlib.Path(include) / "robagg", False
    families = sorted(f"robagg/{h.relative_to(root).as_posix()}" for h in root.glob("*/*.hpp") if h.parent.name != "detail")
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "unit.cpp"
        for header in [*MOST_LINES, *families]:
            lines, most = lines_of(header, command, file), MOST_LINES.get(header, MOST_LINES_OF_A_HEADER)
            if "-v" in sys.argv or lines > most:
                print(f"{header}: {lines} lines, at most {most}")
            failed = failed or lines > most
        if "clang" not in subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout:
            megabytes = megabytes_of("robagg/robagg.hpp", command, file)
            print(f"robagg/robagg.hpp: {megabytes:.0f} MB, at most {MOST_MEGABYTES}")
            failed = failed or megabytes > MOST_MEGABYTES
    return failed


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What including costs: fails where a header grows beyond what it may be, in lines after the preprocessor and, for robagg.hpp
and g++, in megabytes. Both are the same on every run; bench/compile_time.py measures seconds.

  tests/compile_cost.py COMPILER INCLUDE_FOLDER EIGEN_FOLDER
"""

import collections
import os
import pathlib
import re
import subprocess
import sys
import tempfile

# Lines of code besides those of <Eigen/Core> and of the standard library's headers.
MOST_LINES = {"robagg/core.hpp": 2000, "robagg/pipe.hpp": 6750, "robagg/robagg.hpp": 16900, "robagg/cache/policies.hpp": 8950}
MOST_LINES_OF_A_HEADER = 8750  # of any operator's
MOST_MEGABYTES = 400           # robagg.hpp, unused


def lines_of_each(headers, command, file):
    """Header -> lines of its own after the preprocessor, without blank ones. One run for all: each file is read once."""
    file.write_text("".join(f"#include <{header}>\n" for header in headers))
    text = subprocess.run([*command, "-E", str(file)], check=True, capture_output=True, text=True).stdout
    lines, path = collections.Counter(), ""
    for line in text.splitlines():
        if line.startswith("# "):
            path = os.path.normpath(line.split('"')[1])
        elif line.strip():
            lines[path] += 1
    return lines


def brought_by(header, seen):
    """Adds the library's headers that including `header` brings to `seen`."""
    if header in seen:
        return seen
    seen.add(header)
    for found in re.finditer(r'^\s*#\s*include\s+(?:"(.+)"|<(robagg/.+)>)', header.read_text(), re.MULTILINE):
        brought_by(pathlib.Path(os.path.normpath(header.parent / found[1] if found[1] else INCLUDE / found[2])), seen)
    return seen


def megabytes_of(header, command, file):
    file.write_text(f"#include <{header}>\n")
    child = subprocess.Popen([*command, "-O2", "-c", str(file), "-o", os.devnull])
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"{header} does not compile")
    return usage.ru_maxrss / 1024


def main():
    compiler, eigen, failed = sys.argv[1], sys.argv[3], False
    command = [compiler, "-std=c++20", "-I", str(INCLUDE), "-isystem", eigen]
    root = INCLUDE / "robagg"
    families = sorted(f"robagg/{h.relative_to(root).as_posix()}" for h in root.glob("*/*.hpp") if h.parent.name != "detail")
    headers = [*MOST_LINES, *families]
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "unit.cpp"
        lines_of = lines_of_each(headers, command, file)
        for header in headers:
            lines = sum(lines_of[str(part)] for part in brought_by(INCLUDE / header, set()))
            most = MOST_LINES.get(header, MOST_LINES_OF_A_HEADER)
            if "-v" in sys.argv or lines > most:
                print(f"{header}: {lines} lines, at most {most}")
            failed = failed or lines > most
        if "clang" not in subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout:
            megabytes = megabytes_of("robagg/robagg.hpp", command, file)
            print(f"robagg/robagg.hpp: {megabytes:.0f} MB, at most {MOST_MEGABYTES}")
            failed = failed or megabytes > MOST_MEGABYTES
    return failed


if __name__ == "__main__":
    INCLUDE = pathlib.Path(os.path.abspath(sys.argv[2]))
    sys.exit(main())

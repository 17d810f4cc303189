#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""How long the compiler needs for robagg, and how much memory: two small translation units at -O2.

  bench/compile_time.py BUILD_FOLDER

Compiler and include folders are those of the build. One line of JSON per unit: {"unit", "seconds", "megabytes"}.
"""

import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

UNITS = {
    "robagg.hpp alone": "#include <robagg/robagg.hpp>\n",
    "median and trimmed_mean, float and double": """#include <robagg/robagg.hpp>
template <class T>
auto both(robagg::table<T> const& x) {
  return Eigen::Matrix<T, Eigen::Dynamic, 1>(robagg::median{}(x) + robagg::trimmed_mean{.f = 1}(x));
}
template auto both(robagg::table<float> const&);
template auto both(robagg::table<double> const&);
""",
}


def compiler_and_folders(build):
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if pathlib.Path(entry["file"]).name == "main.cpp":
            words, folders = shlex.split(entry["command"]), []
            for i, word in enumerate(words):
                if word in ("-I", "-isystem"):
                    folders += [word, words[i + 1]]
                elif word.startswith("-I"):
                    folders.append(word)
            return words[0], folders
    sys.exit("compile_time: nothing is built there")


def measure(command):
    start = time.perf_counter()
    child = subprocess.Popen(command)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit("compile_time: does not compile")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main():
    compiler, folders = compiler_and_folders(pathlib.Path(sys.argv[1]))
    with tempfile.TemporaryDirectory() as folder:
        for name, text in UNITS.items():
            file = pathlib.Path(folder) / "unit.cpp"
            file.write_text(text)
            command = [compiler, "-std=c++20", "-O2", *folders, "-c", str(file), "-o", str(file) + ".o"]
            seconds, megabytes = min(measure(command) for _ in range(2))
            print(json.dumps({"unit": name, "seconds": round(seconds, 2), "megabytes": round(megabytes)}))


if __name__ == "__main__":
    main()

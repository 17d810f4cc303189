#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""How long the compiler needs for robagg, and how much memory: processor time as a ratio to <Eigen/Core>, the best of three
(of one where it is long).

  bench/compile_time.py BUILD_FOLDER             a few small translation units at -O2
  bench/compile_time.py BUILD_FOLDER --headers   every header alone, unused
  bench/compile_time.py BUILD_FOLDER --kernels   the small translation units of a program that links robagg::kernels

Compiler and include folders are those of the build. One line of JSON per unit: {"unit", "ratio", "seconds", "megabytes"}.
"""

import argparse
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

INCLUDE = pathlib.Path(__file__).resolve().parent.parent / "include"
TABLE = "robagg::table<float> const& x"
UNITS = {
    "Eigen/Core": "#include <Eigen/Core>\n",
    "core.hpp, unused": "#include <robagg/core.hpp>\n",
    "robagg.hpp, unused": "#include <robagg/robagg.hpp>\n",
    "median of floats": f"""#include <robagg/location/median.hpp>
Eigen::VectorXf f({TABLE}) {{ return robagg::median{{}}(x); }}
""",
    "a sorting operator of one's own": f"""#include <robagg/core.hpp>
#include <robagg/detail/columns/engine.hpp>
struct second {{
  static constexpr bool coordinatewise = true;
  static constexpr auto nan = robagg::detail::nan_is::highest;
  robagg::detail::rank_range wanted(Eigen::Index) const {{ return {{1, 2}}; }}
  auto reduce(auto const& x) const {{ return x[1]; }}
  void into(robagg::any_reports auto const& r, auto&& out, robagg::workspace& ws) const {{ robagg::detail::columns(*this, r, out, ws); }}
  auto operator()(auto const& r) const {{ return robagg::evaluate(*this, r); }}
}};
Eigen::VectorXf f({TABLE}) {{ return second{{}}(x); }}
""",
    "every rule by name": """#include <robagg/parse.hpp>
robagg::any_aggregator f(char const* name) { return robagg::parse(name); }
""",
    "trimmed_mean and krum of floats": f"""#include <robagg/location/krum.hpp>
#include <robagg/location/trimmed_mean.hpp>
Eigen::VectorXf f({TABLE}) {{ return robagg::trimmed_mean{{.f = 1}}(x) + robagg::krum{{.f = 1}}(x); }}
""",
}


def compiler_and_folders(build):
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words, folders = shlex.split(entry["command"]), []
        for i, word in enumerate(words):
            if word in ("-I", "-isystem"):
                folders += [word, words[i + 1]]
            elif word.startswith("-I"):
                folders.append(word)
        if any("eigen" in folder.lower() for folder in folders):
            return words[0], folders
    sys.exit("compile_time: nothing is built there")


def measure(command):
    child = subprocess.Popen(command)
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit("compile_time: does not compile")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--headers", action="store_true")
    parser.add_argument("--kernels", action="store_true")
    arguments = parser.parse_args()
    units = UNITS
    if arguments.headers:
        headers = sorted(h.relative_to(INCLUDE).as_posix() for h in (INCLUDE / "robagg").rglob("*.hpp"))
        units = {"Eigen/Core": UNITS["Eigen/Core"]} | {h: f"#include <{h}>\n" for h in headers}
    compiler, folders = compiler_and_folders(arguments.build)
    core = None
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "unit.cpp"
        kernels = ["-DROBAGG_KERNELS_FLOAT", "-DROBAGG_KERNELS_DOUBLE"] if arguments.kernels else []
        command = [compiler, "-std=c++20", "-O2", *kernels, *folders, "-c", str(file), "-o", str(file) + ".o"]
        for name, text in units.items():
            file.write_text(text)
            once = measure(command)
            seconds, megabytes = min([once] + [measure(command) for _ in range(2 if once[0] < 20 else 0)])
            core = core or seconds
            print(json.dumps({"unit": name, "ratio": round(seconds / core, 2), "seconds": round(seconds, 2), "megabytes": round(megabytes)}))


if __name__ == "__main__":
    main()

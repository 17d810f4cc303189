#!/usr/bin/env python3
"""Makes C++ files of the ```cpp blocks of Markdown pages, which CMake compiles.

blocks.py write FOLDER PAGE...    writes FOLDER/<page>.cpp, and FOLDER/programs/<page>_<number>.cpp for blocks with a main
blocks.py run PROGRAM EXPECTED    runs a program, and fails where its output is not the text of the file EXPECTED

A page reads from top to bottom, so each block sees the names of those before it and may hide them: its scope is inside theirs. Functions
and structs stand beside the page's function. What a page takes as given is declared in given.inc, or in a comment that readers do
not see, `<!-- cpp` to `-->`, which is a block as others. The ```text block after a program is what it prints."""
import os
import re
import subprocess
import sys

INCLUDES = ["#include <robagg/robagg.hpp>", "#include <cstdint>", "#include <string>", "#include <string_view>", "#include <vector>"]
WARNINGS = ["-Wunused-variable", "-Wunused-but-set-variable", "-Wunused-value", "-Wshadow", "-Wsign-conversion"]  # what excerpts may do


def blocks_of(path):
    """Yields (language, number of the first line, lines) of each block of a page."""
    language = None
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        if language is None:
            start = re.fullmatch(r"(```|<!-- (?=cpp$))(.*)", line)
            if start:
                language, first, lines, end = start[2], number + 1, [], "```" if start[1] == "```" else "-->"
                if language not in ("", "text", "cpp", "cmake"):
                    sys.exit(f"{path}:{number}: no language that pages have: {line}")
        elif line == end:
            yield language, first, lines
            language = None
        else:
            lines.append(line)
    if language is not None:
        sys.exit(f"{path}:{first}: a block does not end")


def is_declaration(lines):
    """Whether a block is a struct, a template or a function, which cannot stand in a function."""
    return any(re.match(r"struct|class|template|namespace( \w+)? \{|using \w+ =", line) or
               (re.match(r"(?!for|if|while|switch|auto \w+ =)[A-Za-z]", line) and re.search(r"\)( const)? \{$", line)) for line in lines)


def lines_of(path, first, lines):
    return [f'#line {first} "{path}"'] + lines


written = set()


def write(path, lines):
    written.add(path)
    text = "\n".join(lines) + "\n"
    if not os.path.exists(path) or open(path, encoding="utf-8").read() != text:  # what has not changed is not compiled again
        open(path, "w", encoding="utf-8").write(text)


def write_page(folder, path):
    name = os.path.splitext(os.path.basename(path))[0].lower()
    includes, beside, inside, programs, last_program = [], [], [], 0, None
    depth = 0
    for language, first, lines in blocks_of(path):
        if language == "text" and last_program:
            write(last_program + ".txt", lines)
            last_program = None
        elif language != "cpp":
            continue
        elif any(line.startswith("int main(") for line in lines):
            programs += 1
            last_program = f"{folder}/programs/{name}_{programs}"
            write(last_program + ".cpp", lines_of(path, first, lines))
        else:
            includes += [line for line in lines if line.startswith("#include")]
            lines = ["" if line.startswith("#include") else line for line in lines]
            if is_declaration(lines):
                beside += lines_of(path, first, lines)
            else:
                inside += ["{"] + lines_of(path, first, lines)
                depth += 1
    if beside or inside:
        write(f"{folder}/{name}.cpp",
              INCLUDES + sorted(set(includes)) +
              [f'#pragma GCC diagnostic ignored "{warning}"' for warning in WARNINGS] +
              [f"namespace page_{name} {{", "using namespace robagg;", "namespace ra = robagg;"] +
              beside + ["[[maybe_unused]] inline void page() {", '#include "given.inc"'] + inside + ["}" * depth, "}", f"}}  // namespace page_{name}"])


if sys.argv[1] == "write":
    os.makedirs(sys.argv[2] + "/programs", exist_ok=True)
    for page in sys.argv[3:]:
        write_page(sys.argv[2], page)
    for folder, _, names in os.walk(sys.argv[2]):
        for name in names:
            if os.path.join(folder, name) not in written and re.search(r"\.(cpp|txt)$", name):  # of a block that is gone
                os.remove(os.path.join(folder, name))
else:
    said = subprocess.run([sys.argv[2]], stdout=subprocess.PIPE, check=True).stdout.decode()
    expected = open(sys.argv[3], encoding="utf-8").read()
    if said != expected:
        sys.exit(f"the page has\n{expected}and the program says\n{said}")

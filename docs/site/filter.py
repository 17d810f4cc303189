#!/usr/bin/env python3
"""What Doxygen reads in place of a file: filter.py FILE prints it.

Headers: the anatomy of an operator's comment (`Shapes   n x d reports -> d.`) becomes titled paragraphs, and what a header declares joins the
group of its folder. Markdown: headings get the anchors that they have on GitHub, links between pages lead to pages, those to headers to
the reference, and those to other files to the repository."""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
REPOSITORY = "https://github.com/robagg/robagg/blob/main/"


def slug(heading):
    """The anchor that GitHub gives a heading."""
    heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def page_name(path):
    return os.path.splitext(os.path.basename(path))[0].lower()


def header(path, text):
    folders = os.path.relpath(path, ROOT + "/include/robagg").split("/")[:-1]
    result, inside_comment = [], False
    for line in text.replace("::inline ROBAGG_ABI", "").split("\n"):
        comment = re.match(r"( *)///(?!<)", line)
        if comment and not inside_comment and not comment[1] and "detail" not in folders:
            result.append(f"/// @ingroup {folders[0] if folders else 'core'}")
        inside_comment = bool(comment)
        pieces = re.split(r"(?:(?<=/// )|(?<=  ))([A-Z][A-Za-z]+) {2,}", line) if comment else [line]
        if len(pieces) > 1:
            if pieces[0].strip() != "///":  # the end of what the line before says
                result.append(pieces[0])
            for title, said in zip(pieces[1::2], pieces[2::2]):
                said = re.sub(r"(examples/\w+\.cpp)", rf"[\1]({REPOSITORY}\1)", said.strip())
                result += [f"{comment[1]}/// @par {title}", f"{comment[1]}/// {said}"]
        elif re.fullmatch(r"  (?!static|using|return|friend|auto|struct|class|template)[\w:<>,\" ]+ \w+( = [^;]*)?;", line):
            result.append(line + "  ///< &nbsp;")  # a field that needs no comment is shown all the same
        else:
            result.append(line)
    return "\n".join(result)


def declares(path):
    """The struct or class that a header is named after, if it declares it in namespace robagg."""
    name = page_name(path)
    found = re.search(rf"^(struct|class) {name}\b", open(path, encoding="utf-8").read(), re.M)
    return f"robagg::{name}" if found else None


def link(path, target):
    """Where a link of the page at this path leads to on the site."""
    file, _, anchor = target.partition("#")
    if re.match(r"[a-z]+:", target):
        return target
    whole = os.path.normpath(os.path.join(os.path.dirname(path), file)) if file else path
    inside = os.path.relpath(whole, ROOT)
    if whole.endswith(".md") and (os.path.dirname(inside) in ("", "docs")):
        return f"@ref {page_name(whole)}-{anchor}" if anchor else f"@ref page-{page_name(whole)}"
    if inside.startswith("include/") and whole.endswith(".hpp") and declares(whole):
        return "@ref " + declares(whole)
    return REPOSITORY + inside


def markdown(path, text):
    result, code, comment = [], False, False
    for line in text.split("\n"):
        if line.startswith("```"):
            code = not code
        comment = comment or line.startswith("<!-- cpp")
        if comment:  # what a page takes as given: for the compiler only
            comment = line != "-->"
            line = ""
        elif not code:
            heading = re.match(r"(#+) (.*)", line)
            if heading:
                name = "page-" + page_name(path) if heading[1] == "#" else f"{page_name(path)}-{slug(heading[2])}"
                line += f" {{#{name}}}"
            line = re.sub(r"!\[([^\]]*)\]\(([^)]*)\)", lambda m: f"![{m[1]}](" + os.path.basename(m[2]) + ")", line)
            line = re.sub(r"(?<!!)\[([^\]]*)\]\(([^)@]*)\)", lambda m: f"[{m[1]}]({link(path, m[2])})", line)
        result.append(line)
    return "\n".join(result)


if __name__ == "__main__":
    given = os.path.abspath(sys.argv[1])
    said = open(given, encoding="utf-8").read()
    print(markdown(given, said) if given.endswith(".md") else header(given, said), end="")

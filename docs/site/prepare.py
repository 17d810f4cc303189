#!/usr/bin/env python3
"""Writes what Doxygen reads in place of our files: prepare.py FOLDER.

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
    text = text.replace("@k", r"\@k")  # pass@k is no command
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
        elif re.fullmatch(r"  (?! |static|using|return|friend|auto|struct|class|template)[\w:<>,\" ]+ \w+( = [^;]*)?;", line):
            result.append(line + "  ///< &nbsp;")  # a field that needs no comment is shown all the same
        else:
            result.append(line)
    return "\n".join(result)


def declared(path, name):
    """The struct of this name that a header declares, or else the one that the header is named after."""
    text = open(path, encoding="utf-8").read()
    for candidate in (name, page_name(path)):
        if re.search(rf"^(struct|class) {candidate}\b", text, re.M):
            return f"robagg::{'attack::' if '/attack/' in path else ''}{candidate}"
    return None


def link(path, target, text):
    """Where a link of the page at this path leads to on the site."""
    file, _, anchor = target.partition("#")
    if re.match(r"[a-z]+:", target):
        return target
    whole = os.path.normpath(os.path.join(os.path.dirname(path), file)) if file else path
    inside = os.path.relpath(whole, ROOT)
    if whole.endswith(".md") and os.path.dirname(inside) in ("", "docs"):
        return f"@ref {page_name(whole)}-{anchor}" if anchor else f"@ref page-{page_name(whole)}"
    if inside.startswith("include/") and whole.endswith(".hpp"):
        name = re.match(r"`?(\w*)", text)[1]
        if declared(whole, name):
            return "@ref " + declared(whole, name)
    return REPOSITORY + inside


def as_link(text, target):
    return f"[{text.replace('`', '') if target.startswith('@ref') else text}]({target})"  # Doxygen has no code in the text of a reference


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
                if path.endswith("/README.md") and heading[1] != "#":  # the start page's sections are no entries beside the pages
                    line = f"<h1>{heading[2]}</h1>"
            if line.startswith("|"):  # a bar in code
                line = re.sub(r"`([^`]*\\\|[^`]*)`", r"<code>\1</code>", line)
            line = re.sub(r"!\[([^\]]*)\]\(([^)]*)\)", lambda m: f"![{m[1]}](" + os.path.basename(m[2]) + ")", line)
            line = re.sub(r"(?<!!)\[([^\]]*)\]\(([^)@]*)\)", lambda m: as_link(m[1], link(path, m[2], m[1])), line)
        result.append(line if code else line.replace("@k", r"\@k"))  # pass@k is no command
    return "\n".join(result)


def main(folder):
    given = ["README.md", "HACKING.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
    for under, end in (("docs", ".md"), ("include/robagg", ".hpp")):
        for parent, _, names in os.walk(f"{ROOT}/{under}"):
            given += [os.path.relpath(f"{parent}/{name}", ROOT) for name in names if name.endswith(end)]
    for file in given:
        if "/detail/" in file:
            continue
        said = open(f"{ROOT}/{file}", encoding="utf-8").read()
        os.makedirs(os.path.dirname(f"{folder}/{file}") or ".", exist_ok=True)
        with open(f"{folder}/{file}", "w", encoding="utf-8") as to:
            to.write(markdown(f"{ROOT}/{file}", said) if file.endswith(".md") else header(f"{ROOT}/{file}", said))


if __name__ == "__main__":
    main(sys.argv[1])

#!/usr/bin/env python3
"""Checks that links lead somewhere: links.py ROOT.

ROOT/*.md, ROOT/docs, ...: files exist, and anchors are headings. A folder of HTML: files exist, and anchors are ids. Addresses of the web are
checked for their form only, for tests need no network."""
import html
import os
import re
import sys
from urllib.parse import unquote

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/site"))
from prepare import slug


def anchors_of_markdown(path):
    """The anchors of a page, as GitHub makes them: the second of two equal headings ends in -1."""
    found, code = {}, False
    for line in open(path, encoding="utf-8"):
        code ^= line.startswith("```")
        heading = re.match(r"#+ (.*)", line)
        if heading and not code:
            name = slug(heading[1])
            found[name] = found.get(name, -1) + 1
    return set(found) | {f"{name}-{i}" for name, last in found.items() for i in range(1, last + 1)}


def links_of_markdown(path):
    code = False
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        if re.match("```|<!-- cpp|-->", line):
            code = not code
        elif not code:
            line = re.sub(r"`[^`]*`", "code", line)
            yield from ((number, target) for target in re.findall(r"\]\(([^)\s]*)\)", line))


def anchors_of_html(path):
    return set(re.findall(r'\b(?:id|name)="([^"]*)"', open(path, encoding="utf-8").read()))


def links_of_html(path):
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = re.sub(r"<script.*?</script>", "", line)
        yield from ((number, unquote(html.unescape(target))) for target in re.findall(r'\b(?:href|src|data)="([^"]*)"', line))


root = os.path.abspath(sys.argv[1])
built = os.path.exists(root + "/index.html")
end, links_of, anchors_of = (".html", links_of_html, anchors_of_html) if built else (".md", links_of_markdown, anchors_of_markdown)
pages = [os.path.join(folder, name) for folder, folders, names in os.walk(root)
         if built or not re.match(r"(build|\.)", os.path.relpath(folder, root) + "/" if folder != root else "root")
         for name in names if name.endswith(end)]
known, wrong, count = {}, [], 0
for page in sorted(pages):
    for number, target in links_of(page):
        count += 1
        if re.match(r"(https?|mailto):", target):
            if not re.fullmatch(r"(https?://[\w.-]+\.[a-z]+(:\d+)?(/[^\s<>\"]*)?|mailto:[^@\s]+@[\w.-]+)", target):
                wrong.append(f"{page}:{number}: {target} is no address")
            continue
        if target.startswith("javascript:"):
            continue
        file, _, anchor = target.partition("#")
        to = os.path.normpath(os.path.join(os.path.dirname(page), file)) if file else page
        if not os.path.exists(to):
            wrong.append(f"{page}:{number}: {target} is not there")
        elif anchor and to.endswith(end):
            if to not in known:
                known[to] = anchors_of(to)
            if anchor not in known[to]:
                wrong.append(f"{page}:{number}: {target}: no such anchor")
print("\n".join(wrong) or f"{count} links of {len(pages)} pages lead somewhere")
if wrong or count == 0:
    sys.exit(1)

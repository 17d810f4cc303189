# SPDX-License-Identifier: BSL-1.0
"""Does check_page.py see red? check_page_bites.py FOLDER WORK breaks the report in FOLDER in one way after the other. Exit code 77:
no Chromium is installed, and only what needs none was tried."""
import pathlib
import re
import shutil
import sys

import check_page

folder, work = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
shutil.rmtree(work, ignore_errors=True)
shutil.copytree(folder, work)
page = (folder / "report.html").read_text(encoding="utf-8")
figures = re.findall(r"<figure id='(\w+)'", page)

OF_SOURCE = [
    ("figure votes is missing", lambda p: re.sub(r"<figure id='votes'", "<figure", p)),
    ("has <script>", lambda p: p.replace("</body>", "<script></script></body>")),
    ("the link http", lambda p: p.replace("<style>", "<link href='http://example.com/a.css'><style>", 1)),
    ("the style has url", lambda p: p.replace("<style>", "<style>body{background:url(a.png)}", 1)),
    ("the link gone.csv leads nowhere", lambda p: p.replace("votes.csv'", "gone.csv'", 1)),
    ("nan is printed", lambda p: re.sub(r"<td>[0-9.]+<", "<td>nan<", p, count=1)),
]
# Breaks that are seen beside each other share a page.
OF_LOOK = [
    [("text is cut", lambda p: re.sub(r"<text x='[-0-9.]+'", "<text x='-90'", p)),
     ("the page is", lambda p: p.replace("<main>", "<main><div style='width:700px;height:1px'></div>")),
     ("console: ", lambda p: p.replace("</body>", "<script>console.error('no')</script></body>")),
     ("fetches ", lambda p: p.replace("<main>", "<main><img src='http://127.0.0.1:9/a.png'>"))],
    [("texts overlap", lambda p: re.sub(r"(<text [^>]*>[^<]*</text>)", r"\1\1", p)),
     ("wider than its box", lambda p: p.replace("<h1>", "<h1>" + "W" * 90)),
     ("a heading is squeezed", lambda p: p.replace("min-width:7.6rem", ""))],
    [("text is too small", lambda p: p.replace("svg text{font-size:12px", "svg text{font-size:5px"))],
    [("nothing is shown", lambda p: p.replace("svg.wide{display:none}", "svg{display:none!important}table{display:none}"))],
]

program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
unseen = []
for spoils in [[one] for one in OF_SOURCE] + (OF_LOOK if program else []):
    broken = page
    for word, spoil in spoils:
        before, broken = broken, spoil(broken)
        if broken == before:
            unseen.append(f"{word}: nothing was broken")
    (work / "report.html").write_text(broken, encoding="utf-8")
    if spoils[0] in OF_SOURCE:
        faults = check_page.faults_of_source(work, figures)
    else:
        faults = check_page.look(program, work, work, 360, False, keep_picture=False)
    unseen += [f"{word}: not seen; said was {faults[:3]}" for word, _ in spoils if not any(word in f for f in faults)]
print("\n".join(unseen))
sys.exit(1 if unseen else 0 if program else 77)

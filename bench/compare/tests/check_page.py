# SPDX-License-Identifier: BSL-1.0
"""Checks a report as a reader sees it: check_page.py FOLDER WORK [FIGURE ...]

FOLDER has report.html; screenshots and what is needed to take them go to WORK. Where no Chromium is installed, only the
source is checked, and the exit code is 77."""
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

# Runs in the page, and says what it finds to the window around it.
LOOK = """
addEventListener('load', () => {
  const found = [], box = e => e.getBoundingClientRect(), seen = e => box(e).width > 0
  const say = (what, e) => found.push(what + ': ' + (e.closest('figure')?.id ?? e.tagName) + ': ' + e.textContent.trim().slice(0, 40))
  const ids = [...document.querySelectorAll('figure')].map(f => f.id)
  for (const d of document.querySelectorAll('details')) d.open = true
  for (const f of document.querySelectorAll('figure')) {
    if (![...f.querySelectorAll('svg, table')].some(seen)) say('nothing is shown', f)
    if (!f.querySelector('table')) say('no table', f)
    if (!/\\S.{20}/.test(f.querySelector('figcaption p')?.textContent ?? '')) say('no sentence', f)
  }
  for (const svg of document.querySelectorAll('svg')) {
    if (!seen(svg)) continue
    const all = box(svg), texts = [...svg.querySelectorAll('text')].map(t => ({t, b: box(t)}))
    for (const {t, b} of texts) {
      if (b.left < all.left - 1 || b.right > all.right + 1 || b.top < all.top - 1 || b.bottom > all.bottom + 1) say('text is cut', t)
      if (b.height < 9) say('text is too small', t)
      for (const {t: o, b: c} of texts) {
        if (o !== t && b.left < c.right - 1 && c.left < b.right - 1 && b.top < c.bottom - 2 && c.top < b.bottom - 2) say('texts overlap', t)
      }
    }
  }
  for (const e of document.querySelectorAll('body *:not(svg *)')) {
    if (!e.matches('.scroll') && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && getComputedStyle(e).display !== 'inline') say('wider than its box', e)
  }
  for (const e of document.querySelectorAll('tbody th')) {
    if (seen(e) && e.clientWidth < 60 && e.clientHeight > 60) say('a heading is squeezed', e)
  }
  const root = document.documentElement
  if (root.scrollWidth > innerWidth) found.push('the page is ' + root.scrollWidth + ' wide in a window of ' + innerWidth)
  for (const r of performance.getEntriesByType('resource')) found.push('fetches ' + r.name)
  for (const d of document.querySelectorAll('details')) d.open = false
  parent.postMessage({found, ids, width: innerWidth, height: root.scrollHeight, dark: matchMedia('(prefers-color-scheme: dark)').matches}, '*')
})
"""

AROUND = """<!doctype html><style>*{{margin:0}}iframe{{border:0;width:{width}px;height:{height}px}}</style><body>
<pre hidden></pre><iframe src='looked_at.html'></iframe>
<script>addEventListener('message', e => document.querySelector('pre').textContent = JSON.stringify(e.data))</script>"""


class Sources(html.parser.HTMLParser):
    """What a page fetches or runs, and where its links lead."""

    def __init__(self, folder):
        super().__init__()
        self.folder, self.faults, self.ids, self.targets = folder, [], set(), set()

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "iframe", "img", "object", "embed"):
            self.faults.append(f"has <{tag}>")
        for name, value in attributes:
            value = value or ""
            if name == "id":
                if value in self.ids:
                    self.faults.append(f"two elements have the id {value}")
                self.ids.add(value)
            if name.startswith("on") or name in ("src", "srcset", "xlink:href"):
                self.faults.append(f"<{tag} {name}={value}>")
            if name == "href" and value.startswith("#"):
                self.targets.add(value[1:])
            elif name == "href" and value != "data:," and not (tag == "a" and (self.folder / value).is_file()):
                self.faults.append(f"the link {value} leads nowhere")


def faults_of_source(folder, figures):
    text = (folder / "report.html").read_text(encoding="utf-8")
    sources = Sources(folder)
    sources.feed(text)
    faults = sources.faults + [f"the link #{t} leads nowhere" for t in sources.targets - sources.ids]
    faults += [f"the style has {found}" for found in re.findall(r"url\([^)]*\)|@import[^;]*", text)]
    faults += [f"figure {f} is missing" for f in figures if f not in sources.ids]
    faults += [f"{what} is printed" for what in ("nan", "inf", "null") if re.search(rf"<(td|text|small)[^>]*>-?{what}<", text)]
    return faults


def chromium(program, page, dark, size, *more):
    done = subprocess.run(
        [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr", "--virtual-time-budget=5000",
         f"--blink-settings=preferredColorScheme={0 if dark else 1}", f"--window-size={max(size[0], 500)},{size[1]}", *more, page.as_uri()],
        capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, re.findall(r"CONSOLE.*", done.stderr)


def look(program, folder, work, width, dark, keep_picture=True):
    page = (folder / "report.html").read_text(encoding="utf-8")
    (work / "looked_at.html").write_text(page.replace("</body>", f"<script>{LOOK}</script></body>"), encoding="utf-8")
    around, height = work / "around.html", 900
    around.write_text(AROUND.format(width=width, height=height), encoding="utf-8")
    dom, complaints = chromium(program, around, dark, (width, height), "--dump-dom")
    said = re.search(r"<pre hidden[^>]*>(.*?)</pre>", dom, re.S)
    if not said or not said.group(1):
        return ["the page did not say what it found"]
    result = json.loads(html.unescape(said.group(1)))
    faults = result["found"] + [f"console: {c}" for c in complaints]
    if result["width"] != width or result["dark"] != dark:
        faults.append(f"was looked at with {result['width']} px, dark: {result['dark']}")
    if keep_picture:
        height = min(result["height"] + 20, 16000)
        around.write_text(AROUND.format(width=width, height=height), encoding="utf-8")
        picture = work / f"report_{width}_{'dark' if dark else 'light'}.png"
        chromium(program, around, dark, (width, height), f"--screenshot={picture}")
    return faults


def main(folder, work, *figures):
    folder, work = pathlib.Path(folder).resolve(), pathlib.Path(work).resolve()
    work.mkdir(parents=True, exist_ok=True)
    faults = faults_of_source(folder, figures)
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    looks = [(360, False), (1400, True)]
    if os.environ.get("ROBAGG_LOOKS") == "all":
        looks += [(360, True), (1400, False)]
    if program:
        for width, dark in looks:
            faults += [f"{width} px, {'dark' if dark else 'light'}: {f}" for f in look(program, folder, work, width, dark)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0 if program else 77


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

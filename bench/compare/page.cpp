// SPDX-License-Identifier: BSL-1.0
#include "page.hpp"

#include "chart.hpp"
#include "terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace robagg_compare {
namespace {

constexpr char const* style = R"(
:root{--accent:#0072b2;--cell:#6fb4e0}
@media (prefers-color-scheme:dark){:root{--accent:#62b6ec;--cell:#1d6496}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header,nav,main,footer{max-width:76rem;margin:0 auto;padding:0 1rem}
header{padding-top:3rem}
h1{font-size:clamp(1.7rem,5vw,2.4rem);line-height:1.2;letter-spacing:-.02em;margin:0 0 .6rem}
h2{font-size:1.4rem;letter-spacing:-.01em;margin:4.5rem 0 1.5rem;padding-top:1rem;border-top:1px solid var(--hair)}
h3{font-size:1.05rem;margin:0 0 .25rem}
p{margin:0 0 .75rem;max-width:44rem}
a{color:var(--accent);text-underline-offset:.15em}
code{font:.86em ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.lead{font-size:1.1rem;color:var(--soft)}
dl{display:grid;grid-template-columns:auto 1fr;gap:.15rem 1.2rem;margin:1.5rem 0;font-size:.9rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
nav ol{columns:18rem;column-gap:2.5rem;padding-left:1.3rem;margin:1rem 0}
nav li{break-inside:avoid;padding-bottom:.35rem}
nav li p{margin:0;font-size:.9rem}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,30rem),1fr));gap:3.5rem 3rem}
figure{margin:0;min-width:0;container-type:inline-size}
figure.full{grid-column:1/-1}
figcaption p{margin:0 0 1rem;color:var(--soft)}
.source{font-size:.85rem;color:var(--soft);margin:.75rem 0 0;max-width:none}
svg{display:block;width:100%;max-width:48rem;height:auto;overflow:visible}
svg.wide{display:none}
@container (min-width:30rem){svg.narrow{display:none}svg.wide{display:block}}
.key{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;margin:0 0 .6rem;padding:0;font-size:.85rem}
.key li{display:flex;align-items:center;gap:.4rem}
.key i{width:1.3rem;border-top:3px solid var(--c)}.key i.dashed{border-top-style:dashed}
.key i.shade{height:.8rem;border:0;background:var(--s0)}
.scroll{overflow-x:auto;max-width:100%;overscroll-behavior-x:contain}
details{margin-top:.6rem;font-size:.9rem}
summary{cursor:pointer;color:var(--accent);width:fit-content}
details .scroll{max-height:24rem;overflow-y:auto;margin-top:.5rem}
table{border-collapse:collapse;font-size:.85rem;line-height:1.35;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .6rem;text-align:right;border-bottom:1px solid var(--hair);white-space:nowrap}
th{font-weight:600}thead th{color:var(--soft);font-weight:500;vertical-align:bottom}
th:first-child{text-align:left;padding-left:0;position:sticky;left:0;background:var(--page)}
table.heat{border-collapse:separate;border-spacing:2px}
.heat td{border:0;border-radius:3px;text-align:center;min-width:3.6rem;padding:.3rem .35rem;background:color-mix(in srgb,var(--cell) calc(var(--v)*100%),var(--page))}
.heat th{border:0}.heat thead th:not(:first-child){text-align:center}
.heat small{display:block;font-size:.7rem;opacity:.85}.heat .strong{outline:2px solid var(--accent);outline-offset:-2px;font-weight:600}
table.words td{text-align:left;white-space:normal;vertical-align:top;min-width:9rem}
table.words th{text-align:left;vertical-align:top;white-space:normal}
.verdict{white-space:nowrap;font-weight:600}
.maps{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:2rem 3rem}
.maps h4{margin:0 0 .4rem;font-size:.95rem;font-weight:600}.maps>div{min-width:0}
footer{margin-top:5rem;padding-bottom:3rem;color:var(--soft);font-size:.9rem}
@container (max-width:30rem){th:first-child{white-space:normal;min-width:7.6rem;max-width:8rem;overflow-wrap:anywhere}.words th:first-child{min-width:9rem;max-width:9rem}}
@media print{details{display:none}}
)";

// Names in the first column may break at their underscores, for narrow windows. Of HTML.
std::string breakable(std::string const& html) {
  std::string text;
  for (char const c : html) text += c == '_' ? "_<wbr>" : std::string(1, c);
  return text;
}

std::string cell_of(std::optional<double> const& v) { return v ? brief(*v, 4) : std::string(); }

std::string header_of(nlohmann::ordered_json const& run) {
  std::string items;
  if (run.contains("machine")) {
    for (auto const& [key, value] : run["machine"].items()) {
      items += fmt::format("<dt>{}</dt><dd>{}</dd>", escaped(key),
                           escaped(value.is_string() ? value.get<std::string>() : value.dump()));
    }
  }
  return fmt::format(
      "<header><h1>Which rule holds</h1><p class='lead'>Rules that merge many reports into one, compared by robagg-compare: what they "
      "withstand, what they cost, and what they are worth for votes, caches, forecasts and rankings.</p><dl>{}</dl></header>",
      items);
}

}  // namespace

std::string stored_results::command(std::string const& part) const {
  if (run.contains("parts")) {
    for (auto const& p : run["parts"]) {
      if (p.value("name", "") == part) return p.value("command", "");
    }
  }
  return {};
}

nlohmann::ordered_json const* stored_results::find(std::string const& part) const {
  auto const found = of.find(part);
  return found == of.end() ? nullptr : &found->second;
}

double number_of(nlohmann::ordered_json const& value) {
  return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}
std::vector<double> numbers_of(nlohmann::ordered_json const& values, double times) {
  std::vector<double> numbers;
  for (auto const& v : values) numbers.push_back(times * number_of(v));
  return numbers;
}

std::string html_table::text() const {
  std::string html = "<div class='scroll' tabindex='0'><table><thead><tr>";
  for (auto const& h : headings) html += fmt::format("<th scope='col'>{}</th>", h);
  html += "</tr></thead><tbody>";
  for (auto const& row : rows) {
    html += "<tr>";
    for (std::size_t c = 0; c < row.size(); ++c) {
      html += c == 0 ? fmt::format("<th scope='row'>{}</th>", breakable(row[c])) : fmt::format("<td>{}</td>", row[c]);
    }
    html += "</tr>";
  }
  return html + "</tbody></table></div>";
}

std::string heat_table::text() const {
  std::string html = "<div class='scroll' tabindex='0'><table class='heat'><thead><tr>";
  for (auto const& h : headings) html += fmt::format("<th scope='col'>{}</th>", escaped(h));
  html += "</tr></thead><tbody>";
  for (auto const& [name, cells] : rows) {
    html += fmt::format("<tr><th scope='row'>{}</th>", breakable(escaped(name)));
    for (auto const& c : cells) {
      double const share = c.value && high > low ? std::clamp((*c.value - low) / (high - low), 0., 1.) : 0;
      html += fmt::format("<td{} style='--v:{:.2f}'>{}{}</td>", c.strong ? " class='strong'" : "", share, escaped(c.text),
                          c.note.empty() ? "" : fmt::format("<small>{}</small>", escaped(c.note)));
    }
    html += "</tr>";
  }
  return html + "</tbody></table></div>";
}

std::string table_of(plot_spec const& spec) {
  html_table table{{escaped(spec.x_label)}, {}};
  std::set<double> all;
  for (auto const& s : spec.series) all.insert(s.x.begin(), s.x.end()), table.headings.push_back(escaped(s.name));
  for (auto const& b : spec.bands) { table.headings.push_back(escaped(b.name) + ", low"), table.headings.push_back("high"); }
  auto const at = [](std::vector<double> const& x, std::vector<double> const& y, double v) -> std::optional<double> {
    auto const found = std::find(x.begin(), x.end(), v);
    return found == x.end() ? std::nullopt : std::optional(y[static_cast<std::size_t>(found - x.begin())]);
  };
  for (double const v : all) {
    std::vector<std::string> row{brief(v, 6)};
    for (auto const& s : spec.series) row.push_back(cell_of(at(s.x, s.y, v)));
    for (auto const& b : spec.bands) row.push_back(cell_of(at(b.x, b.low, v))), row.push_back(cell_of(at(b.x, b.high, v)));
    table.rows.push_back(std::move(row));
  }
  return table.text();
}

std::string table_of(interval_spec const& spec, std::string const& low, std::string const& high) {
  html_table table{{"", escaped(spec.x_label)}, {}};
  if (!low.empty()) table.headings.push_back(low), table.headings.push_back(high);
  for (auto const& l : spec.lines) {
    std::vector<std::string> row{escaped(l.name), brief(l.value, 4)};
    if (!low.empty()) row.push_back(brief(l.low, 4)), row.push_back(brief(l.high, 4));
    table.rows.push_back(std::move(row));
  }
  return table.text();
}

std::string page_of(stored_results const& results, std::vector<figure> const& figures) {
  std::vector<std::string> sections;
  for (auto const& f : figures) {
    if (std::find(sections.begin(), sections.end(), f.section) == sections.end()) sections.push_back(f.section);
  }
  std::string contents, body;
  for (std::size_t s = 0; s < sections.size(); ++s) {
    std::string links, drawn;
    for (auto const& f : figures) {
      if (f.section != sections[s]) continue;
      links += fmt::format("{}<a href='#{}'>{}</a>", links.empty() ? "" : ", ", f.id, escaped(f.title));
      std::string source;
      if (!f.part.empty()) {
        source = fmt::format("<p class='source'><a href='{0}.csv'>{0}.csv</a> &middot; <code>{1}</code></p>", f.part,
                             escaped(results.command(f.part)));
      }
      drawn += fmt::format("<figure id='{}'{}><figcaption><h3>{}</h3><p>{}</p></figcaption>{}{}{}</figure>\n", f.id,
                           f.table.empty() ? " class='full'" : "", escaped(f.title), escaped(f.look), f.body,
                           f.table.empty() ? "" : fmt::format("<details><summary>The numbers</summary>{}</details>", f.table),
                           source);
    }
    contents += fmt::format("<li><a href='#s{}'>{}</a><p>{}</p></li>", s + 1, escaped(sections[s]), links);
    body += fmt::format("<section><h2 id='s{}'>{}</h2><div class='figures'>\n{}</div></section>\n", s + 1, escaped(sections[s]),
                        drawn);
  }
  return fmt::format(
      "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width, initial-scale=1'>"
      "<title>Which rule holds: robagg-compare</title><link rel='icon' href='data:,'><style>{}{}</style></head>\n<body>{}\n"
      "<nav aria-label='Contents'><ol>{}</ol></nav>\n<main>\n{}</main>\n"
      "<footer><p>Every number was computed by the command below its figure; the CSV files are beside this page.</p></footer>"
      "</body></html>\n",
      chart_style, style, header_of(results.run), contents, body);
}

}  // namespace robagg_compare

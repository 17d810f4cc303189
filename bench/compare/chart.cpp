// SPDX-License-Identifier: BSL-1.0
#include "chart.hpp"

#include "error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace robagg_compare {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::size_t colours = 7;  // that the style has: c0 to c6

std::string number(double value) {
  double const size = std::abs(value);
  if (size >= 1e6) return fmt::format("{:.4g}M", value / 1e6);
  if (size >= 1e4) return fmt::format("{:.4g}k", value / 1e3);
  return fmt::format("{:.4g}", value);
}

std::string text_at(double x, double y, std::string_view anchor, std::string_view text, std::string_view kind = "") {
  return fmt::format("<text x='{:.1f}' y='{:.1f}' text-anchor='{}'{}>{}</text>", x, y, anchor,
                     kind.empty() ? "" : fmt::format(" class='{}'", kind), escaped(text));
}
std::string line_from(double x1, double y1, double x2, double y2, std::string_view kind) {
  return fmt::format("<line x1='{:.1f}' y1='{:.1f}' x2='{:.1f}' y2='{:.1f}' class='{}'/>", x1, y1, x2, y2, kind);
}

// Values along one side of a picture.
struct axis {
  double low = infinity, high = -infinity;
  bool logarithmic = false;
  double from = 0, to = 1;  // pixels

  bool shows(double v) const { return std::isfinite(v) && (!logarithmic || v > 0); }
  void see(double v) {
    if (shows(v)) low = std::min(low, v), high = std::max(high, v);
  }
  double measure(double v) const { return logarithmic ? std::log10(v) : v; }
  double at(double v) const {
    double const a = measure(low), b = measure(high);
    return from + (std::clamp(measure(v), a, b) - a) / (b - a) * (to - from);
  }
  // Some room, so that nothing lies on the edge.
  void widen(double share) {
    if (!(low <= high)) throw usage_error("there is nothing to draw");
    double a = measure(low), b = measure(high);
    double const room = a < b ? share * (b - a) : .5;
    a -= room, b += room;
    low = logarithmic ? std::pow(10., a) : a, high = logarithmic ? std::pow(10., b) : b;
  }
  // Round values, at most so many; of a logarithmic axis powers of ten, and what lies between if those are few.
  std::vector<double> ticks(double most) const {
    std::vector<double> values;
    if (logarithmic) {
      double const decades = std::log10(high / low);
      auto const stride = static_cast<int>(std::max(1., std::ceil(decades / most)));
      for (int e = static_cast<int>(std::floor(std::log10(low))); e <= std::log10(high); ++e) {
        for (double const m : decades < 2.5 ? std::vector<double>{1, 2, 5} : std::vector<double>{1}) {
          double const v = m * std::pow(10., e);
          if (v >= low && v <= high && e % stride == 0) values.push_back(v);
        }
      }
      return values;
    }
    double const raw = (high - low) / most, power = std::pow(10., std::floor(std::log10(raw)));
    double step = 10 * power;
    for (double const m : {1., 2., 5.}) {
      if (m * power >= raw) {
        step = m * power;
        break;
      }
    }
    for (double k = std::ceil(low / step - 1e-9); k * step <= high * (1 + 1e-12) + 1e-12 * step; ++k)
      values.push_back(k * step);
    for (double& v : values) v = std::abs(v) < 1e-9 * step ? 0 : v;
    return values;
  }
};

struct frame {
  double width, height;
  axis x, y;
};

std::string opening(frame const& f, svg_place const& place) {
  return fmt::format(
      "<svg class='{0}' y='{1:.0f}' width='{2:.0f}' height='{3:.0f}' viewBox='0 0 {2:.0f} {3:.0f}' aria-hidden='true'>",
      place.kind, place.y, f.width, f.height);
}

// Grid, ticks and names of the axes; makes room on the left for the ticks. y's name stands above the picture, where it needs
// not be turned.
std::string axes(frame& f, std::string const& x_label, std::string const& y_label) {
  constexpr double top = 30, below = 44, right = 22;
  f.y.from = f.height - below, f.y.to = top;
  auto const y_ticks = f.y.ticks((f.height - top - below) / 34);
  double left = 18;
  for (double const v : y_ticks) left = std::max(left, width_of(number(v)) + 10);
  f.x.from = left, f.x.to = f.width - right;
  std::string svg;
  for (double const v : y_ticks) {
    svg += line_from(left, f.y.at(v), f.width - right, f.y.at(v), "grid");
    svg += text_at(left - 6, f.y.at(v) + 4, "end", number(v));
  }
  double last = -infinity;
  for (double const v : f.x.ticks((f.width - left - right) / 64)) {
    auto const text = number(v);
    double const at = f.x.at(v), half = width_of(text) / 2;
    svg += line_from(at, f.y.from, at, f.y.from + 4, "tick");
    if (at - half < last || at + half > f.width) continue;
    svg += text_at(at, f.y.from + 17, "middle", text);
    last = at + half + 6;
  }
  svg += line_from(left, f.y.from, f.width - right, f.y.from, "axis");
  svg += text_at(2, 13, "start", y_label, "name");
  svg += text_at(f.width - right, f.height - 7, "end", x_label, "name");
  return svg;
}

// Points are joined until one is not there.
std::string path_of(frame const& f, std::vector<double> const& x, std::vector<double> const& y) {
  std::string path;
  bool pen = false;
  for (std::size_t i = 0; i < x.size(); ++i) {
    bool const here = f.x.shows(x[i]) && f.y.shows(y[i]);
    if (here) path += fmt::format("{}{:.1f} {:.1f}", pen ? "L" : "M", f.x.at(x[i]), f.y.at(y[i]));
    pen = here;
  }
  return path;
}

}  // namespace

std::string svg_of(plot_spec const& spec, double width, double height, svg_place const& place) {
  frame f{width, height, {}, {}};
  f.x.logarithmic = spec.log_x, f.y.logarithmic = spec.log_y;
  for (auto const& s : spec.series) {
    if (s.x.size() != s.y.size()) throw usage_error(fmt::format("{}: {} x for {} y", s.name, s.x.size(), s.y.size()));
    for (std::size_t i = 0; i < s.x.size(); ++i) {
      if (f.x.shows(s.x[i]) && f.y.shows(s.y[i])) f.x.see(s.x[i]), f.y.see(s.y[i]);
    }
  }
  for (auto const& b : spec.bands) {
    if (b.x.size() != b.low.size() || b.x.size() != b.high.size()) {
      throw usage_error(fmt::format("{}: {} x for {} and {} y", b.name, b.x.size(), b.low.size(), b.high.size()));
    }
    for (double const v : b.low) f.y.see(v);
    for (double const v : b.high) f.y.see(v);
  }
  for (auto const& [x, what] : spec.marks) f.x.see(x);
  f.x.widen(.01);
  f.y.widen(.04);
  if (spec.y_range) f.y.low = spec.y_range->first, f.y.high = spec.y_range->second;

  std::string svg = opening(f, place) + axes(f, spec.x_label, spec.y_label);
  for (auto const& b : spec.bands) {
    auto x = b.x, y = b.low;
    x.insert(x.end(), b.x.rbegin(), b.x.rend()), y.insert(y.end(), b.high.rbegin(), b.high.rend());
    svg += fmt::format("<path class='band' d='{}Z'/>", path_of(f, x, y));
  }
  for (auto const& [x, what] : spec.marks) {
    double const at = f.x.at(x), y = f.y.to - 4;
    bool const before = at - width_of(what) - 6 > f.x.from;
    svg += line_from(at, f.y.from, at, f.y.to, "mark") +
           text_at(before ? at - 6 : at + 6, y, before ? "end" : "start", what, "halo");
  }
  std::size_t colour = 0;
  for (std::size_t s = 0; s < spec.series.size(); ++s) {
    auto const& one = spec.series[s];
    if (s > 0 && !one.dashed) ++colour;
    svg += fmt::format("<path class='line c{}{}' d='{}'/>", colour % colours, one.dashed ? " dashed" : "",
                       path_of(f, one.x, one.y));
    if (one.x.size() > 20) continue;
    for (std::size_t i = 0; i < one.x.size(); ++i) {
      if (!f.x.shows(one.x[i]) || !f.y.shows(one.y[i])) continue;
      svg += fmt::format("<circle class='dot c{}{}' cx='{:.1f}' cy='{:.1f}' r='3'><title>{}: {}, {}</title></circle>",
                         colour % colours, one.dashed ? " hollow" : "", f.x.at(one.x[i]), f.y.at(one.y[i]), escaped(one.name),
                         number(one.x[i]), number(one.y[i]));
    }
  }
  return svg + "</svg>";
}

namespace {

bool has_bar(interval_spec::line const& l) { return std::isfinite(l.value) && std::isfinite(l.low) && std::isfinite(l.high); }

std::string shortened(std::string const& name, double room) {
  auto const most = static_cast<std::size_t>(std::max(4., std::round(room / width_of("m"))));
  return name.size() <= most ? name : name.substr(0, most - 3) + "...";
}

}  // namespace

std::string svg_of(interval_spec const& spec, double width, svg_place const& place) {
  constexpr double line = 22, top = 8;
  frame f{width, height_of(spec), {}, {}};
  double names = 0;
  for (auto const& l : spec.lines) {
    names = std::max(names, width_of(l.name));
    if (!std::isfinite(l.value)) continue;
    f.x.see(l.value);
    if (has_bar(l)) f.x.see(l.low), f.x.see(l.high);
  }
  names = std::min(names, .53 * width);
  f.x.widen(.04);
  f.x.from = names + 14, f.x.to = width - 22;
  double const bottom = f.height - 38;
  std::string svg = opening(f, place);
  double last = -infinity;
  for (double const v : f.x.ticks((f.x.to - f.x.from) / 64)) {
    auto const text = number(v);
    double const at = f.x.at(v), half = width_of(text) / 2;
    svg += line_from(at, top, at, bottom, "grid");
    if (at - half < last || at + half > width) continue;
    svg += text_at(at, bottom + 15, "middle", text);
    last = at + half + 6;
  }
  svg += text_at(f.x.to, f.height - 5, "end", spec.x_label, "name");
  for (std::size_t i = 0; i < spec.lines.size(); ++i) {
    auto const& l = spec.lines[i];
    double const y = top + line * (static_cast<double>(i) + .5);
    auto const colour = l.group % 2;
    svg += fmt::format("<g><title>{}: {}</title>", escaped(l.name), number(l.value));
    svg += text_at(names, y + 4, "end", shortened(l.name, names));
    if (has_bar(l)) { svg += line_from(f.x.at(l.low), y, f.x.at(l.high), y, fmt::format("bar c{}", colour)); }
    if (std::isfinite(l.value))
      svg += fmt::format("<circle class='dot c{}' cx='{:.1f}' cy='{:.1f}' r='4.5'/>", colour, f.x.at(l.value), y);
    svg += "</g>";
  }
  return svg + "</svg>";
}

double height_of(interval_spec const& spec) { return 52 + 22 * static_cast<double>(spec.lines.size()); }

namespace {

struct box {
  double left, top, right, bottom;
  bool meets(box const& o) const { return left < o.right && o.left < right && top < o.bottom && o.top < bottom; }
};

// A place beside its point for each name, those on the line first; names without a free place are left to the table.
std::string names_of(frame const& f, std::vector<point_spec::point> points) {
  std::stable_sort(points.begin(), points.end(), [](auto const& a, auto const& b) { return a.front > b.front; });
  std::vector<box> taken;
  for (auto const& p : points) taken.push_back({f.x.at(p.x) - 5, f.y.at(p.y) - 5, f.x.at(p.x) + 5, f.y.at(p.y) + 5});
  std::string svg;
  for (auto const& p : points) {
    double const x = f.x.at(p.x), y = f.y.at(p.y), w = width_of(p.name) * (p.front ? 1.2 : 1);  // bold letters are wider
    struct place {
      double x, y;
      char const* anchor;
    };
    for (auto const& [px, py, anchor] :
         {place{x, y - 9, "middle"}, place{x, y + 18, "middle"}, place{x + 8, y + 4, "start"}, place{x - 8, y + 4, "end"},
          place{x + 7, y - 8, "start"}, place{x + 7, y + 16, "start"}, place{x - 7, y - 8, "end"},
          place{x - 7, y + 16, "end"}}) {
      double const left = *anchor == 's' ? px : *anchor == 'e' ? px - w : px - w / 2;
      box const text{left - 2, py - font - 2, left + w + 2, py + 5};
      bool const inside = text.left > f.x.from && text.right < f.width && text.top > f.y.to - font && text.bottom < f.y.from;
      if (!inside || std::any_of(taken.begin(), taken.end(), [&](box const& b) { return b.meets(text); })) continue;
      taken.push_back(text);
      svg += text_at(px, py, anchor, p.name, p.front ? "halo strong" : "halo");
      break;
    }
  }
  return svg;
}

std::string svg_of(point_spec const& spec, double width, double height, svg_place const& place) {
  frame f{width, height, {}, {}};
  f.x.logarithmic = f.y.logarithmic = true;
  for (auto const& p : spec.points) f.x.see(p.x), f.y.see(p.y);
  f.x.widen(.14);
  f.y.widen(.12);
  std::string svg = opening(f, place) + axes(f, spec.x_label, spec.y_label), dots;
  std::vector<double> x, y;
  for (auto const& p : spec.points) {
    if (p.front) x.push_back(p.x), y.push_back(p.y);
    dots += fmt::format("<circle class='dot {}' cx='{:.1f}' cy='{:.1f}' r='5'><title>{}: {}, {}</title></circle>",
                        p.front ? "c0" : "other", f.x.at(p.x), f.y.at(p.y), escaped(p.name), number(p.x), number(p.y));
  }
  return svg + fmt::format("<path class='line c0' d='{}'/>", path_of(f, x, y)) + dots + names_of(f, spec.points) + "</svg>";
}

std::string key_of(plot_spec const& spec) {
  auto const entries = key_entries(spec);
  if (entries.size() < 2) return {};
  std::string key = "<ul class='key'>";
  for (auto const& [kind, name] : entries) key += fmt::format("<li><i class='{}'></i>{}</li>", kind, escaped(name));
  return key + "</ul>";
}

}  // namespace

// Okabe and Ito's colours, some of them darker on white and paler on black, so that lines stand out from the page.
char const* const chart_style = R"(
:root{color-scheme:light dark;--page:#fff;--ink:#1a1f24;--soft:#58626c;--hair:#e2e6ea;
--s0:#0072b2;--s1:#d55e00;--s2:#009e73;--s3:#b8659a;--s4:#c98a00;--s5:#3fa3dd;--s6:#6b7178}
@media (prefers-color-scheme:dark){:root{--page:#14171a;--ink:#e6e9ec;--soft:#9ba5af;--hair:#2c3238;
--s0:#4aa8e8;--s1:#f0803c;--s2:#2fc79b;--s3:#dd94bd;--s4:#e9b13c;--s5:#a5d8f7;--s6:#a3abb3}}
svg{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
svg text{font-size:12px;fill:var(--soft);font-variant-numeric:tabular-nums}
svg .name,svg .strong{fill:var(--ink)}svg .strong{font-weight:600}
svg .halo{paint-order:stroke;stroke:var(--page);stroke-width:4px;stroke-linejoin:round}
.grid{stroke:var(--hair)}.tick,.axis{stroke:var(--soft)}.mark{stroke:var(--soft);stroke-dasharray:2 3}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke:var(--c)}.line.dashed{stroke-dasharray:5 4}
.bar{stroke:var(--c);stroke-width:3;stroke-linecap:round;opacity:.45}
.dot{fill:var(--c);stroke:var(--page);stroke-width:1}.hollow{fill:var(--page);stroke:var(--c);stroke-width:1.5}
.band{fill:var(--s0);opacity:.22}.other{--c:var(--s6)}
.c0{--c:var(--s0)}.c1{--c:var(--s1)}.c2{--c:var(--s2)}.c3{--c:var(--s3)}.c4{--c:var(--s4)}.c5{--c:var(--s5)}.c6{--c:var(--s6)}
.b0{opacity:.22}.b1{opacity:.4}.b2{opacity:.55}.b3{opacity:.7}
)";

double width_of(std::string_view text) { return .6 * font * static_cast<double>(text.size()); }

std::vector<std::pair<std::string, std::string>> key_entries(plot_spec const& spec) {
  std::vector<std::pair<std::string, std::string>> entries;
  std::size_t colour = 0;
  for (std::size_t s = 0; s < spec.series.size(); ++s) {
    if (s > 0 && !spec.series[s].dashed) ++colour;
    entries.emplace_back(fmt::format("c{}{}", colour % colours, spec.series[s].dashed ? " dashed" : ""), spec.series[s].name);
  }
  for (std::size_t b = 0; b < spec.bands.size(); ++b) entries.emplace_back(fmt::format("shade b{}", b), spec.bands[b].name);
  return entries;
}

std::string escaped(std::string_view text) {
  std::string html;
  for (char const c : text) {
    if (c == '&')
      html += "&amp;";
    else if (c == '<')
      html += "&lt;";
    else if (c == '>')
      html += "&gt;";
    else
      html += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return html;
}

constexpr double narrow = 330, wide = 560;

std::string picture(plot_spec const& spec) {
  return key_of(spec) + svg_of(spec, narrow, 260, {"narrow"}) + svg_of(spec, wide, 330, {"wide"});
}
std::string picture(interval_spec const& spec) { return svg_of(spec, narrow, {"narrow"}) + svg_of(spec, wide, {"wide"}); }
std::string picture(point_spec const& spec) {
  return svg_of(spec, narrow, 300, {"narrow"}) + svg_of(spec, wide, 380, {"wide"});
}

}  // namespace robagg_compare

// SPDX-License-Identifier: BSL-1.0
#include "plot.hpp"

#include "chart.hpp"
#include "write.hpp"

#include <fmt/format.h>

namespace robagg_compare {
namespace {

constexpr double width = 720, title_height = 40, key_line = 20;

// A file of its own, with what a page around it would have: the style, a title and the room for `inside`.
std::string alone(std::string const& title, double height, std::string const& inside) {
  return fmt::format(
      "<svg xmlns='http://www.w3.org/2000/svg' width='{0:.0f}' height='{1:.0f}' viewBox='0 0 {0:.0f} {1:.0f}'>"
      "<style>{2} svg .title{{font-size:16px;font-weight:600;fill:var(--ink)}}</style>"
      "<rect width='{0:.0f}' height='{1:.0f}' style='fill:var(--page)'/><text class='title' x='2' y='22'>{3}</text>{4}</svg>\n",
      width, height, chart_style, escaped(title), inside);
}

}  // namespace

std::string drawn(plot_spec const& spec) {
  constexpr double swatch = 26, gap = 18;
  double x = 2, y = title_height;
  std::string key;
  auto const entries = key_entries(spec);
  for (auto const& [kind, name] : entries) {
    if (entries.size() < 2) break;
    double const size = swatch + width_of(name) + gap;
    if (x > 2 && x + size > width) x = 2, y += key_line;
    bool const band = kind.starts_with("shade");
    key += band ? fmt::format("<rect class='{}' x='{:.0f}' y='{:.0f}' width='20' height='12' style='fill:var(--s0)'/>", kind, x,
                              y - 2)
                : fmt::format("<path class='line {}' d='M{:.0f} {:.0f}h20'/>", kind, x, y + 4);
    key += fmt::format("<text class='name' x='{:.0f}' y='{:.0f}'>{}</text>", x + swatch, y + 8, escaped(name));
    x += size;
  }
  constexpr double height = 380;
  y += entries.size() < 2 ? 0 : key_line + 6;
  return alone(spec.title, y + height, key + svg_of(spec, width, height, {"", y}));
}

std::string drawn(interval_spec const& spec) {
  constexpr std::size_t most = 60;
  auto shown = spec;
  if (shown.lines.size() > most) {
    shown.title = fmt::format("{}: the first {} of {}", spec.title, most, spec.lines.size());
    shown.lines.resize(most);
  }
  return alone(shown.title, title_height + height_of(shown), svg_of(shown, width, {"", title_height}));
}

void plot(std::filesystem::path const& svg, plot_spec const& spec) {
  output_file const file(svg);
  file.write(drawn(spec));
}

}  // namespace robagg_compare

// SPDX-License-Identifier: BSL-1.0
// Pictures as SVG: colours are names of a style, so that they follow light and dark. Written here and not by a program for
// plots, because those fix colours, fonts and the place of the key: a page for narrow and wide windows has each picture twice,
// drawn for either width, and its key as text. plot.hpp has what is drawn.
#pragma once

#include "plot.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace robagg_compare {

/// Points with names on two logarithmic axes, of which some are joined by a line.
struct point_spec {
  std::string x_label, y_label;
  struct point {
    std::string name;
    double x, y;
    bool front;  ///< on the line, from the left to the right
  };
  std::vector<point> points;
};

/// CSS for the pictures, with the colours of the page.
extern char const* const chart_style;
constexpr double font = 12;  ///< pixels
/// Sans-serif letters are narrower on average: with room to spare.
double width_of(std::string_view text);

/// Text as HTML and SVG show it.
std::string escaped(std::string_view text);

/// The class of a picture, and how far down it stands in another.
struct svg_place {
  std::string_view kind = "";
  double y = 0;
};
std::string svg_of(plot_spec const& spec, double width, double height, svg_place const& place = {});
std::string svg_of(interval_spec const& spec, double width, svg_place const& place = {});
double height_of(interval_spec const& spec);
/// Lines and bands as a key shows them: class and name.
std::vector<std::pair<std::string, std::string>> key_entries(plot_spec const& spec);

/// The picture for narrow and for wide windows, and the key of several lines before it. Throws usage_error where there is
/// nothing to draw.
std::string picture(plot_spec const& spec);
std::string picture(interval_spec const& spec);
std::string picture(point_spec const& spec);

}  // namespace robagg_compare

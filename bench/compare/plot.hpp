// SPDX-License-Identifier: BSL-1.0
// Lines, and dots with bars, as SVG files.
#pragma once

#include <robagg/core.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace robagg_compare {

struct plot_series {
  std::string name;
  std::vector<double> x, y;  ///< of equal length; where one is not finite, the line is interrupted
  bool dashed = false;       ///< in the colour of the series before it: its companion
};

struct plot_band {
  std::string name;
  std::vector<double> x, low, high;  ///< of equal length
};

struct plot_spec {
  std::string title, x_label, y_label;
  bool log_x = false;  ///< leaves out what is not above 0
  std::optional<std::pair<double, double>> y_range = {};
  std::vector<plot_series> series;
  std::vector<plot_band> bands = {};                       ///< behind the series, from the palest to the darkest
  bool log_y = false;                                      ///< leaves out what is not above 0
  std::vector<std::pair<double, std::string>> marks = {};  ///< upright lines at these x, with what they mean
};

/// A dot for each name, the first on top, and a bar where it may be.
struct interval_spec {
  std::string title, x_label;
  struct line {
    std::string name;
    double value, low, high;  ///< no bar where these are not finite
    robagg::Index group;      ///< neighbouring groups have different colours
  };
  std::vector<line> lines;  ///< at most 60 are drawn, and the title says so
};

/// The plot as an SVG of its own, light or dark as the reader's system is. Text is shown as it is. Throws usage_error where
/// there is nothing to draw.
std::string drawn(plot_spec const& spec);
/// The same, and as high as its lines need.
std::string drawn(interval_spec const& spec);

/// The same in a file, which is there whole or not at all.
void plot(std::filesystem::path const& svg, plot_spec const& spec);

}  // namespace robagg_compare

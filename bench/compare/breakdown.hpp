// SPDX-License-Identifier: BSL-1.0
// How far liars move a rule: the error of its estimate of a known centre, by how many of the rows lie.
#pragma once

#include "plot.hpp"
#include "rules.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace robagg_compare {

/// Honest rows are standard normal in each column; all liars stand at one point, that many deviations away in every column.
struct breakdown_options {
  Index rows = 25, columns = 20, repeats = 100;
  std::vector<double> distances = {.5, 1, 2, 4, 8, 1e4};
  std::uint64_t seed = 1;
};
void check(breakdown_options const& options);

struct breakdown_result {
  struct point {
    Index liars = 0;
    double error = 0, spread = 0, distance = 0;  ///< root mean square over columns at the worst distance; over tables
  };
  struct line {
    std::string rule;
    Index limit = -1;           ///< liars that it withstands in theory; below 0: not known here
    std::vector<point> points;  ///< as far as it accepts so many
    /// No farther away than the honest rows are from their centre, up to the limit; the worst error up to it.
    double worst_within = 0;
  };
  breakdown_options options;
  std::vector<line> lines;
};

/// Those that are compared unless others are named: few enough for one picture, and those that were added.
std::vector<rule> breakdown_rules();
breakdown_result compare_breakdown(breakdown_options const& options, std::vector<rule> const& rules);

std::string as_text(breakdown_result const& result);
nlohmann::ordered_json as_json(breakdown_result const& result);
std::string as_csv(breakdown_result const& result);
plot_spec as_plot(breakdown_result const& result);

}  // namespace robagg_compare

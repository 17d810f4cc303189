// SPDX-License-Identifier: BSL-1.0
// What several commands do with their numbers.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>
#include <vector>

namespace robagg_compare {

/// An index of Eigen's as one of the standard library's.
inline std::size_t at(auto i) { return static_cast<std::size_t>(i); }

inline double mean_of(std::vector<double> const& values) {
  return std::accumulate(values.begin(), values.end(), 0.) / static_cast<double>(values.size());
}
/// The standard deviation of one run.
inline double spread_of(std::vector<double> const& values) {
  double const mean = mean_of(values);
  double sum = 0;
  for (double const x : values) sum += (x - mean) * (x - mean);
  return values.size() < 2 ? 0 : std::sqrt(sum / static_cast<double>(values.size() - 1));
}

inline std::string percent(double share) { return share > 0.9995 ? "100" : fmt::format("{:.1f}", 100 * share); }

}  // namespace robagg_compare

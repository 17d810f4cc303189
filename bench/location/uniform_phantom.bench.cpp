// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

#include <algorithm>

using namespace robagg_bench;

// The median of the reports and of as many phantoms and one.
static matrix beside_phantoms(matrix const& x, double low, double high) {
  matrix y(1, x.cols());
  std::vector<double> all(static_cast<std::size_t>(2 * x.rows() + 1));
  for (Index c = 0; c < x.cols(); ++c) {
    for (Index i = 0; i < x.rows(); ++i) all[static_cast<std::size_t>(i)] = std::clamp(x(i, c), low, high);
    for (Index k = 0; k <= x.rows(); ++k) {
      all[static_cast<std::size_t>(x.rows() + k)] = low + (high - low) * static_cast<double>(k) / static_cast<double>(x.rows());
    }
    std::sort(all.begin(), all.end());
    y(0, c) = all[static_cast<std::size_t>(x.rows())];
  }
  return y;
}

static bool const registered = add_columns(
    "uniform_phantom", [](Index) { return robagg::uniform_phantom{-3, 3}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, beside_phantoms(x, -3, 3), tolerance);
    });

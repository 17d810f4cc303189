// SPDX-License-Identifier: BSL-1.0
// What the tests of fitted weights share: forecasts of the past and their outcomes.
#pragma once

#include "../laws.hpp"

namespace robagg_test {

struct forecast_history {
  Index n, p, r;
  matrix q;  // n p x r
  std::vector<double> y, levels, c;
  auto tables() const { return robagg::cube(q, n); }
};
// Some models copy others, say a constant, are far off, or live at another offset.
inline forecast_history history(std::uint64_t seed, Index n, Index p, Index r, int stress) {
  numbers random(seed);
  forecast_history h{n, p, r, matrix(n * p, r), {}, {}, {}};
  double const offset = stress == 1 ? 1e7 : 0;
  for (Index k = 0; k < r; ++k) h.levels.push_back((static_cast<double>(k) + 1) / (static_cast<double>(r) + 1));
  for (Index i = 0; i < n; ++i) {
    h.y.push_back(offset + random.gauss());
    h.c.push_back(stress == 2 ? static_cast<double>(random.below(3)) : 1);
    for (Index j = 0; j < p; ++j) {
      double const middle = h.y.back() + random.gauss() * (1 + static_cast<double>(j) / 2);
      for (Index k = 0; k < r; ++k)
        h.q(i * p + j, k) = middle + (h.levels[static_cast<std::size_t>(k)] - .5) * (1 + random.uniform() * .01);
      if (stress == 3 && j > 0) h.q.row(i * p + j) = h.q.row(i * p);
      if (stress == 4 && j == 0) h.q.row(i * p).setConstant(3);
      if (stress == 5 && random.uniform() < .05) h.q.row(i * p + j) *= 1e6;
    }
  }
  return h;
}

}  // namespace robagg_test

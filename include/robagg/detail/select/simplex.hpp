// SPDX-License-Identifier: BSL-1.0
// Points of the simplex: numbers >= 0 of a given sum.
#pragma once

#include "../base/config.hpp"

#include <algorithm>
#include <functional>  // std::greater

namespace robagg::inline ROBAGG_ABI::detail {

// v becomes the nearest point of the simplex; sorted has room for n.
inline void project_on_simplex(double* v, Index n, double radius, double* sorted) {
  double const largest = *std::max_element(v, v + n);
  Index near = 0;  // what is a radius below the largest becomes 0
  for (Index k = 0; k < n; ++k) {
    v[k] -= largest;
    if (v[k] > -radius) sorted[near++] = v[k];
  }
  std::sort(sorted, sorted + near, std::greater<>{});
  double sum = 0, shift = 0;
  for (Index k = 0; k < near; ++k) {
    sum += sorted[k];
    double const next = (radius - sum) / static_cast<double>(k + 1);
    if (!(sorted[k] + next > 0)) break;
    shift = next;
  }
  for (Index k = 0; k < n; ++k) v[k] = std::max(v[k] + shift, 0.);
}

}  // namespace robagg::inline ROBAGG_ABI::detail

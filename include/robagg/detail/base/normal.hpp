// SPDX-License-Identifier: BSL-1.0
// The standard normal distribution and its inverse.
#pragma once

#include "config.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI::detail {

inline double normal_probability(double x) { return .5 * std::erfc(-x / 1.4142135623730951); }

// The x that a standard normal variable stays below with probability p in (0, 1). Left of 0 its distribution is
// convex, so that Newton's steps from 0 come down to x and never pass it, but for rounding.
inline double normal_quantile(double p) {
  if (p > .5) return -normal_quantile(1 - p);
  for (double x = 0;;) {
    double const density = std::exp(-.5 * x * x) / 2.5066282746310002;
    double const next = x - (normal_probability(x) - p) / density;
    if (!(next < x)) return x;
    x = next;
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// Rows seen from the origin as directions.
#pragma once

#include "geometry.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI::detail {

// Does row i have a direction? Its distance to the origin is neither 0 nor infinite.
inline bool has_direction(geometry const& g, Index i) { return g.norm(i) > 0 && g.norm(i) < infinity; }

// The cosine of the angle between two rows with directions. The inner product about the origin comes from the distances
// or from the products about the pivot: from whichever are smaller, since their differences lose fewer digits. In
// quarters, so that no sum overflows.
inline double cosine(geometry const& g, Index i, Index k) {
  Index const o = g.origin();
  double const to_i = .25 * g.squared_distance(i, o), to_k = .25 * g.squared_distance(k, o);
  double const apart = .25 * g.squared_distance(i, k), both = .25 * g.inner(i, k);
  double const own_i = .25 * g.inner(i, o), own_k = .25 * g.inner(k, o), own = .25 * g.inner(o, o);
  bool const near = to_i + to_k <= std::abs(both) + std::abs(own_i) + std::abs(own_k) + std::abs(own);
  double const quarter = near ? .5 * (to_i + to_k - apart) : (both - own_i) - (own_k - own);
  return std::clamp(4 * (quarter / g.norm(i) / g.norm(k)), -1., 1.);
}

}  // namespace robagg::inline ROBAGG_ABI::detail

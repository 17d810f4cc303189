// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../scores.hpp"
#include "detail/forecasts.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The share of outcomes that are in their intervals [lower, upper], bounds included; NaN is in none.
///
/// Errors     bounds and outcomes of different lengths; no intervals.      Source  definition.
struct interval_coverage {
  static constexpr void parameters(auto&, auto) {}
  template <class L, class U, class Y>
  double operator()(L const& lower, U const& upper, Y const& y) const {
    Index const n = detail::check_intervals(*this, lower, upper, y);
    Index inside = 0;
    for (Index i = 0; i < n; ++i) {
      auto const outcome = detail::score_at(y, i);
      inside += detail::score_at(lower, i) <= outcome && outcome <= detail::score_at(upper, i);
    }
    return static_cast<double>(inside) / static_cast<double>(n);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

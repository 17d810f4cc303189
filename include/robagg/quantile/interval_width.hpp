// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../scores.hpp"
#include "detail/forecasts.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The mean width of intervals: of two that cover alike, the narrower says more.
///
/// Errors     bounds of different lengths; no intervals.      NaN  propagates.      Source  definition.
struct interval_width {
  static constexpr void parameters(auto&, auto) {}
  template <class L, class U>
  double operator()(L const& lower, U const& upper) const {
    Index const n = detail::check_intervals(*this, lower, upper, upper);
    double sum = 0;
    for (Index i = 0; i < n; ++i)
      sum += static_cast<double>(detail::score_at(upper, i)) - static_cast<double>(detail::score_at(lower, i));
    return sum / static_cast<double>(n);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

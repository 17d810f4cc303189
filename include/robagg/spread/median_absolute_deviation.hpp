// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"
#include "../detail/columns/robust.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The median of the distances between the reports and their median, column by column, times `scale`: 1 is the raw one, 1.4826
/// makes it the standard deviation of normal reports.
///
/// Shapes     n x d reports -> d.           Ranges  scale > 0.
/// Errors     scale not positive or not finite; n = 0.
/// Guarantee  at most the largest distance between two honest reports (times scale) while at most (n-1)/2 rows lie, rounded
///            down; 0 where more than half agree.
/// Cost       one read of the table, O(d n log^2 n); one pass over a column in cache.
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column without values). Where the median is infinite: NaN.
/// Weights    weighted medians.               Ties  irrelevant: equal values are equal.
/// Source     Hampel, The influence curve and its role in robust estimation, 1974.
/// Example    examples/stack_images.cpp
struct median_absolute_deviation {
  static constexpr detail::kernel_number<median_absolute_deviation> kernel{23};
  double scale = 1;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) { visit("scale", op.scale); }

  void check(Index) const {
    if (!(scale > 0 && std::isfinite(scale))) detail::refuse(*this, "needs a finite scale > 0", {{"scale", scale}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  detail::rank_range wanted(Index n) const { return {0, n}; }
  auto reduce(auto const& x, auto const&... weights) const {
    return detail::in_doubles(
        x, [this](auto const& column, auto const& w) { return detail::absolute_deviation(column, w, scale); }, weights...);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"
#include "../detail/columns/cuts.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Drops a share `low` of the smallest and a share `high` of the largest reports of each column and averages the rest. Where a
/// share ends inside a report, that one counts in part: of ten, low = .25 drops two, and half of the third.
///
/// Shapes     n x d reports -> d.           Ranges  low >= 0, high >= 0, low + high < 1: shares of what is present.
/// Errors     a share out of range or NaN; n = 0.
/// Guarantee  stays between the smallest and the largest honest report while at most min(low n, high n) rows lie
///            (rounded down).
/// Cost       one read of the table, O(d n log^2 n); in registers up to 32 rows.
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column without values).
/// Weights    the shares are of the weight, the row at the edge in part.
/// Ties       irrelevant: equal values are equal.
/// Source     Tukey, The future of data analysis, 1962.
/// Example    examples/stack_images.cpp
struct trimmed_mean_by_share {
  static constexpr detail::kernel_number<trimmed_mean_by_share> kernel{14};
  required<real, "low"> low;    ///< of the smallest
  required<real, "high"> high;  ///< of the largest

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) { visit("low", op.low), visit("high", op.high); }

  void check(Index) const { detail::check_shares(*this, low, high); }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  static constexpr bool any_order = true;  // within the ranks that are kept
  detail::rank_range wanted(Index n) const {
    return detail::ranks_between(detail::cut_shares(low, high)(detail::even_weights<double>{n}), n);
  }
  auto reduce(auto const& x, auto const&... w) const {
    return detail::cut_mean<detail::cut_off::goes>(x, detail::cut_shares(low, high), w...);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

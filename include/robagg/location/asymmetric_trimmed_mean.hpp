// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"
#include "../detail/columns/cuts.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Drops the `low` smallest and the `high` largest reports of each column and averages the rest: where liars are known to send
/// large values only, or more of them.
///
/// Shapes     n x d reports -> d.           Ranges  low >= 0, high >= 0.
/// Errors     needs n > low + high; with weights, a total above W_low + W_high (below).
/// Guarantee  stays between the smallest and the largest honest report while at most `low` rows lie below them and at most
///            `high` above: whatever they send, while at most min(low, high) rows lie.
/// Cost       one read of the table, O(d n log^2 n); in registers up to 32 rows.
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column with too few left).
/// Weights    the low side loses W_low, the weight of the `low` heaviest rows, the high side W_high, the row at the edge in
///            part.
/// Ties       irrelevant: equal values are equal.
/// Source     definition.
/// Example    examples/stack_images.cpp
struct asymmetric_trimmed_mean {
  static constexpr detail::kernel_number<asymmetric_trimmed_mean> kernel{15};
  required<count, "low"> low;    ///< how many of the smallest are dropped
  required<count, "high"> high;  ///< and of the largest

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) { visit("low", op.low), visit("high", op.high); }

  void check(Index n) const {
    if (low < 0 || high < 0) detail::refuse(*this, "needs low >= 0 and high >= 0", {{"low", low}, {"high", high}});
    if (!enough(n)) detail::refuse(*this, "needs n > low + high", {{"n", n}, {"low", low}, {"high", high}});
  }
  void check(detail::weight_table const& w) const {
    double const cut = w.heaviest(low) + w.heaviest(high);
    if (!(w.total - cut > w.slack(w.total, w.lightest()))) {
      detail::refuse(*this, "needs more weight than the `low` and the `high` heaviest rows have together",
                     {{"low", low}, {"high", high}, {"their share of the weight", cut / w.total}});
    }
  }
  bool enough(Index m) const { return low < m && high < m - low; }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  static constexpr bool any_order = true;  // within the ranks that are kept
  detail::rank_range wanted(Index n) const { return {low, n - high}; }
  auto reduce(auto const& x, auto const&... w) const {
    return detail::cut_mean<detail::cut_off::goes>(x, detail::cut_rows(low, high), w...);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../location/quantile.hpp"

namespace robagg::inline ROBAGG_ABI {

/// From the `low`-quantile of each column up to its `high`-quantile: the interquartile range, as it stands.
///
/// Shapes     n x d reports -> d.           Ranges  0 <= low <= high <= 1.
/// Errors     a share out of range or NaN; n = 0; weights as for quantile.
/// Guarantee  at most the largest distance between two honest reports while at most min(ceil(n low), ceil(n (1 - high))) - 1
///            rows lie.
/// Cost       one read of the table, O(d n log^2 n).
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column without values). NaN where both quantiles are
///            infinite.
/// Weights    quantiles by cumulated weight.   Ties  irrelevant: equal values are equal.
/// Source     definition; `.rule` as for quantile.
/// Example    examples/stack_images.cpp
struct quantile_range {
  static constexpr detail::kernel_number<quantile_range> kernel{24};
  double low = .25, high = .75;
  quantile_rule rule = quantile_rule::averaged;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) {
    visit("low", op.low), visit("high", op.high), visit("rule", op.rule);
  }

  void check(Index) const {
    if (!(low >= 0 && low <= high && high <= 1)) {
      detail::refuse(*this, "needs 0 <= low <= high <= 1", {{"low", low}, {"high", high}});
    }
  }
  void check_weighted() const { detail::check_cumulates(*this, rule); }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  detail::rank_range wanted(Index n) const { return {lower().wanted(n).first, upper().wanted(n).last}; }
  template <class X>
  auto reduce(X const& x, auto const&... w) const {
    using V = typename X::packet_type;
    return V(detail::quantile_of(upper(), x, w...) - detail::quantile_of(lower(), x, w...));
  }

 private:
  quantile lower() const { return {.p = low, .rule = rule}; }
  quantile upper() const { return {.p = high, .rule = rule}; }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "detail/repair.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Repairs crossing quantiles by sorting every row.
///
/// Shapes     n forecasts x d levels, ascending -> n x d.
/// Ranges     min_gap >= 0, in the forecasts' units: neighbours that are closer once they are sorted are moved apart to it, as
///            little as possible in least squares.
/// Errors     min_gap negative or not finite; n = 0.
/// Guarantee  no row's pinball loss, and no weighted interval score, is larger than before (min_gap 0), whatever the outcome.
///            Running maxima and sweeps from the median, which others offer, can worsen both.
/// Cost       one read; O(n d log d), O(n d) for rows that are sorted.
/// NaN        stays where it is; the others are sorted among their places.   Weights  rows keep theirs.   Ties  none.
/// Source     Chernozhukov, Fernandez-Val and Galichon, 2010.                Example  examples/quantile_ensemble.cpp
struct rearrange {
  double min_gap = 0;

  static constexpr bool keeps_rows = true;
  static constexpr int reads = detail::has_weights;
  static constexpr void parameters(auto& op, auto visit) { visit("min_gap", op.min_gap); }
  void check(Index) const { detail::check_gap(*this, min_gap); }
  Index rows(Index n) const { return n; }
  void into(any_reports auto const& r, auto&& out, workspace& ws) const {
    detail::check_table(*this, r);
    detail::need(*this, scratch(r), ws);
    auto const scope = ws.scope();
    auto* const pools = ws.take<detail::pool>(r.cols());
    detail::repair_rows(*this, r, min_gap, out, ws, [&](double* x, Index n) {
      std::sort(x, x + n);
      if (min_gap > 0) detail::ascend(x, n, min_gap, pools, [](Index) { return 1.; });
    });
  }
  std::size_t scratch(auto const& r) const {
    return workspace::room<detail::pool>(r.cols()) + 2 * workspace::room<double>(r.cols());
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "detail/repair.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Repairs crossing quantiles by isotonic regression: every row becomes the nearest one, in least squares, that never falls.
///
/// Shapes     n forecasts x d levels, ascending -> n x d.
/// Ranges     weights of the levels > 0 and finite, one a column, or none: even; min_gap >= 0, in the forecasts' units.
/// Errors     another number of weights, or one out of range; min_gap negative or not finite; n = 0.
/// Guarantee  no row's pinball loss is larger than before (even weights, min_gap 0). Neither this nor `rearrange` is always the
///            better one.
/// Cost       one read, O(n d): pool adjacent violators.
/// NaN        stays where it is; the others are repaired among their places.   Weights  rows keep theirs.   Ties  none.
/// Source     Ayer et al., 1955.                                               Example  examples/quantile_ensemble.cpp
struct isotonic {
  list<double> weights = {};
  double min_gap = 0;

  static constexpr bool keeps_rows = true;
  static constexpr int reads = detail::has_weights;
  static constexpr void parameters(auto& op, auto visit) { visit("weights", op.weights), visit("min_gap", op.min_gap); }
  void check(Index) const {
    detail::check_gap(*this, min_gap);
    for (Index k = 0; k < weights.size(); ++k) {
      if (!(weights[k] > 0) || !std::isfinite(weights[k]))
        detail::refuse(*this, "needs finite weights > 0", {{"column", k}, {"weight", weights[k]}});
    }
  }
  Index rows(Index n) const { return n; }
  void into(any_reports auto const& r, auto&& out, workspace& ws) const {
    detail::check_table(*this, r);
    Index const d = r.cols();
    if (!weights.empty() && weights.size() != d)
      detail::refuse(*this, "needs a weight for each column", {{"weights", weights.size()}, {"d", d}});
    detail::need(*this, scratch(r), ws);
    auto const scope = ws.scope();
    auto* const pools = ws.take<detail::pool>(d);
    detail::repair_rows(*this, r, min_gap, out, ws, [&](double* x, Index n) {
      // Weights of columns mean nothing once some are missing.
      bool const weighted = n == weights.size();
      detail::ascend(x, n, min_gap, pools, [&](Index k) { return weighted ? weights[k] : 1; });
    });
  }
  std::size_t scratch(auto const& r) const {
    return workspace::room<detail::pool>(r.cols()) + 2 * workspace::room<double>(r.cols());
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};

}  // namespace robagg::inline ROBAGG_ABI

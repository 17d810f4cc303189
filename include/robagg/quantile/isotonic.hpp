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
/// Cost       one read, O(n d): pool adjacent violators. Short rows of floats, many at a time (even weights, min_gap 0).
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
    using T = detail::wide_of<decltype(r)>;
    auto* const pools = ws.take<detail::pool>(d);
    auto const one_row = [&](double* x, Index n) {
      // Weights of columns mean nothing once some are missing.
      bool const weighted = n == weights.size();
      detail::ascend(x, n, min_gap, pools, [&](Index k) { return weighted ? weights[k] : 1; });
    };
    if constexpr (packets_of<T>) {
      using V = detail::packet<T>;
      Index const most = most_in_packets<T>(), short_rows = std::min(d, most);
      double* const inverse = ws.take<double>(most > 0 ? short_rows + 1 : 0);
      for (Index k = 1; k <= short_rows; ++k) inverse[k] = 1 / static_cast<double>(k);
      auto* const wide = ws.take<detail::doubles<V>>(2 * short_rows);
      auto const columns = [&](T* x, Index stride) {
        for (Index p = 0; p < detail::block_packets<T>; ++p)
          detail::ascend_packets<V>(x + p * detail::lanes<T>, d, stride, inverse, wide);
        return std::pair<T const*, Index>(x, stride);
      };
      detail::repair_rows(*this, r, min_gap, out, ws, one_row, detail::in_packets{columns, most, true});
    } else {
      detail::repair_rows(*this, r, min_gap, out, ws, one_row);
    }
  }
  std::size_t scratch(auto const& r) const {
    using T = detail::wide_of<decltype(r)>;
    using D = detail::doubles<detail::packet<T>>;
    Index const d = r.cols(), most = most_in_packets<T>(), wide = std::min(d, most);
    return workspace::room<detail::pool>(d) + workspace::room<double>(most > 0 ? wide + 1 : 0) + workspace::room<D>(2 * wide) +
           detail::repair_scratch<T>(d, most);
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

 private:
  template <class T>
  static constexpr bool packets_of = std::same_as<T, float> && detail::lanes<T> > 1;
  template <class T>
  Index most_in_packets() const {
    return packets_of<T> && min_gap == 0 && weights.empty() ? 16 * detail::lanes<T> : 0;  // O(d^2) there
  }
};

}  // namespace robagg::inline ROBAGG_ABI

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
/// Cost       one read; O(n d log d), O(n d) for rows that are sorted. Rows of up to 1,024 values without NaN are sorted
///            many at a time (min_gap 0).
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
    using T = detail::wide_of<decltype(r)>;
    Index const d = r.cols();
    Index const most = most_in_packets<T>(), sorted = std::min(d, most);
    auto* const pools = ws.take<detail::pool>(min_gap > 0 ? d : 0);
    auto** const columns = ws.take<T const*>(sorted);
    detail::column_sorter<T> sorter(sorted, {0, sorted}, detail::block_rows<T>, ws);
    auto const sort_columns = [&](T* x, Index stride) {
      for (Index k = 0; k < d; ++k) columns[k] = x + k * stride;
      auto const ranks = sorter({.rows = columns, .offset = 0, .packets = detail::block_packets<T>, .to = x, .stride = stride});
      return std::pair(ranks.values, ranks.stride);
    };
    detail::repair_rows(
        *this, r, min_gap, out, ws,
        [&](double* x, Index n) {
          std::sort(x, x + n);
          if (min_gap > 0) detail::ascend(x, n, min_gap, pools, [](Index) { return 1.; });
        },
        detail::in_packets{sort_columns, most, false});
  }
  std::size_t scratch(auto const& r) const {
    using T = detail::wide_of<decltype(r)>;
    Index const d = r.cols(), most = most_in_packets<T>(), sorted = std::min(d, most);
    return workspace::room<detail::pool>(min_gap > 0 ? d : 0) + workspace::room<T const*>(sorted) +
           detail::column_sorter<T>::scratch(sorted, detail::block_rows<T>) + detail::repair_scratch<T>(d, most);
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

 private:
  // Longer rows leave the first levels of cache.
  template <class T>
  Index most_in_packets() const {
    return min_gap == 0 && detail::lanes<T> > 1 ? 1024 : 0;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

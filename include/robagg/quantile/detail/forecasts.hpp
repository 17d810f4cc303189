// SPDX-License-Identifier: BSL-1.0
// What forecasts and their outcomes may get wrong.
#pragma once

#include "../../core.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

template <class Op, class Q, class Y>
void check_forecasts(Op const& op, Q const& q, Y const& y, list<double> levels) {
  if (static_cast<Index>(y.size()) != q.rows())
    refuse(op, "needs an outcome for each row", {{"rows", q.rows()}, {"outcomes", static_cast<Index>(y.size())}});
  if (levels.size() != q.cols() || levels.empty())
    refuse(op, "needs a level for each column", {{"levels", levels.size()}, {"columns", q.cols()}});
  for (Index k = 0; k < levels.size(); ++k) {
    if (!(levels[k] > 0 && levels[k] < 1)) refuse(op, "needs levels in (0, 1)", {{"column", k}, {"level", levels[k]}});
  }
}
template <class Op, class L, class U, class Y>
Index check_intervals(Op const& op, L const& lower, U const& upper, Y const& y) {
  auto const n = static_cast<Index>(y.size()), low = static_cast<Index>(lower.size()), high = static_cast<Index>(upper.size());
  if (n < 1 || low != n || high != n)
    refuse(op, "needs as many bounds as outcomes, and one at least", {{"lower", low}, {"upper", high}, {"outcomes", n}});
  return n;
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// What repairs of crossing quantiles share: rows, their numbers without NaN, gaps.
#pragma once

#include "combine.hpp"

#include <algorithm>
#include <cmath>

namespace robagg::inline ROBAGG_ABI::detail {

template <class Op>
void check_gap(Op const& op, double gap) {
  if (!(gap >= 0) || !std::isfinite(gap)) refuse(op, "needs a finite min_gap >= 0", {{"min_gap", gap}});
}

// repair(x, n) makes n numbers ascend; rows that do are left alone.
template <class Op, class R, class Out>
void repair_rows(Op const& op, R const& r, double gap, Out& out, workspace& ws, auto const& repair) {
  ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
  detail::enter(op, r);
  using T = wide_of<R>;
  auto&& x = detail::readable(detail::plain_of(r));
  Index const n = x.rows(), d = x.cols();
  detail::fit_table(out, n, d);
  auto const scope = ws.scope();
  T* const row = ws.take<T>(d);
  double* const numbers = ws.take<double>(d);
  for (Index i = 0; i < n; ++i) {
    detail::read_row(x, i, 0, d, row);
    int bad = 0;
    for (Index k = 1; k < d; ++k) bad |= int(!(row[k] >= row[k - 1] + static_cast<T>(gap)));
    if (bad != 0) {
      Index m = 0;
      for (Index k = 0; k < d; ++k) {
        if (row[k] == row[k]) numbers[m] = static_cast<double>(row[k]) - gap * static_cast<double>(m), ++m;
      }
      repair(numbers, m);
      for (Index k = 0, at = 0; k < d; ++k) {
        if (row[k] == row[k]) row[k] = static_cast<T>(numbers[at] + gap * static_cast<double>(at)), ++at;
      }
    }
    auto to = out.row(i);
    detail::store(to, 0, row, d);
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// What repairs of crossing quantiles share: rows, their numbers without NaN, gaps.
#pragma once

#include "../../detail/columns/engine.hpp"
#include "../../detail/geometry/combine.hpp"

#include <algorithm>
#include <cmath>

namespace robagg::inline ROBAGG_ABI::detail {

template <class Op>
void check_gap(Op const& op, double gap) {
  if (!(gap >= 0) || !std::isfinite(gap)) refuse(op, "needs a finite min_gap >= 0", {{"min_gap", gap}});
}

// Copies d values; does every one reach the one before it and the gap? The last packet may cover what the one before it did.
template <class T>
bool copy_ascending(T const* from, T* to, Index d, T gap) {
  using V = packet<T>;
  constexpr Index L = lanes<T>;
  if (d <= L) {
    bool falls = false;
    for (Index k = 0; k < d; ++k) to[k] = from[k] + T(0);
    for (Index k = 1; k < d; ++k) falls |= !(to[k] >= to[k - 1] + gap);
    return !falls;
  }
  V const zero{}, least = detail::all<V>(gap);
  bool falls = false;
  auto const part = [&](Index k) {  // d > L: one more value is always there
    V const x = detail::load<V>(from + k), next = detail::load<V>(from + k + 1);
    falls |= detail::any(!(next >= x + least));
    detail::store<V>(to + k, V(x + zero));
  };
  for (Index k = 0; k < d - 1 - L; k += L) part(k);
  part(d - 1 - L);
  to[d - 1] = from[d - 1] + T(0);
  return !falls;
}

// Numbers that are pooled: their mean, the sum of their weights, and how many they are.
struct pool {
  double mean, weight;
  Index size;
};
// The nearest numbers, in least squares, to x[0 .. n) of which each is at least `gap` above the one before it; weight(k) is
// that of x[k]. Pool adjacent violators, on x[k] - k gap.
void ascend(double* x, Index n, double gap, pool* pools, auto const& weight) {
  Index count = 0;
  for (Index k = 0; k < n; ++k) {
    pool next{x[k] - gap * static_cast<double>(k), weight(k), 1};
    for (; count > 0 && !(pools[count - 1].mean < next.mean); --count) {
      pool const& last = pools[count - 1];
      double const together = last.weight + next.weight;
      if (last.mean != next.mean) next.mean = last.mean + (next.mean - last.mean) * (next.weight / together);
      next.weight = together, next.size += last.size;
    }
    pools[count++] = next;
  }
  Index at = 0;
  for (Index b = 0; b < count; ++b) {
    for (Index k = 0; k < pools[b].size; ++k, ++at) x[at] = pools[b].mean + gap * static_cast<double>(at);
  }
}

// repair(x, n) makes n numbers ascend by `gap` or more; rows that do are left alone.
template <class Op, class R, class Out>
void repair_rows(Op const& op, R const& r, double gap, Out& out, workspace& ws, auto const& repair) {
  ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
  auto&& entered = detail::enter(op, r);
  detail::need(op, 2 * workspace::room<double>(r.cols()), ws);
  using T = wide_of<R>;
  auto const& x = detail::plain_of(entered);
  Index const n = x.rows(), d = x.cols();
  detail::fit_table(op, out, n, d);
  auto const scope = ws.scope();
  T* const scratch = ws.take<T>(d);
  double* const numbers = ws.take<double>(d);
  for (Index i = 0; i < n; ++i) {
    T* row = scratch;
    T const* const from = detail::row_piece(x, i, 0, d, scratch);
    bool direct = false;
    if constexpr (stores_rows<Out, T>) {
      direct = out.innerStride() == 1;
      if (direct) row = out.data() + i * out.outerStride();
    }
    if (!copy_ascending(from, row, d, static_cast<T>(gap))) {
      Index m = 0;
      for (Index k = 0; k < d; ++k) {
        if (row[k] == row[k]) numbers[m++] = static_cast<double>(row[k]);
      }
      repair(numbers, m);
      for (Index k = 0, at = 0; k < d; ++k) {
        if (row[k] == row[k]) row[k] = static_cast<T>(numbers[at++]);
      }
    }
    if (direct) continue;
    auto to = out.row(i);
    detail::store(to, 0, row, d);
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

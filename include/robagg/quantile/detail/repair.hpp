// SPDX-License-Identifier: BSL-1.0
// What repairs of crossing quantiles share: rows, their numbers without NaN, gaps.
#pragma once

#include "../../detail/columns/engine.hpp"
#include "../../detail/geometry/combine.hpp"
#include "row_block.hpp"

#include <algorithm>
#include <cmath>

namespace robagg::inline ROBAGG_ABI::detail {

template <class Op>
void check_gap(Op const& op, double gap) {
  if (!(gap >= 0) || !std::isfinite(gap)) refuse(op, "needs a finite min_gap >= 0", {{"min_gap", gap}});
}

// Copies d values; does every one reach the one before it and the gap? V by V, for more than V holds: the last may cover what
// the one before it did.
template <class V>
bool copy_ascending_by(lane_of<V> const* from, lane_of<V>* to, Index d, lane_of<V> gap) {
  constexpr Index L = lanes_of<V>;
  V const zero{}, least = detail::all<V>(gap);
  bool falls = false;
  auto const part = [&](Index k) {  // one more value is always there
    V const x = detail::load<V>(from + k), next = detail::load<V>(from + k + 1);
    falls |= detail::any(!(next >= x + least));
    detail::store<V>(to + k, V(x + zero));
  };
  for (Index k = 0; k < d - 1 - L; k += L) part(k);
  part(d - 1 - L);
  to[d - 1] = from[d - 1] + lane_of<V>(0);
  return !falls;
}
template <class T>
bool copy_ascending(T const* from, T* to, Index d, T gap) {
  if (d > lanes<T>) return detail::copy_ascending_by<packet<T>>(from, to, d, gap);
#if ROBAGG_PACKETS
  if (d > quad<T>) return detail::copy_ascending_by<typename vector_of<T, 16>::type>(from, to, d, gap);
#endif
  bool falls = false;
  for (Index k = 0; k < d; ++k) to[k] = from[k] + T(0);
  for (Index k = 1; k < d; ++k) falls |= !(to[k] >= to[k - 1] + gap);
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
      next.weight = together;
      next.size += last.size;
    }
    pools[count++] = next;
  }
  Index at = 0;
  for (Index b = 0; b < count; ++b) {
    for (Index k = 0; k < pools[b].size; ++k, ++at) x[at] = pools[b].mean + gap * static_cast<double>(at);
  }
}

// The same of even weights and no gap for columns of d floats, `stride` apart, a packet at a time: the highest mean v[j] of
// x[i .. j], over i, is where a last value x[j] ends up, and what is before it is at most that: the result is the lowest of
// v[k], v[k + 1], ... Sums of floats are formed in double; inverse[m] is 1 / m, `wide` scratch for 2 d packets.
template <class V>
EIGEN_DONT_INLINE void ascend_packets(float* x, Index d, Index stride, double const* inverse, doubles<V>* wide) {
  using D = doubles<V>;
  D* const highest = wide + d;
  for (Index j = 0; j < d; ++j) wide[j] = detail::widen(detail::load<V>(x + j * stride));
  Index j = d % 2;
  if (j > 0) highest[0] = wide[0];
  for (; j < d; j += 2) {  // two at a time: the second one's sums do not wait for those of the first
    D sum = wide[j], after = wide[j + 1], most = sum, most_after = after;
    after = after + sum;
    most_after = detail::upper(most_after, .5 * after);
    for (Index i = j - 1; i >= 0; --i) {
      D const before = wide[i];
      sum = sum + before;
      after = after + before;
      most = detail::upper(most, inverse[j - i + 1] * sum);
      most_after = detail::upper(most_after, inverse[j - i + 2] * after);
    }
    highest[j] = most;
    highest[j + 1] = most_after;
  }
  for (Index k = d - 1; k >= 0; --k) {
    if (k + 1 < d) highest[k] = detail::lower(highest[k + 1], highest[k]);
    detail::store<V>(x + k * stride, detail::narrow<V>(highest[k]));
  }
}

// For repair_rows: how rows are repaired one at a time.
struct one_at_a_time {
  static constexpr Index most = 0;
  static constexpr bool finite = false;
};
// Or in packets: `repair` as in row_block, for rows of up to `most` values.
template <class Repair>
struct in_packets {
  Repair repair;
  Index most;
  bool finite;
};
template <class Repair>
in_packets(Repair, Index, bool) -> in_packets<Repair>;

// repair(x, n) makes n numbers ascend by `gap` or more; rows that do are left alone.
template <class Op, class R, class Out, class Blocks = one_at_a_time>
void repair_rows(Op const& op, R const& r, double gap, Out& out, workspace& ws, auto const& repair, Blocks const& blocks = {}) {
  ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
  auto&& entered = detail::enter(op, r);
  using T = wide_of<R>;
  auto const& x = detail::plain_of(entered);
  Index const n = x.rows(), d = x.cols();
  detail::fit_table(op, out, n, d);
  auto const scope = ws.scope();
  bool direct = false;  // rows are written where they belong
  if constexpr (stores_rows<Out, T>) direct = out.innerStride() == 1;
  Index const waiting = std::min(d, blocks.most);  // longer rows take no less
  T* const scratch = ws.take<T>(waiting * block_rows<T> + d);
  double* const numbers = ws.take<double>(d);
  row_block<T> block(waiting, blocks.finite, ws);
  auto const repair_row = [&](T* row) {
    Index m = 0;
    for (Index k = 0; k < d; ++k) {
      if (row[k] == row[k]) numbers[m++] = static_cast<double>(row[k]);
    }
    repair(numbers, m);
    for (Index k = 0, at = 0; k < d; ++k) {
      if (row[k] == row[k]) row[k] = static_cast<T>(numbers[at++]);
    }
  };
  auto const done = [&](T* row, Index i) {
    if (direct) return;
    auto to = out.row(i);
    detail::store(to, 0, row, d);
  };
  auto const flush = [&] {
    if constexpr (!std::is_same_v<Blocks, one_at_a_time>) block.flush(blocks, repair_row, done);
  };
  for (Index i = 0; i < n; ++i) {
    T* row = scratch + block.size() * d;
    T const* const from = detail::row_piece(x, i, 0, d, row);
    if constexpr (stores_rows<Out, T>) {
      if (direct) row = out.data() + i * out.outerStride();
    }
    if (!detail::copy_ascending(from, row, d, static_cast<T>(gap))) {
      if (d <= blocks.most) {
        block.add(row, i);
        if (block.full()) flush();
        continue;
      }
      repair_row(row);
    }
    done(row, i);
  }
  flush();
}
template <class T>
std::size_t repair_scratch(Index d, Index most) {
  Index const waiting = std::min(d, most);
  return workspace::room<T>(block_rows<T> * waiting + d) + workspace::room<double>(d) + row_block<T>::scratch(waiting);
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// Operators that take in one row after the other, whatever their order of size: sums, the smallest and the largest value. Such
// an operator says, beside `reduce`,
//
//   auto first(V x, Index i) const;               what there is after row i alone
//   auto next(State s, V x, Index i) const;       and after row i as well
//   V last<V>(State s, Index n) const;            the result of n rows, to the bits of reduce
//
// and tables whose rows have addresses are read along the rows, eight at a time, which processors fetch ahead by themselves:
//
//     row 0  ------>      states of `fold_width` columns stay in the first level of cache
//     ...                 between one group of rows and the next
//     row 7  ------>
#pragma once

#include "column.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

template <class Op, class T>
concept folds =
    requires(Op const& op, packet<T> x) { op.template last<packet<T>>(op.next(op.first(x, Index{}), x, Index{}), Index{}); };
template <class Op, class T>
using fold_state = decltype(std::declval<Op const&>().first(packet<T>{}, Index{}));

inline constexpr Index fold_rows = 8, fold_width = 1024;

// Rows [from, from + Count), which begin at rows[0], ..., of `packets` packets of columns; states are read unless `from` is 0.
template <Index Count, class T, class Op>
EIGEN_ALWAYS_INLINE void fold_group(Op const& op, T const* const* rows, Index offset, Index from, Index packets,
                                    fold_state<Op, T>* states) {
  using V = packet<T>;
  auto const value = [&](Index k, Index p) { return settled<Op::nan>(detail::load<V>(rows[k] + offset + p * lanes<T>)); };
  for (Index p = 0; p < packets; ++p) {
    auto s = from == 0 ? op.first(value(0, p), 0) : op.next(states[p], value(0, p), from);
    ROBAGG_UNROLL for (Index k = 1; k < Count; ++k) s = op.next(s, value(k, p), from + k);
    states[p] = s;
  }
}

// Rows [from, from + n) of whole packets of columns at `offset`.
template <class T, class Op>
EIGEN_DONT_INLINE void fold_packets(Op const& op, T const* const* rows, Index n, Index offset, Index from, Index packets,
                                    fold_state<Op, T>* states) {
  Index i = 0;
  for (; i + fold_rows <= n; i += fold_rows) detail::fold_group<fold_rows>(op, rows + i, offset, from + i, packets, states);
  for (; i + 2 <= n; i += 2) detail::fold_group<2>(op, rows + i, offset, from + i, packets, states);
  for (; i < n; ++i) detail::fold_group<1>(op, rows + i, offset, from + i, packets, states);
}
// The same of w columns, fewer than a packet has.
template <class T, class Op>
EIGEN_DONT_INLINE void fold_some(Op const& op, T const* const* rows, Index n, Index offset, Index from, Index w,
                                 fold_state<Op, T>* state) {
  using V = packet<T>;
  auto const value = [&](Index i) { return settled<Op::nan>(detail::load_some<V>(rows[i] + offset, 1, w)); };
  auto s = from == 0 ? op.first(value(0), 0) : op.next(*state, value(0), from);
  for (Index i = 1; i < n; ++i) s = op.next(s, value(i), from + i);
  *state = s;
}
// The results of n rows.
template <class T, class Op>
EIGEN_ALWAYS_INLINE void finish_folds(Op const& op, Index n, Index packets, fold_state<Op, T> const* states, T* to) {
  using V = packet<T>;
  for (Index p = 0; p < packets; ++p) detail::store<V>(to + p * lanes<T>, V(op.template last<V>(states[p], n) + T(0)));
}

// A single column of n values that lie side by side, for an operator to which rows are the same in any order.
template <class T, class Op>
T fold_column(Op const& op, T const* x, Index n) {
  using V = packet<T>;
  auto const value = [&]<class W>(Index i) { return settled<Op::nan>(detail::load<W>(x + i)); };
  Index i = 0;
  T y = value.template operator()<T>(0);
  if (n >= lanes<T>) {
    V all = op.first(value.template operator()<V>(0), 0);
    for (i = lanes<T>; i + lanes<T> <= n; i += lanes<T>) all = op.next(all, value.template operator()<V>(i), i);
    for (Index l = 0; l < lanes<T>; ++l) y = op.next(y, detail::get(all, l), l);
  }
  for (; i < n; ++i) y = op.next(y, value.template operator()<T>(i), i);
  return op.template last<T>(y, n);
}

template <class T, class Op>
std::size_t folds_scratch(Index d) {
  if constexpr (folds<Op, T>) {
    Index const width = tile<T>::whole(std::min(d, fold_width));
    return workspace::room<fold_state<Op, T>>(width / lanes<T>) + workspace::room<T>(width);
  } else {
    return 0;
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

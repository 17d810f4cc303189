// SPDX-License-Identifier: BSL-1.0
// Tables of a few packets: what a call costs there is not work but getting to it. Values are copied from where they lie into
// packets on the stack,
//
//     7 x 3   a0 b0 c0        a0 b0 c0 0 0 0 0 0
//             a1 b1 c1   ->   a1 b1 c1 0 0 0 0 0    ->  the kernels of packets.hpp, one result for each lane
//             ...             ...
//
// without a workspace, a reader or a source of blocks. Single columns are numbers, not packets. Where the number of rows is
// known at compile time, so is the network, and nothing is called at all. The bits are those of the engine: the same networks,
// the same `reduce`.
#pragma once

#include "../table/rows.hpp"
#include "elsewhere.hpp"
#include "packets.hpp"
#include "tall.hpp"

#include <algorithm>

namespace robagg::inline ROBAGG_ABI::detail {

// Tables of rows that are sorted in registers, and of so many values with the lanes that fill packets up.
inline constexpr Index small_values = 512;
template <class T, bool Uneven>
constexpr bool is_small(Index n, Index d) {
  return n > 0 && n <= most_rows<T, Uneven> && d <= small_values && n * tile<T>::whole(d) <= small_values;
}
// What weights and the packets that they go with take of a workspace.
template <class T>
inline constexpr std::size_t small_room =
    4 * workspace::room<double>(most_rows<T, true> + 1) + 6 * workspace::room<T>(small_values);
template <class X>
inline constexpr int known_rows = Eigen::Dynamic;
template <dense X>
inline constexpr int known_rows<X> = X::RowsAtCompileTime;
// Rows that a network is written out for in place.
inline constexpr int most_fixed_rows = 16;

// Columns [j, j + w) of row i, w up to the lanes of V, where the table lies in memory.
template <class X, class T>
concept lies_in_memory = has_addresses<X, T> ||
                         (dense<X> && std::same_as<typename X::Scalar, T> && requires(X const& x) { x.data(), x.rowStride(); });
template <class V, class X>
EIGEN_ALWAYS_INLINE V values_at(X const& x, Index i, Index j, Index w) {
  using T = lane_of<V>;
  if constexpr (has_addresses<X, T>) {
    return detail::load_some<V>(detail::row_address<T>(x, i) + j, 1, w);
  } else {
    return detail::load_some<V>(x.data() + i * x.rowStride() + j * x.colStride(), x.colStride(), w);
  }
}

// The kernels of the engine over a tile that is filled up to whole packets, or, where it is one of numbers that lie side by
// side, over these; of the rows in `chosen` or of all (nullptr), n of them. Compiled once for all kinds of tables.
template <bool Uneven, class T, class Op>
EIGEN_DONT_INLINE void reduce_tile(Op const& op, tile<T> const& t, Index const* chosen, Index n,
                                   prepared_weights const* weights, T* to, workspace& ws) {
  T const* rows[static_cast<std::size_t>(most_rows<T, Uneven>)];
  for (Index i = 0; i < n; ++i) rows[i] = t.row(chosen == nullptr ? i : chosen[i]);
  prefetcher<T> nothing;
  if constexpr (Uneven) {
    uneven_packets<T, Op>(op, *weights, t.stride, ws)(rows, 0, t.stride / lanes<T>, to, nothing);
  } else {
    alignas(workspace::alignment) T sorted[static_cast<std::size_t>(sorts<Op> ? small_values : 1)];
    if (t.stride == 1) {
      *to = detail::reduce_long<T>(op, t.data, n, sorted, ws) + T(0);
    } else {
      even_packets<T, Op>(op, n, t.stride, sorted, ws)(rows, 0, t.stride / lanes<T>, to, nothing);
    }
  }
}

template <bool Uneven, class T, has_a_kernel<T> Op>
void reduce_tile(Op const& op, tile<T> const& t, Index const* chosen, Index n, prepared_weights const* weights, T* to,
                 workspace&) {
  lent_weights const uneven(weights);
  dispatch::of<T>().tile({detail::rule_of(op), t.data, t.rows, t.width, t.stride, chosen, n, uneven.get(), to});
}

// N values as a network puts them in order, NaN as +infinity.
template <class V, int N>
struct few_values {
  V x[static_cast<std::size_t>(N)];
  lane_of<V> const* first() const { return static_cast<lane_of<V> const*>(static_cast<void const*>(x)); }
  template <bool Lower, bool Upper>
  EIGEN_ALWAYS_INLINE void exchange(Index low, Index high) {
    V const a = x[low], b = x[high];
    if constexpr (Lower) x[low] = detail::lower(a, b);
    if constexpr (Upper) x[high] = detail::upper(b, a);
  }
};

// Columns [j, j + w) of N rows, whose number is known: a packet of them, or one number.
template <class V, int N, class Op, class X>
EIGEN_ALWAYS_INLINE V reduce_rows(Op const& op, X const& x, Index j, Index w) {
  using in_rows = stored_column<V, Op::nan>;
  constexpr Index n = N, step = lanes_of<V>;
  few_values<V, N> values;
  ROBAGG_UNROLL for (Index i = 0; i < n; ++i) values.x[i] = detail::values_at<V>(x, i, j, w);
  in_rows const column{values.first(), step, n};
  if constexpr (sorts<Op>) {
    few_values<V, N> sorted;
    ROBAGG_UNROLL for (Index i = 0; i < n; ++i) sorted.x[i] = ordered<V, false>::of(values.x[i]);
    rank_range const wanted = op.wanted(n);
    if (n > 2 && wanted.first >= (n - 1) / 2 && wanted.last <= n / 2 + 1) {
      detail::run<middle_network<N>>(sorted);
    } else {
      detail::run<full_network<N>>(sorted);
    }
    return V(op.reduce(sorted_column<V, in_rows>{{sorted.first(), step, n}, column, wanted}) + lane_of<V>(0));
  } else {
    return V(op.reduce(column) + lane_of<V>(0));
  }
}

// The whole table in `values`, whole packets, or where a column is `alone` its numbers side by side.
template <class T, class X>
tile<T> small_tile(X const& x, bool alone, T* values, workspace& ws) {
  Index const d = x.cols();
  tile<T> const t(values, x.rows(), d, alone && d == 1 ? 1 : tile<T>::whole(d));
  if constexpr (has_addresses<X, T>) {
    for (Index i = 0; i < t.rows && t.stride > 1; ++i) {
      for (Index j = 0; j < d; j += lanes<T>) {
        detail::store(t.row(i) + j, detail::values_at<packet<T>>(x, i, j, std::min(lanes<T>, d - j)));
      }
    }
    for (Index i = 0; i < t.rows && t.stride == 1; ++i) values[i] = *detail::row_address<T>(x, i);
  } else {
    detail::load(x, 0, t, ws);
    for (Index i = 0; i < t.rows; ++i) std::fill(t.row(i) + d, t.row(i) + t.stride, T(0));
  }
  return t;
}

// All rows into d values of `out`.
template <class T, class Op, class X, class Out>
EIGEN_ALWAYS_INLINE void reduce_small(Op const& op, X const& x, Out& out, workspace& ws) {
  constexpr int rows = known_rows<X>, columns = X::ColsAtCompileTime;
  alignas(workspace::alignment) T results[static_cast<std::size_t>(small_values)];
  constexpr bool fixed = columns > 0 && is_small<T, false>(rows, columns) && rows <= most_fixed_rows;
  if constexpr (fixed && lies_in_memory<X, T> && !has_a_kernel<Op, T>) {
    using V = std::conditional_t<columns == 1, T, packet<T>>;
    for (Index j = 0; j < columns; j += lanes_of<V>) {
      detail::store<V>(results + j, detail::reduce_rows<V, rows>(op, x, j, std::min(lanes_of<V>, columns - j)));
    }
  } else {
    alignas(workspace::alignment) T values[static_cast<std::size_t>(small_values)];
    tile<T> const t = detail::small_tile<T>(x, true, values, ws);
    detail::reduce_tile<false, T>(op, t, nullptr, t.rows, nullptr, results, ws);
  }
  detail::store(out, 0, results, x.cols());
}
// Those that weigh something, of what is there.
template <class T, class Op, class X, class Out>
void reduce_small_weighted(Op const& op, X const& x, prepared_weights const& weights, Out& out, workspace& ws) {
  alignas(workspace::alignment) T values[static_cast<std::size_t>(small_values)],
      results[static_cast<std::size_t>(small_values)];
  Index const n = weights.rows.size();
  bool const all = n == x.rows(), plain = weights.equal && !weights.skips_nan;
  tile<T> const t = detail::small_tile<T>(x, plain && all, values, ws);
  if (weights.equal && (plain || !detail::holds_nan(values, t.rows * t.stride))) {
    detail::reduce_tile<false, T>(op, t, plain && all ? nullptr : weights.rows.data(), n, nullptr, results, ws);
  } else {
    detail::reduce_tile<true, T>(op, t, weights.rows.data(), n, &weights, results, ws);
  }
  detail::store(out, 0, results, x.cols());
}

}  // namespace robagg::inline ROBAGG_ABI::detail

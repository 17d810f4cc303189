// SPDX-License-Identifier: BSL-1.0
// Reduces packets of neighbouring columns: packet p of row i is at rows[i] + offset + p lanes, and one result for each column
// goes to `to`.
#pragma once

#include "weights.hpp"

#include <algorithm>
#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

// What sorts columns for an operator, if it wants them sorted.
struct no_sorter {
  no_sorter(Index, rank_range, Index, workspace&) {}
};
template <class T, class Op, bool Weighted>
using sorter_for = std::conditional_t<sorts<Op>, column_sorter<T, Weighted>, no_sorter>;

// Packets of columns of tables with up to tall_rows rows, every row once.
template <class T, class Op>
class even_packets {
  using V = packet<T>;
  using in_rows = rows_column<V, Op::nan>;

 public:
  // `values` is scratch for n x piece of them, where the operator sorts.
  even_packets(Op const& op, Index n, Index piece, T* values, workspace& ws)
      : op_(op), n_(n), piece_(piece), wanted_(ranks_wanted()), values_(values), sorter_(n, wanted_, piece_, ws) {}

  // Results of the columns at `offset` of the rows go to `to`.
  EIGEN_DONT_INLINE void operator()(T const* const* rows, Index offset, Index packets, T* to, prefetcher<T>& ahead) {
    sorted_ranks<T> sorted{values_, nullptr, piece_};
    if constexpr (sorts<Op>) {
      sorted = sorter_(
          sort_job<T>{.rows = rows, .offset = offset, .packets = packets, .to = values_, .stride = piece_, .ahead = &ahead});
    }
    for (Index l = 0; l < packets * lanes<T>; l += lanes<T>) {
      in_rows const column{rows, offset + l, n_};
      V y;
      if constexpr (sorts<Op>) {
        y = op_.reduce(sorted_column<V, in_rows>{{sorted.values + l, sorted.stride, n_}, column, wanted_});
      } else {
        ahead.step(n_);
        y = op_.reduce(column);
      }
      detail::store<V>(to + l, V(y + T(0)));
    }
  }

 private:
  rank_range ranks_wanted() const {
    if constexpr (sorts<Op>) {
      return op_.wanted(n_);
    } else {
      return {0, n_};
    }
  }

  Op const& op_;
  Index n_, piece_;
  rank_range wanted_;
  T* values_;
  sorter_for<T, Op, false> sorter_;
};

// The same with weights, or absent values. Rows of equal weight are even ones where nothing is absent: pieces without NaN are
// reduced as such, and single columns too where an operator says so (clean_columns_apart).
template <class T, class Op>
class uneven_packets {
  using V = packet<T>;
  using D = doubles<V>;
  using in_rows = rows_column<V, Op::nan>;
  static constexpr bool clean_apart = requires { requires Op::clean_columns_apart; };

 public:
  uneven_packets(Op const& op, prepared_weights const& weights, Index piece, workspace& ws)
      : op_(op),
        weights_(weights),
        n_(weights.rows.size()),
        piece_(piece),
        may_be_even_(weights.equal && weights.skips_nan),
        counts_(ws.take<T>(piece_)),
        results_(ws.take<T>(piece_)),
        values_(ws.take<T>(sorts<Op> ? n_ * piece_ : 0)),
        even_(op, n_, piece_, values_, ws),
        sorter_(n_, {0, n_}, piece_, ws) {
    if constexpr (sorts<Op>) {
      value_weights_ = ws.take<T>(n_ * piece_);
      sorted_weights_ = ws.take<T>(n_);
      bool exact = true;
      for (Index i = 0; i < n_; ++i) {
        sorted_weights_[i] =
            std::max(static_cast<T>(weights.weights[i]), std::numeric_limits<T>::min());  // present stays present
        exact = exact && static_cast<double>(sorted_weights_[i]) == weights.weights[i];
      }
      if (exact || weights.table.rounding > 0) return;
      // Whole weights that T does not hold stay where they are, and their places are sorted.
      by_place_ = ws.take<double>(n_ + 1);
      by_place_[0] = 0;
      for (Index i = 0; i < n_; ++i) {
        by_place_[i + 1] = weights.weights[i];
        sorted_weights_[i] = static_cast<T>(i + 1);
      }
    }
  }

  EIGEN_DONT_INLINE void operator()(T const* const* rows, Index offset, Index packets, T* to, prefetcher<T>& ahead) {
    if (weights_.equal && !weights_.skips_nan) return even_(rows, offset, packets, to, ahead);
    bool const all_present = may_be_even_ && count_present(rows, offset, packets);
    bool const some_even = may_be_even_ && (all_present || clean_apart);
    if (some_even) even_(rows, offset, packets, to, ahead);
    if (all_present) return;
    T* const own = some_even ? results_ : to;
    if constexpr (!sorts<Op>) {
      for (Index l = 0; l < packets * lanes<T>; l += lanes<T>) {
        ahead.step(n_);
        reduce_packet<D>(rows, offset, l, own, [&](auto const& of_rows, D total) {
          return op_.reduce(present_column<V, Op::nan>{{rows, offset + l, n_}, weights_.skips_nan},
                            unsorted_weights<V>{of_rows, weights_.table, total});
        });
      }
    } else {
      sort_job<T> job{.rows = rows,
                      .offset = offset,
                      .packets = packets,
                      .to = values_,
                      .stride = piece_,
                      .ahead = some_even ? nullptr : &ahead};
      job.weights = sorted_weights_;
      job.weights_to = value_weights_;
      job.skips_nan = weights_.skips_nan;
      sorted_ranks<T> const sorted = sorter_(job);
      // Whole numbers up to 2^22, and their quarters, are exact in float.
      if (weights_.table.rounding == 0 && weights_.table.total <= 0x1p22) {
        reduce_sorted<V>(sorted, rows, offset, packets, own);
      } else {
        reduce_sorted<D>(sorted, rows, offset, packets, own);
      }
    }
    V const all_rows = detail::all<V>(static_cast<T>(n_));
    for (Index l = 0; l < (some_even ? packets * lanes<T> : 0); l += lanes<T>) {
      detail::store<V>(to + l, detail::load<V>(counts_ + l) < all_rows ? detail::load<V>(own + l) : detail::load<V>(to + l));
    }
  }

 private:
  template <class N>
  EIGEN_ALWAYS_INLINE void reduce_sorted(sorted_ranks<T> const& sorted, T const* const* rows, Index offset, Index packets,
                                         T* to) const {
    for (Index l = 0; l < packets * lanes<T>; l += lanes<T>) {
      reduce_packet<N>(rows, offset, l, to, [&](auto const& of_rows, N total) {
        using row_order = std::remove_cvref_t<decltype(of_rows)>;
        return op_.reduce(sorted_column<V, in_rows>{{sorted.values + l, sorted.stride, n_}, {rows, offset + l, n_}, {0, n_}},
                          column_weights<V, row_order, N>{{sorted.weights + l, sorted.stride, n_},
                                                          by_place_,
                                                          of_rows,
                                                          weights_.table,
                                                          total,
                                                          weights_.skips_nan,
                                                          clean_apart && may_be_even_});
      });
    }
  }
  // What reduce(weights of the rows, their total) gives for the packet of columns at l, unless nothing is present.
  template <class N>
  EIGEN_ALWAYS_INLINE void reduce_packet(T const* const* rows, Index offset, Index l, T* to, auto const& reduce) const {
    row_order_weights<V> const of_rows{weights_.weights, rows, offset + l, weights_.skips_nan};
    D total = detail::all_doubles<V>(weights_.table.total);
    V present = detail::all<V>(1);
    if (may_be_even_) {
      present = detail::load<V>(counts_ + l);
      total = detail::widen(present);
    } else if (weights_.skips_nan) {
      present = V{}, total = detail::all_doubles<V>(0);
      for (Index i = 0; i < n_; ++i) {
        present = present + of_rows.present(i);
        total = total + of_rows[i];
      }
    }
    V const y = reduce(of_rows, detail::as_number<V, N>(total));
    detail::store<V>(to + l, V((present > V{} ? y : detail::all<V>(static_cast<T>(detail::result_of_nothing(op_)))) + T(0)));
  }
  // How many values the columns of a piece have, and whether all have all.
  bool count_present(T const* const* rows, Index offset, Index packets) {
    V least = detail::all<V>(static_cast<T>(n_));
    for (Index l = 0; l < packets * lanes<T>; l += lanes<T>) {
      V count{};
      for (Index i = 0; i < n_; ++i) {
        V const x = detail::load<V>(rows[i] + offset + l);
        count = count + (x == x ? detail::all<V>(1) : V{});
      }
      detail::store<V>(counts_ + l, count);
      least = detail::lower(least, count);
    }
    return !detail::any(least < detail::all<V>(static_cast<T>(n_)));
  }

  Op const& op_;
  prepared_weights const& weights_;
  Index n_, piece_;
  bool may_be_even_;
  T *counts_, *results_, *values_, *value_weights_ = nullptr, *sorted_weights_ = nullptr;
  even_packets<T, Op> even_;
  double* by_place_ = nullptr;
  sorter_for<T, Op, true> sorter_;
};

// How much of a workspace they take for n rows, beside the source of the rows.
template <class T, bool Uneven, class Op>
std::size_t packets_scratch(Index n, Index piece) {
  std::size_t bytes = 0;
  if constexpr (sorts<Op>) bytes += (Uneven ? 2 : 1) * workspace::room<T>(n * piece);
  if constexpr (Uneven) bytes += 2 * workspace::room<T>(piece) + workspace::room<T>(n) + workspace::room<double>(n + 1);
  if constexpr (sorts<Op>)
    bytes += column_sorter<T>::scratch(n, piece) + (Uneven ? column_sorter<T, true>::scratch(n, piece) : 0);
  return bytes;
}

}  // namespace robagg::inline ROBAGG_ABI::detail

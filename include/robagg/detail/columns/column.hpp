// SPDX-License-Identifier: BSL-1.0
// What `reduce` reads: columns of values, by row or by rank, as packets of neighbouring columns or as one number.
//
//     rows          x[i], x.row(i)               sorted, the wanted ranks
//     row 0   a0 b0 c0 d0 ...                    rank 1   a1 b0 c2 d1 ...
//     row 1   a1 b1 c1 d1 ...   -> packet a..d   rank 2   a0 b2 c1 d0 ...
//     row 2   a2 b2 c2 d2 ...                              x[r] = (a, b, c, d) of rank r
#pragma once

#include "sort.hpp"

#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

enum class nan_is { nan, highest, lowest };

template <nan_is Rule, class V>
EIGEN_ALWAYS_INLINE V settled(V x) {
  constexpr auto most = std::numeric_limits<lane_of<V>>::infinity();
  if constexpr (Rule == nan_is::highest) return detail::lower(detail::all<V>(most), x);
  if constexpr (Rule == nan_is::lowest) return detail::upper(detail::all<V>(-most), x);
  return x;
}

template <class Op>
concept sorts = requires(Op const& op) { op.wanted(Index{}); };

// Row i of the columns at `at`, NaN settled.
template <class V, nan_is Rule>
struct rows_column {
  using packet_type = V;
  lane_of<V> const* const* rows;
  Index at, count;
  Index size() const { return count; }
  EIGEN_ALWAYS_INLINE V operator[](Index i) const { return settled<Rule>(detail::load<V>(rows[i] + at)); }
  lane_of<V> lane(Index i, Index l) const { return settled<Rule>(rows[i][at + l]); }
};
// Values in memory, `stride` apart.
template <class V, nan_is Rule = nan_is::nan>
struct stored_column {
  using packet_type = V;
  lane_of<V> const* values;
  Index stride, count;
  Index size() const { return count; }
  EIGEN_ALWAYS_INLINE V operator[](Index i) const { return settled<Rule>(detail::load<V>(values + i * stride)); }
  lane_of<V> lane(Index i, Index l) const { return settled<Rule>(values[i * stride + l]); }
};
// x[r] is the value of rank r, of the ranks that were wanted; x.row(i) is that of row i.
template <class V, class Rows>
struct sorted_column : stored_column<V> {
  Rows rows;
  rank_range wanted;
  EIGEN_ALWAYS_INLINE V row(Index i) const { return rows[i]; }
  lane_of<V> row_lane(Index i, Index l) const { return rows.lane(i, l); }
};

// The values of the rows, 0 where absent.
template <class V, nan_is Rule>
struct present_column : rows_column<V, Rule> {
  bool some_absent;
  EIGEN_ALWAYS_INLINE V operator[](Index i) const {
    V const x = detail::load<V>(this->rows[i] + this->at), settled = detail::settled<Rule>(x);
    return some_absent ? (x == x ? settled : V{}) : settled;
  }
};

// A column in which nothing is present.
template <class Op>
double result_of_nothing(Op const& op) {
  if constexpr (requires { op.reduce_nothing(); }) {
    return op.reduce_nothing();
  } else {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// The median of the averages of all pairs of a sorted column, each value with itself, too, without writing them: the two ranks
// in the middle are bracketed by two averages, and counting how many are up to a number between narrows the bracket.
//
//     j  0 1 2 3        averages grow to the right and downwards: those above and to the left of one are not larger, those
//     below
//   i 0  . . . .        and to the right not smaller. Where either are more than half, it is not in the middle, and need not be
//     1    . . .        counted: about half are left.
//     2      . .
//     3        .
#pragma once

#include "means.hpp"

#include <algorithm>

namespace robagg::inline ROBAGG_ABI::detail {

// How many averages are up to t, the highest of these, the lowest of the others. -infinity with infinity, NaN, is none of
// either.
template <class V>
struct average_count {
  using number = std::conditional_t<std::is_arithmetic_v<V>, double, V>;  // a packet has no columns so long that V does not do
  number upto{};
  V highest = detail::all<V>(-std::numeric_limits<lane_of<V>>::infinity()), lowest = -highest;
};
template <class X>
EIGEN_ALWAYS_INLINE auto average(X const& x, packet_of<X> half, Index j) {
  using V = packet_of<X>;
  return detail::fused(detail::all<V>(lane_of<V>(.5)), V(x[j]), half);
}

// Pairs (i, j), i <= j < n, that may be in the middle of all.
class middle_pairs {
 public:
  explicit middle_pairs(Index n, bool all = false) : n_(n), some_(all ? n * (n + 1) : n * (n + 1) / 4 + 1) {}
  // Calls visit(i, first, last): row i has these columns. Returns how many pairs are left out as too low.
  Index for_rows(auto const& visit) const {
    Index low = 0, first = n_;
    for (Index i = 0; i < n_; ++i) {
      while (first > i && not_lower(i, first - 1) <= some_) --first;
      first = std::max(first, i);
      Index const last = std::min(n_, (some_ + i * (i + 1) / 2) / (i + 1));
      low += first - i;
      if (first < last) visit(i, first, last);
    }
    return low;
  }

 private:
  // Itself included, a pair has so many that are not lower; that many not higher it has as row i ends.
  Index not_lower(Index i, Index j) const { return (n_ - j) * (n_ - 1 + j - 2 * i + 2) / 2; }
  Index n_, some_;
};

template <class X>
auto count_averages(X const& x, middle_pairs const& pairs, packet_of<X> t) {
  using V = packet_of<X>;
  average_count<V> c;
  V const one = detail::all<V>(1);
  if constexpr (std::is_arithmetic_v<V>) {
    static_cast<void>(pairs);
    Index last = x.size();  // of row i, those before it are up to t
    for (Index i = 0; i < x.size(); ++i) {
      V const half = V(.5) * x[i];
      while (last > i && !(detail::average(x, half, last - 1) <= t)) --last;
      c.upto += static_cast<double>(last - i);
      if (last > i) c.highest = std::max(c.highest, detail::average(x, half, last - 1));
      if (last < x.size()) c.lowest = detail::lower(c.lowest, detail::average(x, half, last));
      if (last <= i) break;
    }
  } else {
    pairs.for_rows([&](Index i, Index first, Index last) {
      V const half = lane_of<V>(.5) * x[i];
      for (Index j = first; j < last; ++j) {
        V const y = detail::average(x, half, j);
        c.upto = c.upto + (y <= t ? one : V{});
        c.highest = detail::upper(c.highest, V(y <= t ? y : c.highest));
        c.lowest = detail::lower(c.lowest, V(y > t ? y : c.lowest));
      }
    });
  }
  return c;
}

// Of the lowest `count` values of a column; `left_out` pairs are below all that are counted.
template <class X>
auto median_of_averages(X const& x, middle_pairs const& pairs, typename average_count<packet_of<X>>::number count,
                        Index left_out) {
  using V = packet_of<X>;
  using T = lane_of<V>;
  using N = typename average_count<V>::number;
  constexpr T largest = std::numeric_limits<T>::max();
  using L = lane_of<N>;
  N const half = L(.25) * count * (count + L(1)) - static_cast<L>(left_out);
  V low = x[0], high = x[x.size() - 1];
  while (detail::any(low < high)) {
    V const from = detail::upper(low, detail::all<V>(-largest)), to = detail::lower(high, detail::all<V>(largest));
    V const between = T(.5) * from + T(.5) * to, t = between < high ? between : low;
    auto const c = detail::count_averages(x, pairs, t);
    // One more or less would do as well: that is the value.
    V const upto = c.upto - L(1) < half ? c.highest : low, from_above = c.upto + L(1) >= half ? c.lowest : high;
    V const next_low = c.upto >= half ? V(detail::upper(low, upto)) : c.lowest;
    V const next_high = c.upto >= half ? c.highest : V(detail::lower(high, from_above));
    auto const open = low < high;
    V const new_low = next_low < next_high ? next_low : next_high;
    low = open ? new_low : low;
    high = open ? next_high : high;
  }
  auto const c = detail::count_averages(x, pairs, low);
  return detail::midpoint(low, V(c.upto > half ? low : c.lowest));
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// Where sample quantiles lie: the nine definitions of Hyndman and Fan.
#pragma once

#include "wide.hpp"

#include <array>
#include <cmath>
#include <string_view>

namespace robagg::inline ROBAGG_ABI {

/// Where a share p of n values ends, by the types of Hyndman and Fan. Type 2, `averaged`: the value at which it ends, of two
/// the midpoint. Type 1, `inverse_cdf`: the lower of the two. Type 3, `closest_observation`: the rank next to n p, half way the
/// even one. The others go from rank to rank in a straight line, with rank 1 .. n at n p + m: type 4,
/// `interpolated_inverse_cdf`, m = 0; 5, `hazen`, 1/2; 6, `weibull`, p; 7, `linear`, 1 - p, as NumPy and R by default; 8,
/// `median_unbiased`, (p + 1) / 3; 9, `normal_unbiased`, p / 4 + 3 / 8.
enum class quantile_rule {
  averaged,
  inverse_cdf,
  closest_observation,
  interpolated_inverse_cdf,
  hazen,
  weibull,
  linear,
  median_unbiased,
  normal_unbiased
};
constexpr std::array<std::string_view, 9> enumerators(quantile_rule) {
  return {"averaged", "inverse_cdf", "closest_observation", "interpolated_inverse_cdf", "hazen",
          "weibull",  "linear",      "median_unbiased",     "normal_unbiased"};
}

namespace detail {

// Do only the values up to the mark matter, so that cumulated weight may take the place of rank?
constexpr bool cumulates(quantile_rule rule) { return rule == quantile_rule::averaged || rule == quantile_rule::inverse_cdf; }

template <class Op>
void check_cumulates(Op const& op, quantile_rule rule) {
  if (!cumulates(rule)) {
    refuse(op, "needs rule averaged or inverse_cdf with weights, which do not say how many rows there are",
           {{"rule", static_cast<Index>(rule)}});
  }
}

// Types 2 and 1: from the top down to the lowest value at which the cumulated weight reaches the mark p. Absent values share
// the top with infinities, so the next value is the next one present.
template <class X, class W>
auto value_by_weight(X const& x, W const& w, double p, bool averaged) {
  using V = packet_of<X>;
  auto const mark = w.mark(p);
  auto sum = w.total;
  V const one = detail::all<V>(1);
  V lower = x[x.size() - 1], upper = lower, next = lower, next_weight{}, seen{};
  for (Index i = x.size(); i-- > 0;) {
    auto const own = w[i];
    V const value = x[i], weight = detail::as_packet<V>(own), gap = detail::as_packet<V>(sum - mark);
    V const slack = w.slack(detail::lower(weight, next_weight));
    V const above = gap <= slack ? next : value;  // a jump, if the mark is reached at all
    auto const reached = gap >= -slack;
    if (w.some_absent) {
      auto const present = w.present(i) > V{};
      V const next_present = seen > V{} ? above : value;
      lower = present ? (reached ? value : lower) : lower;
      upper = present ? (reached ? next_present : upper) : upper;
      next = present ? value : next;
      next_weight = present ? weight : next_weight;
      seen = present ? one : seen;
    } else {
      lower = reached ? value : lower;
      upper = reached ? above : upper;
      next = value;
      next_weight = weight;
    }
    sum = sum - own;
  }
  return V(p > 0 && averaged ? detail::midpoint(lower, upper) : lower);
}

// A rank, from 0, and the share of the way to the next one, below 1.
template <class P>
struct place {
  P rank, share;
};
// Types 3 to 9, of `count` values. Sums and products are joined where that is said and nowhere else, so that a number and a
// packet of them give the same.
template <class P>
place<P> place_of(quantile_rule rule, double p, P count) {
  constexpr double shift = 0x1.8p52;  // x + shift - shift is the whole number next to x, half way the even one
  double const beyond[] = {0, .5, p, 1 - p, (p + 1) / 3, p / 4 + .375};
  P at = detail::all<P>(p) * count;
  if (rule == quantile_rule::closest_observation) {
    P const twice = detail::snapped(P(2 * at), P(8 * std::numeric_limits<double>::epsilon() * count));
    at = (.5 * twice + shift) - shift;
  } else {
    auto const type = static_cast<int>(rule) - static_cast<int>(quantile_rule::interpolated_inverse_cdf);
    at = detail::fused(detail::all<P>(p), count, detail::all<P>(beyond[type]));
  }
  at = detail::upper(detail::all<P>(1), detail::lower(at, count));
  P const near = (at + shift) - shift, before = near - 1., whole = near > at ? before : near;
  return {whole - 1., at - whole};
}

// From a to b, a <= b.
template <class V>
EIGEN_ALWAYS_INLINE V between(V a, V b, doubles<V> share) {
  doubles<V> const low = detail::all_doubles<V>(1) - share;
  return detail::within(detail::narrow<V>(detail::fused(share, detail::widen(b), low * detail::widen(a))), a, b);
}

// What a sorted column has there.
template <class P>
P value_at(auto const& column, place<P> at) {
  P lower = column[0], upper = lower;
  for (Index i = 1; i < column.size(); ++i) {
    P const value = column[i], rank = detail::all<P>(static_cast<double>(i));
    lower = rank <= at.rank ? value : lower;
    upper = rank <= at.rank + 1. ? value : upper;
  }
  P const y = detail::between<P>(lower, upper, at.share);
  return column.unscaled(P(at.share > P{} ? y : lower));
}

}  // namespace detail
}  // namespace robagg::inline ROBAGG_ABI

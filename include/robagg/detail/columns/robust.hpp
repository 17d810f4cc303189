// SPDX-License-Identifier: BSL-1.0
// Sorted columns about their middle: medians, absolute deviations from them, sigma clipping, M-estimates. Over P, as wide.hpp
// has it. Sums of products are said to be fused, so that a number and a packet of them give the same.
#pragma once

#include "places.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI::detail {

// What makes the median absolute deviation of normal values their standard deviation: 1 / quantile of the normal at .75.
inline constexpr double normal_consistent = 1.482602218505602;

template <class P>
struct interval_of {
  P low, high;
};
template <class P>
EIGEN_ALWAYS_INLINE P inside(P value, P weight, interval_of<P> s) {
  P const reaches = value <= s.high ? weight : P{};
  return value >= s.low ? reaches : P{};
}
template <class P>
constexpr interval_of<P> everything() {
  P const most = detail::all<P>(std::numeric_limits<double>::infinity());
  return {-most, most};
}

// What is inside s: how much, in how many rows, its lowest, middle and highest value. All ranks of [first, last) are, in every
// lane.
template <class P>
struct part_inside {
  P total, rows, lowest, middle, highest;
  Index first, last;
};
// Every row once. What is outside lies at the ends, and the ranks of the middle differ by as much as that.
template <class P>
part_inside<P> rows_inside(auto const& x, interval_of<P> s) {
  Index const n = x.size();
  P const one = detail::all<P>(1);
  part_inside<P> part{{}, {}, x[0], {}, x[n - 1], 0, n};
  P below{}, above{};
  for (; part.first < n; ++part.first) {
    auto const out = P(x[part.first]) < s.low;
    if (!detail::any(out)) break;
    below = below + (out ? one : P{});
    part.lowest = out ? P(x[std::min(part.first + 1, n - 1)]) : part.lowest;
  }
  for (; part.last > 0; --part.last) {
    auto const out = P(x[part.last - 1]) > s.high;
    if (!detail::any(out)) break;
    above = above + (out ? one : P{});
    part.highest = out ? P(x[std::max(part.last - 2, Index{0})]) : part.highest;
  }
  part.total = part.rows = detail::all<P>(static_cast<double>(n)) - below - above;
  // Twice the rank of the middle, and ranks around.
  P const twice = below + (detail::all<P>(static_cast<double>(n - 1)) - above), before = twice - 1., after = twice + 1.;
  P lower{}, upper{};
  for (Index i = std::max(part.last - 1, Index{0}) / 2; i < std::min((part.first + n) / 2 + 1, n); ++i) {
    P const value = x[i], here = detail::all<P>(2. * static_cast<double>(i));
    P const low = here <= twice ? value : lower, high = here <= after ? value : upper;
    lower = here >= before ? low : lower;
    upper = here >= twice ? high : upper;
  }
  part.middle = .5 * (lower + upper);
  part.last = std::max(part.first, part.last);
  return part;
}
// By weight: the middle is the midpoint of the two values at which half of it ends, if it ends between two.
template <class P>
part_inside<P> weight_inside(auto const& x, auto const& w, P total, interval_of<P> s) {
  P const half = .5 * total, slack = w.slack(w.lightest()), under = half - slack, upto = half + slack;
  P before{}, rows{}, lower{}, upper{}, lowest{}, highest{};
  for (Index i = 0; i < x.size(); ++i) {
    P const value = x[i], weight = detail::inside(value, P(w[i]), s);
    auto const counts = weight > P{};
    P const low = before < under ? value : lower, high = before <= upto ? value : upper, first = before > P{} ? lowest : value;
    lower = counts ? low : lower;
    upper = counts ? high : upper;
    lowest = counts ? first : lowest;
    highest = counts ? value : highest;
    before = before + weight;
    rows = rows + (counts ? detail::all<P>(1) : P{});
  }
  return {total, rows, lowest, P(.5 * (lower + upper)), highest, 0, 0};
}
template <class X, class W>
auto median_of(X const& x, W const& w) {
  using P = packet_of<X>;
  if constexpr (W::even) {
    Index const n = x.size();
    return P(.5 * (x[(n - 1) / 2] + x[n / 2]));
  } else {
    return detail::weight_inside(x, w, P(w.total), everything<P>()).middle;
  }
}

// By weight without jumps: values side by side as wide as their weights, each in the middle of its width, and lines between.
// Equal values are as wide as they are on average, whichever comes first.
template <class X>
auto interpolated_middle(X const& x, auto const& w) {
  using P = packet_of<X>;
  P const half = .5 * w.total, most = everything<P>().high, one = detail::all<P>(1);
  P const middle = detail::weight_inside(x, w, P(w.total), everything<P>()).middle;
  P value = most;  // the middle one, or the upper of two
  for (Index i = 0; i < x.size(); ++i) {
    P const here = w[i] > P{} ? P(x[i]) : most;
    value = here >= middle ? detail::lower(value, here) : value;
  }
  P lower = -most, upper = most;  // the nearest others
  for (Index i = 0; i < x.size(); ++i) {
    P const here = w[i] > P{} ? P(x[i]) : value;
    lower = here < value ? here : lower;
    upper = here > value ? detail::lower(upper, here) : upper;
  }
  P before{}, widths[3] = {}, counts[3] = {};
  P const values[3] = {lower, value, upper};
  for (Index i = 0; i < x.size(); ++i) {
    P const here = x[i], weight = w[i], present = weight > P{} ? one : P{};
    before = before + (here < value ? weight : P{});
    for (std::size_t k = 0; k < 3; ++k) {
      widths[k] = widths[k] + (here == values[k] ? weight : P{});
      counts[k] = counts[k] + (here == values[k] ? present : P{});
    }
  }
  P edges[3];  // from the middle of the last of equal values to the end of all
  for (std::size_t k = 0; k < 3; ++k) edges[k] = counts[k] > P{} ? P(.5 * (widths[k] / counts[k])) : P{};
  P const after = before + widths[1], first = before + edges[1], last = after - edges[1];
  P const down = (half - (before - edges[0])) / (edges[0] + edges[1]), up = (half - last) / (edges[1] + edges[2]);
  P const below = counts[0] > P{} ? detail::between<P>(lower, value, down) : value;
  P const above = counts[2] > P{} ? detail::between<P>(value, upper, up) : value;
  P const from_last = half > last ? above : value;
  return x.unscaled(P(half < first ? below : from_last));
}

// The median of |value - centre| inside s, whose weight is `total`: what is farthest goes, one value a step, until half is
// left.
template <class P>
P median_deviation_within(auto const& x, auto const& w, P centre, P total, interval_of<P> s) {
  Index const n = x.size();
  Index first[static_cast<std::size_t>(lanes_of<P>)] = {}, last[static_cast<std::size_t>(lanes_of<P>)];
  std::fill_n(last, lanes_of<P>, n - 1);
  P const half = .5 * total, slack = w.slack(w.lightest()), under = half - slack, upto = half + slack, one = detail::all<P>(1);
  P left = x[0], right = x[n - 1], left_weight = w[0], right_weight = w[n - 1], rest = total;
  P lower{}, upper{}, lower_known{}, upper_known{};
  for (Index step = 0; step < n && detail::any(lower_known < one); ++step) {
    P const below = centre - left, above = right - centre;
    auto const drops_left = below > above;
    P const distance = drops_left ? below : above;
    P const weight = drops_left ? detail::inside(left, left_weight, s) : detail::inside(right, right_weight, s);
    rest = rest - weight;
    P const at_upper = rest <= upto ? one : P{}, at_lower = rest < under ? one : P{};
    P const is_upper = weight > P{} ? at_upper : P{}, is_lower = weight > P{} ? at_lower : P{};
    upper = upper_known < is_upper ? distance : upper;
    upper_known = detail::upper(upper_known, is_upper);
    lower = lower_known < is_lower ? distance : lower;
    lower_known = detail::upper(lower_known, is_lower);
    for (Index l = 0; l < lanes_of<P>; ++l) {
      if (first[l] == last[l]) continue;
      if (detail::holds(drops_left, l)) {
        detail::set(left, l, x.lane(++first[l], l)), detail::set(left_weight, l, w.lane(first[l], l));
      } else {
        detail::set(right, l, x.lane(--last[l], l)), detail::set(right_weight, l, w.lane(last[l], l));
      }
    }
  }
  return P(.5 * (lower + upper));
}
// The same of a whole column. Without weights: k values side by side are within the larger of the distances of their ends, and
// the nearest k are the k for which that is least.
template <class P, class W>
P median_deviation(auto const& x, W const& w, P centre) {
  if constexpr (W::even) {
    Index const n = x.size(), k = (n - 1) / 2 + 1;
    P lower = detail::all<P>(std::numeric_limits<double>::infinity()), upper = lower;
    for (Index i = 0; i + k <= n; ++i) lower = detail::lower(lower, detail::upper(P(centre - x[i]), P(x[i + k - 1] - centre)));
    if (n % 2 != 0) return lower;
    for (Index i = 0; i + k < n; ++i) upper = detail::lower(upper, detail::upper(P(centre - x[i]), P(x[i + k] - centre)));
    return P(.5 * (lower + upper));
  } else {
    return detail::median_deviation_within(x, w, centre, w.total, everything<P>());
  }
}

// The median absolute deviation times `scale`: NaN where the median is infinite.
template <class X>
auto absolute_deviation(X const& x, auto const& w, double scale) {
  using P = packet_of<X>;
  P const median = detail::median_of(x, w), y = detail::median_deviation(x, w, median);
  return P(median - median == P{} ? x.unscaled(P(scale * y)) : detail::all<P>(std::numeric_limits<double>::quiet_NaN()));
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// M-estimates of location about the median, the median absolute deviation held as scale.
#pragma once

#include "robust.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

// Where the scale says nothing: the median.
template <class P>
P or_median(auto const& x, P y, P median, P scale) {
  P const known = scale < std::numeric_limits<double>::infinity() ? P(detail::within(y, P(x[0]), P(x[x.size() - 1]))) : median;
  return x.unscaled(P(scale > P{} ? known : median));
}

// The root t of sum w clip(x - t, -reach, reach): a line between any two values that enter or leave the reach, so that Newton's
// step from the right stretch ends on it. The root stays bracketed; a step out of the bracket is half of it instead.
template <class X>
auto huber_location(X const& x, auto const& w, double k) {
  using P = packet_of<X>;
  P const median = detail::median_of(x, w), deviation = detail::median_deviation(x, w, median), one = detail::all<P>(1);
  double const times = k * normal_consistent;
  P const reach = times * deviation, enough = 1e-14 * reach, far = detail::fused(detail::all<P>(times), deviation, deviation);
  P at{}, least = -far, most = far, done = reach > P{} ? P{} : one;
  done = reach < std::numeric_limits<double>::infinity() ? done : one;
  for (Index step = 0; step < 100 && detail::any(done < one); ++step) {
    P const low = detail::fused(detail::all<P>(-times), deviation, at),
            high = detail::fused(detail::all<P>(times), deviation, at);
    P below{}, above{}, sum{};
    for (Index i = 0; i < x.size(); ++i) {
      P const e = x[i] - median, weight = w[i], upto = e > high ? P{} : e, counted = e < low ? P{} : upto;
      below = below + (e < low ? weight : P{});
      above = above + (e > high ? weight : P{});
      sum = detail::fused(weight, counted, sum);
    }
    P const active = w.total - below - above, pull = detail::fused(reach, P(above - below), sum);
    P const slope = detail::fused(P(-active), at, pull);  // what is summed, at `at`
    least = slope > P{} ? at : least, most = slope < P{} ? at : most;
    P const newton = pull / active, half_way = .5 * (least + most), upto = newton <= most ? newton : half_way;
    P const found = newton >= least ? upto : half_way, next = slope == P{} ? at : found;
    P const now = detail::absolute(P(next - at)) <= enough ? one : P{};
    at = done < one ? next : at;
    done = detail::upper(done, now);
  }
  return detail::or_median(x, P(median + at), median, reach);
}

// One step of Tukey's biweight from the median.
template <class X>
auto biweight_step(X const& x, auto const& w, double c) {
  using P = packet_of<X>;
  P const median = detail::median_of(x, w), scale = c * detail::median_deviation(x, w, median), per_scale = 1. / scale;
  P sum{}, total{};
  for (Index i = 0; i < x.size(); ++i) {
    P const e = x[i] - median, u = per_scale * e, t = detail::fused(P(-u), u, detail::all<P>(1));
    P const weight = t > P{} ? P(t * t * w[i]) : P{}, counted = t > P{} ? e : P{};
    sum = detail::fused(weight, counted, sum);
    total = total + weight;
  }
  return detail::or_median(x, P(median + sum / total), median, scale);
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// Sums over a column that several operators share, formed in double.
#pragma once

#include "weights.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI::detail {

template <class X>
using packet_of = typename X::packet_type;

// Between low and high: rounding must not leave the range of what was averaged.
template <class V>
EIGEN_ALWAYS_INLINE V within(V y, V low, V high) {
  return y < low ? low : y > high ? high : y;
}

// Half of a + b for a <= b, inside [a, b] also where the sum overflows.
template <class V>
EIGEN_ALWAYS_INLINE V midpoint(V a, V b) {
  using T = lane_of<V>;
  V const sum = a + b;
  return sum - sum == V{} ? V(T(.5) * sum) : V(T(.5) * a + T(.5) * b);
}

// What sum(scale) gives, of values multiplied by `scale`, for scale = 1 and, where that overflows, for one so small that it
// does not: `most` is a bound of the weights that are added up. Sums of floats are formed in double and do not overflow.
template <class V, class Sum>
EIGEN_ALWAYS_INLINE doubles<V> without_overflow([[maybe_unused]] double most, Sum const& sum) {
  doubles<V> y = sum(std::false_type{}, doubles<V>{});
  if constexpr (std::same_as<lane_of<V>, double>) {
    if (auto const lost = y - y != V{}; detail::any(lost)) {
      V const again = sum(std::true_type{}, detail::all<V>(std::ldexp(1., -std::ilogb(most) - 1)));
      y = lost ? again : y;
    }
  }
  return y;
}
// x as a double, scaled or not.
template <class V, class Scaled>
EIGEN_ALWAYS_INLINE doubles<V> scaled(V x, Scaled, doubles<V> scale) {
  if constexpr (Scaled::value) {
    return scale * detail::widen(x);
  } else {
    return detail::widen(x);
  }
}

template <class D, class Scaled>
EIGEN_ALWAYS_INLINE D scaled_total(D total, Scaled, D scale) {
  if constexpr (Scaled::value) {
    return scale * total;
  } else {
    return total;
  }
}

// The mean of x[first] .. x[last - 1].
template <class X>
EIGEN_ALWAYS_INLINE auto wide_mean_of(X const& x, Index first, Index last) {
  using V = packet_of<X>;
  double const count = static_cast<double>(last - first);
  return detail::without_overflow<V>(count, [&](auto by, doubles<V> scale) {
    doubles<V> sum = detail::scaled(V(x[first]), by, scale);
    for (Index i = first + 1; i < last; ++i) sum = sum + detail::scaled(V(x[i]), by, scale);
    return detail::over_count<V>(sum, by.value ? count * detail::get_double<V>(scale, 0) : count);
  });
}
template <class X>
EIGEN_ALWAYS_INLINE auto mean_of(X const& x, Index first, Index last) {
  return detail::narrow<packet_of<X>>(detail::wide_mean_of(x, first, last));
}
template <class X, class W>
auto weighted_mean(X const& x, W const& w) {
  using V = packet_of<X>;
  return detail::narrow<V>(detail::without_overflow<V>(w.table.total, [&](auto by, doubles<V> scale) {
    doubles<V> sum = w[0] * detail::scaled(V(x[0]), by, scale);
    for (Index i = 1; i < x.size(); ++i) sum = sum + w[i] * detail::scaled(V(x[i]), by, scale);
    return detail::over<V>(sum, detail::scaled_total(w.total, by, scale));
  }));
}

// W_f, the weight of the f heaviest rows, for a rule that leaves it out on either side.
template <class Op>
void check_heaviest(Op const& op, weight_table const& w, Index f) {
  double const total = w.total, cut = w.heaviest(f);
  if (!(total - 2 * cut > w.slack(total, w.lightest()))) {
    refuse(op, "needs more weight than twice that of the f heaviest rows",
           {{"f", f}, {"their share of the weight", cut / total}});
  }
}

// Lay the sorted values side by side, each as wide as its weight, and average what is between `cut` and total - `cut`;
// NaN where nothing is.
template <class X, class W>
auto middle_mean(X const& x, W const& w, doubles<packet_of<X>> cut_off) {
  using V = packet_of<X>;
  using T = lane_of<V>;
  using D = doubles<V>;
  using N = std::remove_cvref_t<decltype(w.total)>;
  N const cut = detail::as_number<V, N>(cut_off), end = w.total - cut;
  V low{}, high{}, begun{};
  V const y = detail::narrow<V>(detail::without_overflow<V>(w.table.total, [&](auto by, D scale) {
    N before = cut - cut, kept = before;
    D sum = detail::all_doubles<V>(0);
    begun = V{};
    for (Index i = 0; i < x.size(); ++i) {
      N const weight = w[i], after = before + weight, share = detail::lower(end, after) - detail::upper(cut, before);
      V const value = x[i];
      auto const in = detail::as_packet<V>(share) >
                      w.slack(detail::as_packet<V>(weight));  // one that is only rounding would let infinity in
      low = begun > V{} ? low : value;
      high = in ? value : high;
      begun = in ? detail::all<V>(1) : begun;
      kept = kept + detail::where<V>(in, share);
      sum = sum + detail::as_doubles<V>(share) * detail::scaled(V(in ? value : V{}), by, scale);
      before = after;
    }
    return detail::over<V>(sum, detail::scaled_total(detail::as_doubles<V>(kept), by, scale));
  }));
  V const room = detail::as_packet<V>(end - cut), lightest = detail::all<V>(static_cast<T>(w.table.lightest()));
  return room > w.slack(lightest) ? detail::within<V>(y, low, high) : detail::all<V>(std::numeric_limits<T>::quiet_NaN());
}

}  // namespace robagg::inline ROBAGG_ABI::detail

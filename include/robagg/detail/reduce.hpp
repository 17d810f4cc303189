// SPDX-License-Identifier: BSL-1.0
// Sums over a column that several operators share, formed in double.
#pragma once

#include "columns.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

template <class X>
using packet_of = typename X::packet_type;

// Between low and high: rounding must not leave the range of what was averaged.
template <class V>
EIGEN_ALWAYS_INLINE V within(V y, V low, V high) {
  return y < low ? low : y > high ? high : y;
}

// The mean of x[first] .. x[last - 1].
template <class X>
EIGEN_ALWAYS_INLINE auto wide_mean_of(X const& x, Index first, Index last) {
  using V = packet_of<X>;
  doubles<V> sum = detail::widen(x[first]);
  for (Index i = first + 1; i < last; ++i) sum = sum + detail::widen(x[i]);
  return detail::over<V>(sum, static_cast<double>(last - first));
}
template <class X>
EIGEN_ALWAYS_INLINE auto mean_of(X const& x, Index first, Index last) {
  return detail::narrow<packet_of<X>>(detail::wide_mean_of(x, first, last));
}

template <class X, class W>
auto weighted_mean(X const& x, W const& w) {
  using V = packet_of<X>;
  doubles<V> sum = detail::widen(w[0]) * detail::widen(x[0]);
  for (Index i = 1; i < x.size(); ++i) sum = sum + detail::widen(w[i]) * detail::widen(x[i]);
  return detail::narrow<V>(sum / detail::widen(w.total));
}

// W_f, the weight of the f heaviest rows, for a rule that leaves it out on either side.
template <class Op>
void check_heaviest(Op const& op, row_weights const& w, Index f) {
  double const total = w.total(), cut = w.heaviest(f);
  if (!(total - 2 * cut > w.slack(total, w.lightest()))) {
    refuse(op, "needs more weight than twice that of the f heaviest rows", {{"f", f}, {"their share of the weight", cut / total}});
  }
}

// Lay the sorted values side by side, each as wide as its weight, and average what is between `cut` and total - `cut`;
// NaN where nothing is.
template <class X, class W>
auto middle_mean(X const& x, W const& w, packet_of<X> cut) {
  using V = packet_of<X>;
  using T = lane_of<V>;
  V const end = w.total - cut;
  V before{}, low{}, high{}, kept{};
  doubles<V> sum = detail::all_doubles<V>(0);
  for (Index i = 0; i < x.size(); ++i) {
    V const weight = w[i], value = x[i], after = before + weight, share = detail::lower(end, after) - detail::upper(cut, before);
    auto const in = share > w.slack(weight);  // a share that is only rounding would let infinity in
    low = kept == V{} ? value : low;
    high = in ? value : high;
    kept = in ? V(kept + share) : kept;
    sum = sum + detail::widen(V(in ? V(T(.25) * share * value) : V{}));  // weights are below 2: no overflow
    before = after;
  }
  V const lightest = detail::all<V>(static_cast<T>(w.table.lightest()));
  return end - cut > w.slack(lightest) ? detail::within<V>(detail::narrow<V>(sum / detail::widen(V(T(.25) * kept))), low, high)
                                       : detail::all<V>(std::numeric_limits<T>::quiet_NaN());
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// Medians with phantoms: reports that nobody sent, beside those that were. The median of both is the highest, over all ranks i,
// of the lower of the i-th highest report and the phantom that goes with it, so that phantoms never have to be sorted in.
#pragma once

#include "means.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

// partner(r, x[r]) is the phantom of ascending rank r, asked for from the highest rank to the lowest.
template <class X, class V>
V highest_of_lower(X const& x, V least, auto const& partner) {
  V y = least;
  for (Index r = x.size(); r-- > 0;) y = detail::upper(y, detail::lower(V(x[r]), V(partner(r))));
  return y;
}

// Phantoms spread evenly over [low, high]: the one beside a report is as high up as the share of weight at or above it.
template <class V>
doubles<V> even_phantom(doubles<V> share, double low, double high) {
  doubles<V> const first = detail::all_doubles<V>(low), last = detail::all_doubles<V>(high);
  return detail::upper(first, detail::lower(detail::fused(share, detail::all_doubles<V>(high - low), first), last));
}

}  // namespace robagg::inline ROBAGG_ABI::detail

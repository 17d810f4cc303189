// SPDX-License-Identifier: BSL-1.0
// Expectations over random subsets of a pool, from one sort of it.
#pragma once

#include "../../detail/base/packet.hpp"
#include "../../detail/select/radix.hpp"
#include "../../scores.hpp"

#include <algorithm>

namespace robagg::inline ROBAGG_ABI::detail {

// The values in rising order of their proxies, NaN first; where proxies are equal each has the mean.
template <class P, class V>
double const* values_by_proxy(P const& proxy, V const& values, workspace& ws) {
  auto const n = static_cast<Index>(proxy.size());
  auto const* const score = detail::score_values(proxy, ws);
  auto const* const value = detail::score_values(values, ws);
  double* const ordered = ws.take<double>(n);
  auto const scope = ws.scope();
  auto const* const sorted =
      detail::sort_scores<false>([=](Index i) { return score[i]; }, [](Index) { return true; }, n, ws).first;
  for (Index first = 0, last; first < n; first = last) {
    double sum = 0;
    for (last = first; last < n && sorted[last].key == sorted[first].key; ++last)
      sum += static_cast<double>(value[sorted[last].place]);
    std::fill(ordered + first, ordered + last, sum / static_cast<double>(last - first));
  }
  return ordered;
}

// The expected value of the last of n, drawn from N values in order: rank i is the last with the chance C(i-1, n-1) / C(N, n),
// which falls by (i-n) / (i-1) from rank to rank. Lanes hold different n.
template <class V>
V expected_best(double const* ordered, Index N, V n) {
  Index least = N;
  for (Index l = 0; l < lanes_of<V>; ++l) least = std::min(least, static_cast<Index>(detail::get(n, l)));
  V chance = n / detail::all<V>(static_cast<double>(N)), sum{};
  for (Index i = N; i >= least; --i) {
    sum += V{} < chance ? chance * ordered[i - 1] : V{};  // what cannot be chosen may be NaN
    chance *= (detail::all<V>(static_cast<double>(i)) - n) / static_cast<double>(std::max<Index>(i - 1, 1));
  }
  return sum;
}

}  // namespace robagg::inline ROBAGG_ABI::detail

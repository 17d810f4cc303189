// SPDX-License-Identifier: BSL-1.0
// Expectations over random subsets of a pool, from one sort of it.
#pragma once

#include "order.hpp"
#include "packet.hpp"
#include "select.hpp"
#include "tile.hpp"

#include <array>
#include <utility>

namespace robagg::inline ROBAGG_ABI::detail {

// Keys with their positions, in order of the keys: by the digits of the keys, least significant first; digits that all
// keys share are skipped.
template <class Key>
struct placed {
  Key key;
  std::uint32_t place;
};
template <class Key>
placed<Key>* sort_placed(placed<Key>* from, placed<Key>* to, Index n) {
  constexpr int bits = 11;
  constexpr Index digits = Index{1} << bits;
  std::array<std::uint32_t, digits> start;
  for (int shift = 0; shift < static_cast<int>(8 * sizeof(Key)); shift += bits) {
    auto const digit = [shift](Key k) { return static_cast<std::size_t>(k >> shift) & (digits - 1); };
    start.fill(0);
    for (Index i = 0; i < n; ++i) ++start[digit(from[i].key)];
    if (start[digit(from[0].key)] == static_cast<std::uint32_t>(n)) continue;
    std::uint32_t sum = 0;
    for (auto& s : start) sum += std::exchange(s, sum);
    for (Index i = 0; i < n; ++i) to[start[digit(from[i].key)]++] = from[i];
    std::swap(from, to);
  }
  return from;
}

// The values in rising order of their proxies, NaN first; where proxies are equal each has the mean.
template <class P, class V>
double const* values_by_proxy(P const& proxy, V const& values, workspace& ws) {
  auto const n = static_cast<Index>(proxy.size());
  auto const* const score = detail::score_values(proxy, ws);
  auto const* const value = detail::score_values(values, ws);
  using K = std::make_unsigned_t<decltype(ordered_key(score[0]))>;
  double* const ordered = ws.take<double>(n);
  auto const scope = ws.scope();
  auto* const pairs = ws.take<placed<K>>(n);
  auto* const others = ws.take<placed<K>>(n);
  constexpr K sign = K{1} << (8 * sizeof(K) - 1);  // signed keys as unsigned ones
  for (Index i = 0; i < n; ++i) pairs[i] = {static_cast<K>(static_cast<K>(ordered_key(score[i])) ^ sign), static_cast<std::uint32_t>(i)};
  placed<K> const* const sorted = detail::sort_placed(pairs, others, n);
  for (Index first = 0, last; first < n; first = last) {
    double sum = 0;
    for (last = first; last < n && sorted[last].key == sorted[first].key; ++last) sum += static_cast<double>(value[sorted[last].place]);
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

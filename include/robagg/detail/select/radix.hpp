// SPDX-License-Identifier: BSL-1.0
// Numbers, and scores with their positions, sorted by the digits of their ordered keys: several times faster than by
// comparison, whose branches nobody predicts.
#pragma once

#include "../../workspace.hpp"
#include "../base/order.hpp"

#include <array>
#include <type_traits>
#include <utility>

namespace robagg::inline ROBAGG_ABI::detail {

template <class Key>
struct placed {
  Key key;
  std::uint32_t place;
};
// By the digits of the keys, least significant first: equal keys stay in order. Digits that all keys share are skipped.
template <class Key>
placed<Key>* sort_placed(placed<Key>* from, placed<Key>* to, Index n) {
  constexpr int bits = 11;
  constexpr Index digits = Index{1} << bits;
  std::array<std::uint32_t, digits> start;
  if (n == 0) return from;
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

// The same of numbers without NaN, all digits counted in one pass; -0 becomes 0.
template <class T>
void sort_values(T* values, Index n, workspace& ws) {
  using K = std::make_unsigned_t<key_of<T>>;
  constexpr int bits = 8;
  constexpr std::size_t digits = 256, passes = sizeof(K);
  constexpr K sign = K{1} << (8 * sizeof(K) - 1);
  auto const digit = [](K k, std::size_t pass) {
    return static_cast<std::size_t>(k >> (bits * static_cast<int>(pass))) % digits;
  };
  auto const scope = ws.scope();
  K *from = ws.take<K>(n), *to = ws.take<K>(n);
  std::array<std::array<Index, digits>, passes> starts{};
  for (Index i = 0; i < n; ++i) {
    from[i] = static_cast<K>(static_cast<K>(detail::ordered_key(values[i])) ^ sign);
    for (std::size_t p = 0; p < passes; ++p) ++starts[p][digit(from[i], p)];
  }
  for (std::size_t p = 0; p < passes; ++p) {
    auto& start = starts[p];
    if (n == 0 || start[digit(from[0], p)] == n) continue;
    Index sum = 0;
    for (Index& s : start) sum += std::exchange(s, sum);
    for (Index i = 0; i < n; ++i) to[start[digit(from[i], p)]++] = from[i];
    std::swap(from, to);
  }
  for (Index i = 0; i < n; ++i) values[i] = detail::value_of_key<T>(static_cast<key_of<T>>(from[i] ^ sign));
}
template <class T>
std::size_t sort_scratch(Index n) {
  return 2 * workspace::room<key_of<T>>(n);
}

// The positions below n with wanted(i), by score(i), equal scores by position; NaN is the lowest. The result lies in ws.
template <bool Descending, class Score, class Wanted>
auto sort_scores(Score const& score, Wanted const& wanted, Index n, workspace& ws) {
  using K = std::make_unsigned_t<decltype(ordered_key(score(0)))>;
  constexpr K sign = K{1} << (8 * sizeof(K) - 1);  // signed keys as unsigned ones
  auto* const pairs = ws.take<placed<K>>(n);
  auto* const others = ws.take<placed<K>>(n);
  Index count = 0;
  for (Index i = 0; i < n; ++i) {
    if (!wanted(i)) continue;
    K const key = static_cast<K>(static_cast<K>(ordered_key(score(i))) ^ sign);
    pairs[count++] = {Descending ? static_cast<K>(~key) : key, static_cast<std::uint32_t>(i)};
  }
  return std::pair<placed<K> const*, Index>(detail::sort_placed(pairs, others, count), count);
}

}  // namespace robagg::inline ROBAGG_ABI::detail

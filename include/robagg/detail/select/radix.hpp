// SPDX-License-Identifier: BSL-1.0
// Numbers, and scores with their positions, sorted by the digits of their ordered keys: several times faster than by
// comparison, whose branches nobody predicts.
#pragma once

#include "../../workspace.hpp"
#include "../base/order.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <type_traits>
#include <utility>

namespace robagg::inline ROBAGG_ABI::detail {

template <class Key>
struct placed {
  Key key;
  std::uint32_t place;
};
// Insertion, as long as it takes no more than `most` moves; true where that was enough.
template <class Entry, class Key>
bool insert_in_order(Entry* entries, Index n, Index most, Key const& key) {
  Index moves = 0;
  for (Index i = 1; i < n && moves <= most; ++i) {
    Entry const e = entries[i];
    auto const own = key(e);
    Index j = i;
    for (; j > 0 && key(entries[j - 1]) > own; --j) entries[j] = entries[j - 1];
    entries[j] = e;
    moves += i - j;
  }
  return moves <= most;
}

// Entries by the digits of their keys, which are unsigned, from the least significant one up: equal keys stay in order. The
// result lies in one of the two.
//
//   shared | high ... low | rest      digits that all keys share say nothing; below them, some 2 log2(n) bits tell nearly
//                                     all of n keys apart, and the few others are put in place. Where these are many
//                                     (values around an offset, and one far away), all digits are taken.
template <class Entry, class Key>
Entry* sort_by_digits(Entry* from, Entry* to, Index n, Key const& key) {
  if (n <= 16) {
    detail::insert_in_order(from, n, n * n, key);
    return from;
  }
  constexpr std::size_t most_digits = 2048;
  int const bits = n < 4096 ? 8 : 11;
  std::size_t const digits = std::size_t{1} << bits;
  auto const first = key(from[0]);
  auto differ = first ^ first;
  for (Index i = 0; i < n; ++i) differ |= key(from[i]) ^ first;
  int const high = static_cast<int>(std::bit_width(differ));
  int const telling = 2 * static_cast<int>(std::bit_width(static_cast<std::size_t>(n - 1))) + 2;
  std::array<Index, most_digits> start;
  for (int low = std::max(0, high - (telling + bits - 1) / bits * bits);; low = 0) {
    for (int shift = low; shift < high; shift += bits) {
      auto const digit = [&](Entry const& e) { return static_cast<std::size_t>(key(e) >> shift) & (digits - 1); };
      std::fill_n(start.data(), digits, Index{0});
      for (Index i = 0; i < n; ++i) ++start[digit(from[i])];
      if (start[digit(from[0])] == n) continue;
      Index sum = 0;
      for (std::size_t k = 0; k < digits; ++k) sum += std::exchange(start[k], sum);
      for (Index i = 0; i < n; ++i) to[start[digit(from[i])]++] = from[i];
      std::swap(from, to);
    }
    if (low == 0 || detail::insert_in_order(from, n, n, key)) return from;
  }
}

// A number's key as an unsigned one, in the same order.
template <class T>
using digits_of = std::make_unsigned_t<key_of<T>>;
template <class T>
constexpr digits_of<T> to_digits(key_of<T> key) {
  return static_cast<digits_of<T>>(key) ^ (digits_of<T>{1} << (8 * sizeof(T) - 1));
}
template <class T>
constexpr key_of<T> from_digits(digits_of<T> digits) {
  return static_cast<key_of<T>>(digits ^ (digits_of<T>{1} << (8 * sizeof(T) - 1)));
}

// Numbers without NaN; -0 becomes 0.
template <class T>
void sort_values(T* values, Index n, workspace& ws) {
  auto const scope = ws.scope();
  auto *const keys = ws.take<digits_of<T>>(n), *const others = ws.take<digits_of<T>>(n);
  for (Index i = 0; i < n; ++i) keys[i] = detail::to_digits<T>(detail::ordered_key(values[i]));
  digits_of<T> const* const sorted = detail::sort_by_digits(keys, others, n, [](auto key) { return key; });
  for (Index i = 0; i < n; ++i) values[i] = detail::value_of_key<T>(detail::from_digits<T>(sorted[i]));
}
template <class T>
std::size_t sort_scratch(Index n) {
  return 2 * workspace::room<key_of<T>>(n);
}

// The positions below n with wanted(i), by score(i), equal scores by position; NaN is the lowest. The result lies in ws.
template <bool Descending, class Score, class Wanted>
auto sort_scores(Score const& score, Wanted const& wanted, Index n, workspace& ws) {
  using T = std::remove_cvref_t<decltype(score(0))>;
  using K = digits_of<T>;
  auto* const pairs = ws.take<placed<K>>(n);
  auto* const others = ws.take<placed<K>>(n);
  Index count = 0;
  for (Index i = 0; i < n; ++i) {
    if (!wanted(i)) continue;
    K const key = detail::to_digits<T>(detail::ordered_key(score(i)));
    pairs[count++] = {Descending ? static_cast<K>(~key) : key, static_cast<std::uint32_t>(i)};
  }
  placed<K> const* const sorted = detail::sort_by_digits(pairs, others, count, [](auto const& pair) { return pair.key; });
  return std::pair(sorted, count);
}

// The numbers 0 to n - 1 by score(i), equal scores in order; NaN is the lowest.
template <class Score>
void order_by_scores(Score const& score, Index* order, Index n, workspace& ws) {
  auto const scope = ws.scope();
  auto const* const sorted = detail::sort_scores<false>(score, [](Index) { return true; }, n, ws).first;
  for (Index i = 0; i < n; ++i) order[i] = static_cast<Index>(sorted[i].place);
}
template <class T>
std::size_t order_scratch(Index n) {
  return 2 * workspace::room<placed<digits_of<T>>>(n);
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// Total orders, in which selection and sorting are safe for any input: rows by a key, and floating-point numbers as
// integers in the same order, NaN below everything.
#pragma once

#include "config.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace robagg::inline ROBAGG_ABI::detail {

template <class T>
using key_of = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;

template <class T>
constexpr key_of<T> ordered_key(T x) {
  using K = key_of<T>;
  if (x != x) return std::numeric_limits<K>::min();
  K const k = std::bit_cast<K>(x + T(0));  // -0 is 0
  return k < 0 ? static_cast<K>(k ^ std::numeric_limits<K>::max()) : k;
}
// The number, of a key that is none of NaN.
template <class T>
constexpr T value_of_key(key_of<T> k) {
  return std::bit_cast<T>(k < 0 ? static_cast<key_of<T>>(k ^ std::numeric_limits<key_of<T>>::max()) : k);
}

// Rows [first, last) by a key that is no NaN, equal keys by row; those before `middle` are in their places.
template <class Key>
void order_by(Key const& key, Index* first, Index* middle, Index* last) {
  auto const before = [&key](Index a, Index b) {
    auto const x = key(a), y = key(b);
    return x < y || (!(y < x) && a < b);
  };
  middle == last ? std::sort(first, last, before) : std::partial_sort(first, middle, last, before);
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// Floating-point numbers as integers in the same order, NaN below everything: a total order, in which
// selection and sorting are safe for any input.
#pragma once

#include "config.hpp"

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

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// Sorting every column of a tile at once: Batcher's merge exchange (Knuth, TAOCP 5.2.2, algorithm M)
// with whole rows as the things exchanged, so that each comparator is a vector min and max.
#pragma once

#include "tile.hpp"

#include <bit>

namespace robagg::inline ROBAGG_ABI::detail {

template <class T>
void exchange(T* EIGEN_RESTRICT a, T* EIGEN_RESTRICT b, Index width) {
  for (Index c = 0; c < width; ++c) {
    T const x = a[c], y = b[c];
    a[c] = y < x ? y : x;
    b[c] = y < x ? x : y;
  }
}

// Ascending in every column. The tile holds no NaN.
template <class T>
void sort_columns(tile<T> const& t) {
  auto const n = static_cast<std::size_t>(t.rows);
  if (n < 2) return;
  std::size_t const top = std::bit_ceil(n) / 2;
  for (std::size_t p = top; p > 0; p /= 2) {
    std::size_t q = top, r = 0, distance = p;
    while (true) {
      for (std::size_t i = 0; i + distance < n; ++i) {
        if ((i & p) == r) exchange(t.row(static_cast<Index>(i)), t.row(static_cast<Index>(i + distance)), t.width);
      }
      if (q == p) break;
      distance = q - p;
      q /= 2;
      r = p;
    }
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

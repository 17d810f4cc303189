// SPDX-License-Identifier: BSL-1.0
// Asking for memory ahead of its use.
#pragma once

#include "../base/dispatch.hpp"
#include "../base/packet.hpp"

#include <algorithm>

namespace robagg::inline ROBAGG_ABI::detail {

// Asks for `bytes` bytes from `offset` bytes after p on, to be there soon.
inline void prefetch([[maybe_unused]] void const* p, [[maybe_unused]] Index offset, [[maybe_unused]] Index bytes) {
#if ROBAGG_PACKETS
  for (Index b = 0; b < bytes; b += 64) __builtin_prefetch(static_cast<char const*>(p) + offset + b, 0, 2);
#endif
}

// Brings the next tile into the second level of cache, row by row, while this one is worked on: more streams than the
// processor can follow by itself.
template <class T>
class prefetcher : private dispatch::row_streams {
 public:
  // Nothing is fetched.
  prefetcher() = default;
  explicit prefetcher(dispatch::row_streams const& shared) : row_streams(shared) {}
  dispatch::row_streams& shared() { return *this; }
  // Of n rows, each stored in one piece of numbers of `size` bytes.
  prefetcher(void const* const* stored, Index count, Index columns, Index bytes) {
    rows = stored;
    n = count;
    size = bytes;
    lines = std::max<Index>(1, columns * size / 64);
  }

  void start(Index first, bool on) {
    step_bytes = on ? size : 0;
    if (step_bytes == 0) return;
    column = first;
    row = 0;
    line = 0;
    at = address(0);
  }
  // Called once per packet of columns, for all rows or, in groups, for some of them.
  EIGEN_ALWAYS_INLINE void step(Index of_rows) {
    for (Index k = of_rows * step_bytes * lanes<T> / 64; k > 0; --k) {
#if ROBAGG_PACKETS
      __builtin_prefetch(at, 0, 2);
#endif
      at += 64;
      if (++line == lines) {
        line = 0;
        row = row + 1 < n ? row + 1 : 0;
        at = address(row);
      }
    }
  }

 private:
  char const* address(Index i) const { return static_cast<char const*>(rows[i]) + column * size; }
};

// From as many rows on, processors lose track of the streams and the next block is prefetched.
inline constexpr Index many_streams = 12;

}  // namespace robagg::inline ROBAGG_ABI::detail

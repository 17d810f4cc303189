// SPDX-License-Identifier: BSL-1.0
// Asking for memory ahead of its use.
#pragma once

#include "../base/packet.hpp"

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
class prefetcher {
 public:
  // Nothing is fetched.
  prefetcher() = default;
  prefetcher(T const* const* rows, Index n, Index columns)
      : rows_(rows), n_(n), lines_(columns * size / 64), per_row_(lanes<T> * size) {}

  void start(Index column, bool on) {
    step_ = on ? per_row_ : 0;
    if (step_ == 0) return;
    column_ = column, row_ = 0, line_ = 0;
    at_ = address(0);
  }
  // Called once per packet of columns, for all rows or, in groups, for some of them.
  EIGEN_ALWAYS_INLINE void step(Index rows) {
    for (Index k = rows * step_ / 64; k > 0; --k) {
#if ROBAGG_PACKETS
      __builtin_prefetch(at_, 0, 2);
#endif
      at_ += 64;
      if (++line_ == lines_) {
        line_ = 0, row_ = row_ + 1 < n_ ? row_ + 1 : 0;
        at_ = address(row_);
      }
    }
  }

 private:
  char const* address(Index row) const { return static_cast<char const*>(static_cast<void const*>(rows_[row] + column_)); }
  static constexpr Index size = static_cast<Index>(sizeof(T));
  T const* const* rows_ = nullptr;
  char const* at_ = nullptr;
  Index n_ = 0, lines_ = 0, per_row_ = 0, step_ = 0, column_ = 0, row_ = 0, line_ = 0;
};

// From as many rows on, processors lose track of the streams and the next block is prefetched.
inline constexpr Index many_streams = 12;

}  // namespace robagg::inline ROBAGG_ABI::detail

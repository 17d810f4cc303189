// SPDX-License-Identifier: BSL-1.0
// Where values are: the positions, ascending, of those above a level, and of some that tie with it.
//
//     values  3 9 1 7 9 7     level 7, wanted 1     -> 1 3 4      (9, the first 7, 9)
#pragma once

#include "rank.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <functional>  // std::greater

namespace robagg::inline ROBAGG_ABI::detail {

// For each byte, which of its bits are set and how many.
template <class O>
inline constexpr auto set_bits = [] {
  std::array<std::array<O, 8>, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::size_t count = 0;
    for (unsigned b = 0; b < 8; ++b) {
      if (byte >> b & 1) table[byte][count++] = static_cast<O>(b);
    }
  }
  return table;
}();
inline constexpr auto bit_counts = [] {
  std::array<std::uint8_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) table[byte] = static_cast<std::uint8_t>(std::popcount(byte));
  return table;
}();

// Bit 8 i + k becomes bit 8 k + i.
constexpr std::uint64_t transposed(std::uint64_t x) {
  std::uint64_t t = (x ^ x >> 7) & 0x00aa00aa00aa00aa;
  x ^= t ^ t << 7;
  t = (x ^ x >> 14) & 0x0000cccc0000cccc;
  x ^= t ^ t << 14;
  t = (x ^ x >> 28) & 0x00000000f0f0f0f0;
  return x ^ t ^ t << 28;
}

// The position after the `wanted`-th value, of several, that is equal to a level.
template <class T>
Index past_ties(T const* x, Index n, T level, Index wanted) {
  Index i = 0;
  for (Index const block = 4096; n - i > block; i += block) {
    auto const [above, at_least] = detail::count_above(x + i, block, level);
    if (at_least - above >= wanted) break;
    wanted -= at_least - above;
  }
  for (; wanted > 0; ++i) wanted -= x[i] == level;
  return i;
}

// Appends base + the positions of the bits that are set; room says that 7 places more may be written.
template <class O>
EIGEN_ALWAYS_INLINE O* append_bits(std::uint64_t mask, Index base, [[maybe_unused]] bool room, O* out) {
#if ROBAGG_PACKETS
  if (room) {
    using offsets = typename vector_of<O, std::min(packet_bytes, 8 * sizeof(O))>::type;
    for (int b = 0; b < 64; b += 8) {
      std::size_t const byte = mask >> b & 255;
      O const first = static_cast<O>(base + b);
      for (Index l = 0; l < 8; l += lanes_of<offsets>) {
        detail::store<offsets>(out + l, detail::load<offsets>(set_bits<O>[byte].data() + l) + first);
      }
      out += bit_counts[byte];
    }
    return out;
  }
#endif
  for (; mask != 0; mask &= mask - 1) *out++ = static_cast<O>(base + std::countr_zero(mask));
  return out;
}

// Appends the positions in [from, to) of the values above a level (Equal: or at it) to [out, end), ascending.
template <bool Equal, class T, class O>
O* append_positions(T const* x, Index from, Index to, T level, O* out, O* end) {
  Index i = from;
#if ROBAGG_PACKETS
  if constexpr (lanes<T> > 1) {
    // 64 values are eight steps of eight, each a vector or several. A step sets one bit of each of eight lanes, and
    // the lanes, transposed, are the mask. Masks first, then positions: the two streams disturb each other otherwise.
    using V = typename vector_of<T, std::min(packet_bytes, 8 * sizeof(T))>::type;
    using words = typename vector_of<mask_word<T>, sizeof(V)>::type;
    constexpr Index vectors = 8 / lanes_of<V>, chunk = 2048;
    V const limit = detail::all<V>(level);
    std::uint64_t masks[chunk / 64];
    while (to - i >= 64) {
      Index const count = std::min(to - i, chunk) / 64;
      for (Index m = 0; m < count; ++m) {
        words hits[static_cast<std::size_t>(vectors)] = {};
        for (Index s = 0; s < 8; ++s) {
          for (Index v = 0; v < vectors; ++v) {
            V const values = detail::load<V>(x + i + 64 * m + 8 * s + v * lanes_of<V>);
            hits[v] |= detail::as<words>(Equal ? values >= limit : values > limit) & mask_word<T>{1} << s;
          }
        }
        mask_word<T> columns[8];
        for (Index v = 0; v < vectors; ++v) detail::store<words>(columns + v * lanes_of<V>, hits[v]);
        std::uint64_t bits = 0;
        for (int l = 0; l < 8; ++l) bits |= std::uint64_t{columns[l]} << 8 * l;
        masks[m] = detail::transposed(bits);
      }
      bool const room = end - out >= chunk + 8;
      for (Index m = 0; m < count; ++m) out = detail::append_bits(masks[m], i + 64 * m, room, out);
      i += 64 * count;
    }
  }
#endif
  for (; i < to && out < end; ++i) {
    *out = static_cast<O>(i);
    out += Equal ? x[i] >= level : x[i] > level;
  }
  return out;
}

struct no_tie_break {
  std::int32_t operator()(Index) const { return 0; }
};

// Calls put(place, j) for the positions above a level and for `wanted` of those that tie with it, ascending: first those
// with the highest tie keys, then the first. A level that is NaN ties with NaN, and everything else is above.
template <class T, class TieKey>
void positions_with_ties(T const* x, Index d, T level, Index wanted, TieKey const& tie_key, auto&& put, workspace& ws) {
  using B = decltype(tie_key(0));
  bool const number = level == level;
  auto const above = [&](T v) { return number ? v > level : v == v; };
  auto const tied = [&](T v) { return number ? v == level : v != v; };
  B tie_level{};
  if constexpr (!std::is_same_v<TieKey, no_tie_break>) {
    auto const scope = ws.scope();
    B* const ties = ws.take<B>(d);
    Index count = 0;
    for (Index j = 0; j < d; ++j) {
      if (tied(x[j])) ties[count++] = tie_key(j);
    }
    if (wanted > 0) {
      std::nth_element(ties, ties + (wanted - 1), ties + count, std::greater<>{});
      tie_level = ties[wanted - 1];
      wanted -= std::count_if(ties, ties + (wanted - 1), [&](B tie) { return tie > tie_level; });
    } else {
      tie_level = std::numeric_limits<B>::max();
    }
  }
  for (Index j = 0, place = 0; j < d; ++j) {
    bool in = above(x[j]);
    if (tied(x[j])) {
      B const tie = tie_key(j);
      in = tie > tie_level || (tie == tie_level && wanted-- > 0);
    }
    if (in) put(place++, j);
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

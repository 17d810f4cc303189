// SPDX-License-Identifier: BSL-1.0
// Selection in one long vector: the value of a rank, and where the values above it are. A small sample says between
// which two values the wanted one lies, with a margin; one pass counts what is above and copies out the few values
// between; among those the search goes on. (Floyd and Rivest 1975; here nothing is exchanged, so that the pass is a
// stream of vector compares.) A sample that misleads is consulted three times at most; then std::nth_element decides.
#pragma once

#include "packet.hpp"
#include "random.hpp"
#include "tile.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>  // std::greater
#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

// --- passes --------------------------------------------------------------------------------------
// A block is as many packets as a lane has bits: bit p of lane l of a mask is value l of packet p.

template <class T>
using mask_word = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

// Calls with_packets(from, packets) for whole packets, at most `deep` at a time, and with_value(i) for the rest.
template <class T>
EIGEN_ALWAYS_INLINE void for_each_block(Index n, Index deep, auto&& with_packets, auto&& with_value) {
  Index i = 0;
  if constexpr (lanes<T> > 1) {
    for (; n - i >= deep * lanes<T>; i += deep * lanes<T>) with_packets(i, deep);
    if (Index const rest = (n - i) / lanes<T>; rest > 0) with_packets(i, rest), i += rest * lanes<T>;
  }
  for (; i < n; ++i) with_value(i);
}

// How many values are above a level, and how many at least there.
struct tally {
  Index above, at_least;
};
template <class T>
tally count_above(T const* x, Index n, T level) {
  tally t{0, 0};
  detail::for_each_block<T>(
      n, 64,
      [&]([[maybe_unused]] Index i, [[maybe_unused]] Index packets) {
#if ROBAGG_PACKETS
        using V = packet<T>;
        using words = typename vector_of<mask_word<T>, sizeof(V)>::type;
        V const limit = detail::all<V>(level);
        words above{}, at_least{};
        for (Index p = 0; p < packets; ++p) {
          V const v = detail::load<V>(x + i + p * lanes<T>);
          above -= detail::as<words>(v > limit), at_least -= detail::as<words>(v >= limit);  // a set lane is -1
        }
        for (Index l = 0; l < lanes<T>; ++l) {
          t.above += static_cast<Index>(above[l]), t.at_least += static_cast<Index>(at_least[l]);
        }
#endif
      },
      [&](Index i) { t.above += x[i] > level, t.at_least += x[i] >= level; });
  return t;
}

// The values between low and high, both excluded, go to `out`, in no particular order: room for n + 2 values.
struct filtered {
  Index inside, reached;  // how many those are; how many values are at least high
};
template <class T>
filtered filter(T const* x, Index n, T low, T high, T* out) {
  Index inside = 0, reached = 0;
  detail::for_each_block<T>(
      n, static_cast<Index>(8 * sizeof(T)),
      [&]([[maybe_unused]] Index i, [[maybe_unused]] Index packets) {
#if ROBAGG_PACKETS
        using V = packet<T>;
        using words = typename vector_of<mask_word<T>, sizeof(V)>::type;
        V const bottom = detail::all<V>(low), top = detail::all<V>(high);
        words hits{}, above{}, bit = words{} + 1;
        for (Index p = 0; p < packets; ++p) {
          V const v = detail::load<V>(x + i + p * lanes<T>);
          words const over = detail::as<words>(v >= top);
          hits |= detail::as<words>(v > bottom) & ~over & bit;
          above -= over;
          bit += bit;
        }
        mask_word<T> hit_words[static_cast<std::size_t>(lanes<T>)];
        detail::store<words>(hit_words, hits);  // by value: memcpy would keep hits in memory all along
        for (Index l = 0; l < lanes<T>; ++l) reached += static_cast<Index>(above[l]);
        for (Index l = 0; l < lanes<T>; ++l) {
          mask_word<T> hit = hit_words[l];
          T const* const from = x + i + l;
          // Few hits: the first without asking, so that there is hardly a branch to predict.
          auto const last = mask_word<T>{1} << (packets - 1);
          auto const take = [&] {
            out[inside] = from[std::countr_zero(hit | last) * lanes<T>];
            inside += hit != 0;
            hit &= hit - 1;
          };
          take();
          while (hit != 0) take();
        }
#endif
      },
      [&](Index i) {
        T const v = x[i];
        bool const over = v >= high;
        out[inside] = v;
        inside += (v > low) & !over;
        reached += over;
      });
  return {inside, reached};
}

// The highest value below a level, -infinity if there is none.
template <class T>
T highest_below(T const* x, Index n, T level) {
  T highest = -std::numeric_limits<T>::infinity();
  for (Index i = 0; i < n; ++i) highest = x[i] < level && x[i] > highest ? x[i] : highest;
  return highest;
}

// --- the value of a rank -------------------------------------------------------------------------

// What has a rank, counted from the top: the value, the one that follows it, how many are above it, how many at least
// there.
template <class T>
struct chosen {
  T value, next;
  Index above, at_least;
};

template <class T>
inline constexpr Index few = std::clamp<Index>(16 * lanes<T>, 32, 128);  // compared with each other
inline constexpr Index some = 8192;  // up to here a round may well miss

// Scratch for from_top: a band, and what the search in it and in the sample need.
constexpr Index selection_room(Index n) { return n + n / 2 + 3 * std::min(n, some) + 64; }

template <class T>
inline constexpr T no_number = std::numeric_limits<T>::quiet_NaN();

// The same by std::nth_element: reorders x, which holds no NaN.
template <class T>
chosen<T> by_partition(T* x, Index n, Index rank) {
  std::nth_element(x, x + rank, x + n, std::greater<>{});
  T const value = x[rank];
  auto const [above, at_least] = detail::count_above(x, n, value);
  return {value, rank + 1 < n ? *std::max_element(x + rank + 1, x + n) : no_number<T>, above, at_least};
}

// Without NaN, at the start of `to`: how many.
template <class T>
Index copy_numbers(T const* x, Index n, T* to) {
  Index m = 0;
  for (Index i = 0; i < n; ++i) {
    T const v = x[i];
    to[m] = v;
    m += v == v;
  }
  return m;
}

// Up to `few` values, by comparing all with all: the lowest of those that have at most `rank` values above them.
template <class T>
chosen<T> from_top_of_few(T const* x, Index n, Index rank, T* room) {
  Index const numbers = detail::copy_numbers(x, n, room);
  if (rank >= numbers) return {no_number<T>, no_number<T>, numbers, n};
#if ROBAGG_PACKETS
  if constexpr (lanes<T> > 1) {
    using V = packet<T>;
    using words = typename vector_of<mask_word<T>, sizeof(V)>::type;
    constexpr T infinite = std::numeric_limits<T>::infinity();
    constexpr std::size_t packets = 4;
    constexpr Index together = static_cast<Index>(packets) * lanes<T>;
    for (Index i = numbers; i % together != 0; ++i) room[i] = -infinite;
    V value = detail::all<V>(infinite), next = value;
    words const limit = words{} + static_cast<mask_word<T>>(rank);
    for (Index i = 0; i < numbers; i += together) {
      V v[packets];
      words higher[packets] = {};
      for (std::size_t p = 0; p < packets; ++p) v[p] = detail::load<V>(room + i + static_cast<Index>(p) * lanes<T>);
      for (Index k = 0; k < numbers; ++k) {
        V const other = detail::all<V>(room[k]);
        for (std::size_t p = 0; p < packets; ++p) higher[p] -= detail::as<words>(other > v[p]);
      }
      for (std::size_t p = 0; p < packets; ++p) {
        value = ((higher[p] <= limit) & (v[p] < value)) ? v[p] : value;
        next = ((higher[p] <= limit + 1) & (v[p] < next)) ? v[p] : next;
      }
    }
    chosen<T> found{value[0], next[0], 0, 0};
    for (Index l = 1; l < lanes<T>; ++l) {
      found.value = std::min<T>(found.value, value[l]), found.next = std::min<T>(found.next, next[l]);
    }
    auto const [above, at_least] = detail::count_above(room, numbers, found.value);
    found.above = above, found.at_least = at_least;
    return found;
  }
#endif
  return detail::by_partition(room, numbers, rank);
}

inline Index sample_stretch(Index n) { return static_cast<Index>(1.5 * std::cbrt(static_cast<double>(n))); }
inline Index offset_below(generator& random, Index stretch) {
  return static_cast<Index>((random() >> 32) * static_cast<std::uint64_t>(stretch) >> 32);
}

// The value of a rank, counted from the top; NaN is below everything. `room` holds selection_room(n) values.
template <class T>
chosen<T> from_top(T const* x, Index n, Index rank, T* room) {
  constexpr T infinite = std::numeric_limits<T>::infinity();
  if (n <= few<T>) return detail::from_top_of_few(x, n, rank, room);

  // One value from every stretch: a sorted vector gives a sample as good as it gets, a shuffled one a random sample.
  Index const stretch = detail::sample_stretch(n), size = n / stretch;
  T* const sample = room + n + 8;
  T* const rest = sample + size;
  generator random(static_cast<std::uint64_t>(n));
  Index drawn = 0;
  for (Index i = 0; i < size; ++i) {
    T const v = x[i * stretch + detail::offset_below(random, stretch)];
    sample[drawn] = v;
    drawn += v == v;
  }

  double const share = (static_cast<double>(rank) + .5) / static_cast<double>(n);
  double const center = share * static_cast<double>(size);
  double margin = (n > some ? 3 : 1.5) * std::sqrt(center * (1 - share)) + 1;  // 3 sigma: to miss costs two more passes
  T floor = -infinite, ceiling = infinite;  // what the rounds have found out
  for (int round = 0; round < 3; ++round, margin *= 3) {
    Index const first = static_cast<Index>(std::floor(center - margin));
    Index const last = static_cast<Index>(std::ceil(center + margin));
    T high = first < 0 ? infinite : first >= drawn ? -infinite : detail::from_top(sample, drawn, first, rest).value;
    T low = last >= drawn ? -infinite : detail::from_top(sample, drawn, last, rest).value;
    high = std::clamp(high, floor, ceiling), low = std::clamp(low, floor, ceiling);
    filtered const band = low < high ? detail::filter(x, n, low, high, room) : filtered{0, 0};
    if (Index const within = rank - band.reached; within >= 0 && within < band.inside) {
      bool const shrinks = n > some ? band.inside <= n / 2 : band.inside <= n / 4 * 3;
      chosen<T> found = shrinks ? detail::from_top(room, band.inside, within, room + band.inside + 2)
                                : detail::by_partition(room, band.inside, within);
      found.above += band.reached, found.at_least += band.reached;
      if (within + 1 == band.inside) found.next = low;
      return found;
    }
    // An end of the band itself, when many values are equal to it; otherwise the rank is beyond that end.
    T const end = low < high && rank < band.reached ? high : low;
    auto const [above, at_least] = detail::count_above(x, n, end);
    if (rank >= above && rank < at_least) {
      return {end, rank + 1 < at_least ? end : detail::highest_below(x, n, end), above, at_least};
    }
    if (rank >= at_least && end == -infinite) return {no_number<T>, no_number<T>, at_least, n};
    (rank < above ? floor : ceiling) = end;
  }
  Index const numbers = detail::copy_numbers(x, n, room);
  return rank < numbers ? detail::by_partition(room, numbers, rank) : chosen<T>{no_number<T>, no_number<T>, numbers, n};
}

template <class T>
chosen<T> from_top(T const* x, Index n, Index rank, workspace& ws) {
  auto const scope = ws.scope();
  return detail::from_top(x, n, rank, ws.take<T>(detail::selection_room(n)));
}

// The values of rank first, ..., first + count - 1 from the bottom, count 1 or 2, of n values without NaN, ascending.
template <class T>
void select_ranks(T const* values, Index n, Index first, Index count, T* out, workspace& ws) {
  auto const found = detail::from_top(values, n, n - first - count, ws);
  out[count - 1] = found.value;
  if (count > 1) out[0] = found.next;
}

// Reorders the values so that those of rank [first, last) from the bottom are at [first, last), the lowest of them
// first, the highest last.
template <class T>
void keep_ranks(T* values, Index n, Index first, Index last) {
  if (first >= last) return;
  std::nth_element(values, values + first, values + n);
  if (last - first > 1) std::nth_element(values + first + 1, values + (last - 1), values + n);
}

// --- where values are ----------------------------------------------------------------------------

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

// --- for decisions -------------------------------------------------------------------------------

template <class V>
auto score_at(V const& scores, Index j) {
  if constexpr (requires { scores.coeff(j); }) {
    return scores.coeff(j);
  } else {
    return scores.data()[j];
  }
}

// Scores as contiguous numbers: themselves, or widened in scratch.
template <class V>
auto score_values(V const& scores, workspace& ws) {
  auto&& values = detail::readable(scores);
  using S = std::remove_cvref_t<decltype(score_at(values, Index{0}))>;
  using T = wide<S>;
  Index const d = static_cast<Index>(scores.size());
  if constexpr (std::same_as<S, T> && requires { scores.data(); }) {
    bool apart = false;
    if constexpr (requires { scores.innerStride(); }) apart = scores.innerStride() != 1;
    if (!apart) return static_cast<T const*>(scores.data());
  }
  T* const copy = ws.take<T>(d);
  for (Index j = 0; j < d; ++j) copy[j] = static_cast<T>(detail::score_at(values, j));
  return static_cast<T const*>(copy);
}

// The p-quantile of numbers in any order (no NaN), interpolated between ranks as NumPy does by default. Between a finite and
// an infinite number it is the infinite one, between -infinity and infinity the nearer of the two, the lower half way. Reorders them.
inline double interpolated_quantile(double* x, Index n, double p) {
  double const place = p * static_cast<double>(n - 1), whole = std::floor(place), share = place - whole;
  std::nth_element(x, x + static_cast<Index>(whole), x + n);
  double const lower = x[static_cast<Index>(whole)];
  if (share == 0) return lower;
  double const upper = *std::min_element(x + static_cast<Index>(whole) + 1, x + n), step = upper - lower;
  if (lower == upper) return upper;
  if (std::isfinite(step)) return lower + share * step;
  if (std::isfinite(lower) && std::isfinite(upper)) return (1 - share) * lower + share * upper;  // the step overflows
  return std::isfinite(upper) || (!std::isfinite(lower) && share <= .5) ? lower : upper;
}

// A result of integers that lie side by side.
template <class Out>
concept places_side_by_side =
    requires(Out& out) { requires std::integral<std::remove_cvref_t<decltype(*out.data())>>; } &&
    (!requires(Out& out) { out.innerStride(); } ||
     requires { requires std::remove_cvref_t<Out>::InnerStrideAtCompileTime == 1; });

}  // namespace robagg::inline ROBAGG_ABI::detail

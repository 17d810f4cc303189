// SPDX-License-Identifier: BSL-1.0
// Selection in one long vector: the value of a rank, and where the values above it are. A small sample says between
// which two values the wanted one lies, with a margin; one pass counts what is above and copies out the few values
// between; among those the search goes on. (Floyd and Rivest 1975; here nothing is exchanged, so that the pass is a
// stream of vector compares.) A sample that misleads is consulted three times at most; then std::nth_element decides.
#pragma once

#include "../base/packet.hpp"
#include "../base/random.hpp"
#include "../table/tile.hpp"

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
    if (Index const rest = (n - i) / lanes<T>; rest > 0) {
      with_packets(i, rest);
      i += rest * lanes<T>;
    }
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
inline constexpr Index some = 8192;                                      // up to here a round may well miss
// A band that is searched as the whole was: three quarters of little, half of more.
constexpr Index widest_band(Index n) { return n > 512 ? n / 2 : n / 4 * 3; }

// Scratch for from_top: a band, and what the search in it and in the sample need.
constexpr Index selection_room(Index n) { return n + n / 2 + 3 * std::min<Index>(n, 512) + 64; }

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
      found.value = std::min<T>(found.value, value[l]);
      found.next = std::min<T>(found.next, next[l]);
    }
    auto const [above, at_least] = detail::count_above(room, numbers, found.value);
    found.above = above;
    found.at_least = at_least;
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
  T floor = -infinite, ceiling = infinite;                                     // what the rounds have found out
  for (int round = 0; round < 3; ++round, margin *= 3) {
    Index const first = static_cast<Index>(std::floor(center - margin));
    Index const last = static_cast<Index>(std::ceil(center + margin));
    T high = first < 0 ? infinite : first >= drawn ? -infinite : detail::from_top(sample, drawn, first, rest).value;
    T low = last >= drawn ? -infinite : detail::from_top(sample, drawn, last, rest).value;
    high = std::clamp(high, floor, ceiling);
    low = std::clamp(low, floor, ceiling);
    filtered const band = low < high ? detail::filter(x, n, low, high, room) : filtered{0, 0};
    if (Index const within = rank - band.reached; within >= 0 && within < band.inside) {
      chosen<T> found = band.inside <= widest_band(n) ? detail::from_top(room, band.inside, within, room + band.inside + 2)
                                                      : detail::by_partition(room, band.inside, within);
      found.above += band.reached;
      found.at_least += band.reached;
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

// The same without NaN, the others between those two in the order in which they were: two selections, which exchange nothing,
// and one pass.
template <class T>
void keep_between(T* values, Index n, Index first, Index last, workspace& ws) {
  if (first >= last) return;
  auto const lowest = detail::from_top(values, n, n - 1 - first, ws), highest = detail::from_top(values, n, n - last, ws);
  T const low = lowest.value, high = highest.value;
  if (low == high) return void(std::fill(values + first, values + last, low));
  Index between = 0;
  for (Index i = 0; i < n; ++i) {
    T const v = values[i];
    values[between] = v;
    between += (v > low) & (v < high);
  }
  Index const begin = n - lowest.above;
  std::copy_backward(values, values + between, values + begin + between);
  std::fill(values + first, values + begin, low);
  std::fill(values + begin + between, values + last, high);
}

// The p-quantile of numbers in any order (no NaN), interpolated between ranks as NumPy does by default. Between a finite and
// an infinite number it is the infinite one, between -infinity and infinity the nearer of the two, the lower half way. Reorders
// them.
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

}  // namespace robagg::inline ROBAGG_ABI::detail

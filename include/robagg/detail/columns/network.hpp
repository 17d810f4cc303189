// SPDX-License-Identifier: BSL-1.0
// Comparator networks as constants: which two of N values to put in order, and when. A kernel unrolls one over its
// registers. Proven by the zero-one principle in tests/detail/network.test.cpp.
#pragma once

#include "../base/config.hpp"

#include <array>
#include <utility>

namespace robagg::inline ROBAGG_ABI::detail {

// Puts values `low` < `high` in order. A half that nobody reads later is not computed.
struct comparator {
  int low, high;
  bool lower = true, upper = true;
};

constexpr int most_comparators(int n) {
  int levels = 0;
  while ((1 << levels) < n) ++levels;
  return n * levels * (levels + 1) / 4 + 1;
}

template <int N>
struct network {
  std::array<comparator, static_cast<std::size_t>(most_comparators(N))> list{};
  int size = 0;

  constexpr void compare(int low, int high) {
    if (high < N) list[static_cast<std::size_t>(size++)] = {low, high};
  }
};

// Batcher's odd-even merge sort (Knuth, TAOCP 5.3.4), each half sorted and merged before the other is touched: the same
// comparators layer by layer would keep all values alive at once, more than there are registers.
template <int N>
class merge_sort {
 public:
  static constexpr network<N> make() {
    merge_sort m;
    int size = 1;
    while (size < N) size *= 2;
    m.sort(0, size);
    return m.net_;
  }

 private:
  constexpr void sort(int first, int size) {
    if (size == 1 || first >= N) return;
    sort(first, size / 2);
    sort(first + size / 2, size / 2);
    merge(first, size, 1);
  }
  constexpr void merge(int first, int size, int step) {
    if (2 * step == size) return net_.compare(first, first + step);
    merge(first, size, 2 * step);
    merge(first + step, size, 2 * step);
    for (int i = first + step; i + step < first + size; i += 2 * step) net_.compare(i, i + step);
  }
  network<N> net_;
};

// Sorts what rises and then falls, or any rotation of it. N is a power of two.
template <int N>
constexpr network<N> bitonic_merge() {
  network<N> net;
  for (int size = N; size > 1; size /= 2) {
    for (int first = 0; first < N; first += size) {
      for (int i = first; i < first + size / 2; ++i) net.compare(i, i + size / 2);
    }
  }
  return net;
}

// What is left of a network when only ranks [first, last) are read.
template <int N>
constexpr network<N> pruned(network<N> const& all, int first, int last) {
  std::array<bool, static_cast<std::size_t>(N)> live{};
  for (int i = first; i < last; ++i) live[static_cast<std::size_t>(i)] = true;
  network<N> kept;
  for (int i = all.size; i-- > 0;) {
    comparator c = all.list[static_cast<std::size_t>(i)];
    auto const low = static_cast<std::size_t>(c.low), high = static_cast<std::size_t>(c.high);
    c.lower = live[low];
    c.upper = live[high];
    if (!c.lower && !c.upper) continue;
    kept.list[static_cast<std::size_t>(kept.size++)] = c;
    live[low] = live[high] = true;
  }
  for (int i = 0, k = kept.size - 1; i < k; ++i, --k) {
    std::swap(kept.list[static_cast<std::size_t>(i)], kept.list[static_cast<std::size_t>(k)]);
  }
  return kept;
}

// exchange<lower, upper>(low, high) for every comparator of a network, in pieces: compilers limit how long a fold may be.
template <auto const& Net, std::size_t First, std::size_t... I>
EIGEN_ALWAYS_INLINE void run_piece(auto& values, std::index_sequence<I...>) {
  (values.template exchange<Net.list[First + I].lower, Net.list[First + I].upper>(Net.list[First + I].low,
                                                                                  Net.list[First + I].high),
   ...);
}
template <auto const& Net, std::size_t First = 0>
EIGEN_ALWAYS_INLINE void run(auto& values) {
  constexpr std::size_t left = static_cast<std::size_t>(Net.size) - First, piece = left < 200 ? left : 200;
  detail::run_piece<Net, First>(values, std::make_index_sequence<piece>{});
  if constexpr (left > piece) detail::run<Net, First + piece>(values);
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// A fixed generator, so that a seed means the same on every standard library.
#pragma once

#include "config.hpp"

#include <cstdint>
#include <utility>  // std::swap

namespace robagg::inline ROBAGG_ABI::detail {

// SplitMix64 (Steele, Lea and Flood 2014).
class generator {
 public:
  explicit constexpr generator(std::uint64_t seed) : state_(seed) {}
  constexpr std::uint64_t operator()() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // Uniform on [0, n): draws from the last, incomplete round are rejected.
  constexpr std::uint64_t below(std::uint64_t n) {
    std::uint64_t const limit = n * (~std::uint64_t{0} / n);
    std::uint64_t x = (*this)();
    while (x >= limit) x = (*this)();
    return x % n;
  }

 private:
  std::uint64_t state_;
};

// Fisher and Yates: every order equally likely.
template <class Values>
constexpr void shuffle(Values&& values, Index n, generator random) {
  for (Index i = n - 1; i > 0; --i) {
    using std::swap;
    swap(values[i], values[static_cast<Index>(random.below(static_cast<std::uint64_t>(i) + 1))]);
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

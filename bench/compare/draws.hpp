// SPDX-License-Identifier: BSL-1.0
// Random numbers that a seed decides alone: the same on every standard library.
#pragma once

#include <robagg/reports.hpp>

#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace robagg_compare {

/// SplitMix64 (Steele, Lea and Flood 2014).
class draws {
 public:
  explicit draws(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// In [0, 1).
  double share() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  /// In (0, 1).
  double uniform() { return (static_cast<double>(bits() >> 11) + .5) * 0x1p-53; }
  /// Standard normal, after Box and Muller.
  double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform()); }
  double exponential(double mean) { return -mean * std::log(uniform()); }
  bool chance(double probability) { return uniform() < probability; }
  /// One of 0 .. n - 1, all equally likely: draws from the last, incomplete round are rejected.
  robagg::Index below(robagg::Index n) {
    auto const count = static_cast<std::uint64_t>(n), limit = count * (~std::uint64_t{0} / count);
    std::uint64_t x = bits();
    while (x >= limit) x = bits();
    return static_cast<robagg::Index>(x % count);
  }

 private:
  std::uint64_t state_;
};

/// 0 .. n - 1 in an order of which all are equally likely (Fisher and Yates).
inline std::vector<robagg::Index> shuffled(robagg::Index n, draws& random) {
  std::vector<robagg::Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), robagg::Index{0});
  for (robagg::Index i = n - 1; i > 0; --i) {
    std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(random.below(i + 1))]);
  }
  return order;
}
inline std::vector<robagg::Index> shuffled(robagg::Index n, std::uint64_t seed) {
  draws random(seed);
  return shuffled(n, random);
}

}  // namespace robagg_compare

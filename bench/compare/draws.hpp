// SPDX-License-Identifier: BSL-1.0
// Random numbers that a seed decides alone: the same on every standard library.
#pragma once

#include <robagg/detail/random.hpp>

#include <cmath>
#include <cstdint>

namespace robagg_compare {

class draws {
 public:
  explicit draws(std::uint64_t seed) : random_(seed) {}
  std::uint64_t bits() { return random_(); }
  /// In (0, 1).
  double uniform() { return (static_cast<double>(random_() >> 11) + .5) * 0x1p-53; }
  /// Standard normal, after Box and Muller.
  double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform()); }
  double exponential(double mean) { return -mean * std::log(uniform()); }
  bool chance(double probability) { return uniform() < probability; }
  robagg::Index below(robagg::Index n) { return static_cast<robagg::Index>(random_.below(static_cast<std::uint64_t>(n))); }

 private:
  robagg::detail::generator random_;
};

}  // namespace robagg_compare

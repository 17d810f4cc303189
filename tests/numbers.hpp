// SPDX-License-Identifier: BSL-1.0
// What the tests' tables are made of, and the benchmarks': values from a generator of our own, so that they are the same
// on every machine.
#pragma once

#include <robagg/robagg.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace robagg_test {

// Under the sanitizers code is slow, and what has no memory of its own to go wrong with is tried fewer times.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool instrumented = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool instrumented = true;
#else
inline constexpr bool instrumented = false;
#endif
#else
inline constexpr bool instrumented = false;
#endif

using Eigen::Index;
using matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// xorshift64* (Vigna 2016).
class numbers {
 public:
  explicit numbers(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du) {
    for (int i = 0; i < 8; ++i) bits();
  }
  std::uint64_t bits() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545f4914f6cdd1du;
  }
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  // Nearly normal: twelve uniforms.
  double gauss() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum;
  }
  Index below(Index n) { return static_cast<Index>(bits() >> 33) % n; }

 private:
  std::uint64_t state_;
};

inline std::vector<Index> permutation(Index n, std::uint64_t seed) {
  numbers random(seed);
  std::vector<Index> p(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < p.size(); ++i) {
    p[i] = static_cast<Index>(i);
    std::swap(p[i], p[static_cast<std::size_t>(random.below(static_cast<Index>(i) + 1))]);
  }
  return p;
}

inline matrix pick(matrix const& x, std::vector<Index> const& rows) {
  matrix y(static_cast<Index>(rows.size()), x.cols());
  for (Index i = 0; i < y.rows(); ++i) y.row(i) = x.row(rows[static_cast<std::size_t>(i)]);
  return y;
}

}  // namespace robagg_test

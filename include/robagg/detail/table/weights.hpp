// SPDX-License-Identifier: BSL-1.0
// Weights of rows: how a table carries them, and what kind of numbers they are. Sums of weights are compared: those of whole
// numbers exactly, those of numbers that were rounded (.1) with a slack for just that rounding.
#pragma once

#include "ownership.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

// Weights that the user has listed, in a `list` or in a container that is kept.
template <class L>
struct listed_weights {
  static constexpr bool is_owner = owns<L>;
  L values;
  using value_type = std::remove_cvref_t<decltype(values[0])>;
  Index size() const { return static_cast<Index>(values.size()); }
  // One weight for every row of a table?
  bool fit(auto const& table) const { return table.rows() == size(); }
  // The rounding unit of the type that carries the weights.
  double epsilon() const {
    using F = std::conditional_t<std::is_integral_v<value_type>, double, value_type>;
    return static_cast<double>(Eigen::NumTraits<F>::epsilon());
  }
  value_type operator[](Index i) const { return values[i]; }
};
// The weights of a subset of a weighted table.
template <class Weights, class L>
struct picked_weights {
  static constexpr bool is_owner = any_owns<Weights, L>;
  Weights all;
  L indices;
  using value_type = typename std::remove_cvref_t<Weights>::value_type;
  Index size() const { return static_cast<Index>(indices.size()); }
  // Rows that a pipe has made of the subset are as many.
  bool fit(auto const& table) const {
    if constexpr (requires { table.indices; }) {
      return table.rows() == size() && all.fit(table.base);
    } else {
      return table.rows() == size();
    }
  }
  double epsilon() const { return all.epsilon(); }
  value_type operator[](Index i) const { return all[indices[i]]; }
};

enum class weight_kind { equal, whole, rounded };

// x 2^e.
inline double times_power(double x, int e) {
  return e >= -1022 && e <= 1023 ? x * std::bit_cast<double>(static_cast<std::uint64_t>(e + 1023) << 52) : std::ldexp(x, e);
}
// The largest power of two of which w > 0 is a multiple.
inline int power_in(double w) {
  auto const bits = std::bit_cast<std::uint64_t>(w), digits = bits & ((std::uint64_t{1} << 52) - 1);
  auto const exponent = static_cast<int>(bits >> 52);
  return exponent == 0 ? std::countr_zero(digits) - 1074 : std::min(52, std::countr_zero(digits)) + exponent - 1075;
}

// Only ratios of weights count. Equal weights become 1. Those that are a power of two times whole numbers become these, as far
// as all their sums are exact in double. Of others the largest is scaled to [1, 2) by a power of two: no sum overflows.
inline weight_kind normalise_weights(double* w, Index n) {
  constexpr double most_digits = 0x1p24, most_whole = 0x1p51;
  double least = std::numeric_limits<double>::infinity(), most = 0;
  int unit = std::numeric_limits<int>::max();  // its power of two divides all weights
  for (Index i = 0; i < n; ++i) {
    if (!(w[i] > 0)) continue;
    least = std::min(least, w[i]);
    most = std::max(most, w[i]);
    unit = std::min(unit, detail::power_in(w[i]));
  }
  if (least >= most) {
    for (Index i = 0; i < n; ++i) w[i] = w[i] > 0;
    return weight_kind::equal;
  }
  double units = 0;
  for (Index i = 0; i < n; ++i) units += detail::times_power(w[i], -unit);
  bool const whole = units <= most_digits || (unit >= 0 && units <= most_whole);
  int const shift = whole ? -unit : -std::ilogb(most);
  for (Index i = 0; i < n; ++i) w[i] = detail::times_power(w[i], shift);
  return whole ? weight_kind::whole : weight_kind::rounded;
}

// How far sums of n such weights may be off, as a share of their total: each weight by its own rounding, each addition by one.
inline double rounding_of(weight_kind kind, double epsilon, Index n) {
  return kind == weight_kind::rounded ? 2 * epsilon + static_cast<double>(n) * std::numeric_limits<double>::epsilon() : 0;
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// Sums of logarithms, with one logarithm for hundreds of numbers: exponents are added, mantissas multiplied.
#pragma once

#include "config.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

// The sum of log(max(x, least)) over n numbers; least is a normal double, NaN makes NaN.
template <class T>
double sum_of_logs(T const* x, Index n, double least) {
  constexpr int lanes = 8;
  constexpr Index most = 1000;  // factors below 2, so that no product overflows
  constexpr std::int64_t bits = std::int64_t{1} << 52, exponent_of_one = 1023;
  constexpr double largest = std::numeric_limits<double>::max();
  double sum = 0;
  for (Index first = 0; first < n; first += most * lanes) {
    Index const last = std::min(n, first + most * lanes);
    double product[lanes];
    std::int64_t exponents[lanes] = {}, unknown[lanes] = {};
    std::fill_n(product, lanes, 1.);
    auto const add = [&](Index from, int l) {
      double v = static_cast<double>(x[from + l]);
      unknown[l] += v != v;
      v = v < largest ? v : largest;
      v = v > least ? v : least;
      auto const b = std::bit_cast<std::int64_t>(v);
      exponents[l] += (b >> 52) - exponent_of_one;
      product[l] *= std::bit_cast<double>((b & (bits - 1)) | (exponent_of_one << 52));
    };
    Index i = first;
    for (; i + lanes <= last; i += lanes) {
      for (int l = 0; l < lanes; ++l) add(i, l);
    }
    for (int l = 0; i + l < last; ++l) add(i, l);
    for (int l = 0; l < lanes; ++l) {
      if (unknown[l] > 0) return std::numeric_limits<double>::quiet_NaN();
      sum += std::log(product[l]) + static_cast<double>(exponents[l]) * 0.69314718055994530942;
    }
  }
  return sum;
}

}  // namespace robagg::inline ROBAGG_ABI::detail

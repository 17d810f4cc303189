// SPDX-License-Identifier: BSL-1.0
// Logarithms of packets; sums of logarithms, with one logarithm for hundreds of numbers: exponents are added, mantissas
// multiplied.
#pragma once

#include "exponential.hpp"

#include <algorithm>
#include <array>
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

// log(x) of normal numbers, a packet or a number at a time, to the same bits; `less_one` is x - 1, of which more digits may be
// known. Off by less than 2e-7 of itself in float, 3e-16 in double: x = 2^k m, 1/sqrt(2) <= m < sqrt(2), and m - 1 is
// `less_one` where k is 0.
template <class V>
EIGEN_ALWAYS_INLINE V logarithm(V x, V less_one) {
  if constexpr (requires { x.low; }) {
    return {detail::logarithm(x.low, less_one.low), detail::logarithm(x.high, less_one.high)};
  } else {
    using T = lane_of<V>;
    using integers = bits_of<V>;
    using bits = lane_of<integers>;
    constexpr bool is_float = sizeof(T) == 4;
    constexpr bits places = is_float ? 23 : 52, bias = is_float ? 127 : 1023, one = bias << places;
    constexpr bits least = std::bit_cast<bits>(static_cast<T>(.70710678118654752440));  // of m
    constexpr T shift = is_float ? T(0x1.8p23) : T(0x1.8p52);
    integers const of_x = std::bit_cast<integers>(x), biased = (of_x + (one - least)) >> places;
    // A number as the last bits of a larger one: there is no instruction for the conversion below AVX-512.
    V const k = std::bit_cast<V>(biased + std::bit_cast<bits>(shift)) - (shift + T(bias));
    V const m = std::bit_cast<V>(of_x - ((biased - bias) << places));
    V const f = k == V{} ? less_one : V(m - 1);
    if constexpr (is_float) {  // the coefficients of Cephes' logf
      constexpr std::array<float, 9> c{3.3333331174e-1f,  -2.4999993993e-1f, 2.0000714765e-1f,
                                       -1.6668057665e-1f, 1.4249322787e-1f,  -1.2420140846e-1f,
                                       1.1676998740e-1f,  -1.1514610310e-1f, 7.0376836292e-2f};
      V const square = f * f, tail = detail::fused(detail::polynomial(f, c), f, detail::all<V>(-.5f));
      return detail::fused(k, detail::all<V>(.693147181f), detail::fused(square, tail, f));
    } else {  // and of fdlibm's log
      constexpr std::array<double, 7> c{6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01,
                                        2.222219843214978396e-01, 1.818357216161805012e-01, 1.531383769920937332e-01,
                                        1.479819860511658591e-01};
      V const s = f / (f + 2), z = s * s, half = .5 * f, more = detail::fused(half, f, V(z * detail::polynomial(z, c)));
      V const low = detail::fused(k, detail::all<V>(1.90821492927058770002e-10), V(s * more));
      return detail::fused(k, detail::all<V>(6.93147180369123816490e-01), V(f - detail::fused(half, f, V(-low))));
    }
  }
}

// No weights.
struct every_row {};
// -(1/beta) log of the mean of exp(-beta x), about the minimum, so that nothing overflows; exp(z) - 1, so that a small beta
// keeps its digits, and exp(z) for where most of the weight lies far above. Exponentials in N, sums in double, of eight rows at
// a time in N.
template <class N, class X, class V, class W>
EIGEN_ALWAYS_INLINE V soft_minimum(X const& x, V least, W const& w, double beta) {
  using D = detail::doubles<V>;
  using T = detail::lane_of<V>;
  constexpr double log2_e = 1.4426950408889634074;
  constexpr bool even = std::is_same_v<W, every_row>, in_float = std::is_same_v<T, float> && std::is_same_v<N, V>;
  using S = std::conditional_t<even, N, D>;
  auto const as_n = [](V value) {
    if constexpr (std::is_same_v<N, V>) {
      return value;
    } else {
      return detail::widen(value);
    }
  };
  auto const number = [](Index m) {
    if constexpr (in_float) {
      return detail::all<V>(static_cast<T>(m));
    } else {
      return detail::all_doubles<V>(static_cast<double>(m));
    }
  };
  N const low = as_n(least);
  auto const scale = static_cast<std::conditional_t<in_float, float, double>>(in_float ? -beta * log2_e : -beta);
  auto const add = [&](auto& sums, Index i) {
    V value = x[i];
    if constexpr (requires { x.rows[i] + x.at; }) detail::touch(x.rows[i] + x.at + 2 * detail::lanes_of<V>);
    if constexpr (!even) value = w.present(i) > V{} ? value : least;
    if constexpr (in_float) {
      sums.add_power_of_two(V(scale * (value - low)));
    } else {
      sums.add_exponential(N(scale * (as_n(value) - low)));
    }
  };
  constexpr Index most = even ? 8 : 1;
  D below = detail::all_doubles<V>(0), sum = below;
  auto const add_rows = [&](Index first, auto count) {
    detail::exponential_sums<N> sums{};
    for (Index i = 0; i < count; ++i) add(sums, first + i);
    D const b = detail::as_doubles<V>(sums.less_ones(number(count))), s = detail::as_doubles<V>(sums.whole());
    if constexpr (even) {
      below = below + b;
      sum = sum + s;
    } else {
      below = detail::fused<D>(w[first], b, below);
      sum = detail::fused<D>(w[first], s, sum);
    }
  };
  Index const n = x.size();
  Index i = 0;
  for (; i + most <= n; i += most) add_rows(i, std::integral_constant<Index, most>{});
  if (i < n) add_rows(i, n - i);
  if constexpr (even) {
    below = detail::over_count<V>(below, static_cast<double>(n));
    sum = detail::over_count<V>(sum, static_cast<double>(n));
  } else {
    below = detail::over<V>(below, w.total);
    sum = detail::over<V>(sum, w.total);
  }
  S const logarithm = detail::logarithm(detail::as_number<V, S>(sum), detail::as_number<V, S>(below));
  V y;
  if constexpr (even && in_float) {
    // The inverse of what beta was rounded to.
    y = detail::fused(logarithm, detail::all<V>(static_cast<float>(log2_e / static_cast<double>(scale))), least);
  } else {
    y = detail::narrow<V>(detail::widen(least) -
                          logarithm / detail::all_doubles<V>(in_float ? static_cast<double>(scale) / -log2_e : beta));
  }
  return least - least == V{} ? y : least;
}

}  // namespace robagg::inline ROBAGG_ABI::detail

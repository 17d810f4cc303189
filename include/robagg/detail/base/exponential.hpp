// SPDX-License-Identifier: BSL-1.0
// Exponentials of what is not above 0, a packet or a number at a time, to the same bits.
#pragma once

#include "packet.hpp"

#include <array>
#include <bit>

namespace robagg::inline ROBAGG_ABI::detail {

inline constexpr auto inverse_factorials = [] {
  std::array<double, 14> inverse{1};
  double factorial = 1;
  for (std::size_t i = 1; i < 14; ++i) {
    factorial *= static_cast<double>(i);
    inverse[i] = 1 / factorial;
  }
  return inverse;
}();

// Unsigned integers, as many and as long as the values of V.
template <class V>
struct bits_like {
  using lane = std::conditional_t<sizeof(lane_of<V>) == 4, std::uint32_t, std::uint64_t>;
#if ROBAGG_PACKETS
  using type = typename vector_of<lane, sizeof(V)>::type;
#endif
};
template <class V>
  requires std::is_arithmetic_v<V>
struct bits_like<V> {
  using type = std::conditional_t<sizeof(V) == 4, std::uint32_t, std::uint64_t>;
};
template <class V>
using bits_of = typename bits_like<V>::type;

// c[0] + c[1] x + ...
template <class V, std::size_t N>
EIGEN_ALWAYS_INLINE V polynomial(V x, std::array<lane_of<V>, N> const& c) {
  V sum = detail::all<V>(c[N - 1]);
  ROBAGG_UNROLL for (std::size_t i = N - 1; i > 0; --i) sum = detail::fused(sum, x, detail::all<V>(c[i - 1]));
  return sum;
}
// 2^k of a whole number k, which was rounded by adding `shift` to it.
template <class V>
EIGEN_ALWAYS_INLINE V power_of_shifted(V shifted) {
  using bits = lane_of<bits_of<V>>;
  constexpr bits one = sizeof(bits) == 4 ? 127 : 1023, places = sizeof(bits) == 4 ? 23 : 52;
  return std::bit_cast<V>((std::bit_cast<bits_of<V>>(shifted) + one) << places);
}

// Sums of e^x - 1, which keep the digits of small x, and of e^x, which keep those of large ones: e^x = 2^k (1 + part) with
// |part| below 0.42, and what is added up is 2^k part and 2^k.
template <class N>
struct exponential_sums {
  N parts{}, powers{};

  EIGEN_ALWAYS_INLINE N less_ones(N count) const { return parts + (powers - count); }
  EIGEN_ALWAYS_INLINE N whole() const { return parts + powers; }

  // e^x of doubles: x = k ln 2 + r with |r| <= ln 2 / 2; a Taylor polynomial of degree 13 for r, off by less than 1e-17.
  EIGEN_ALWAYS_INLINE void add_exponential(N x) {
    if constexpr (requires { x.low; }) {
      exponential_sums<decltype(x.low)> low{parts.low, powers.low}, high{parts.high, powers.high};
      low.add_exponential(x.low);
      high.add_exponential(x.high);
      parts = {low.parts, high.parts};
      powers = {low.powers, high.powers};
    } else {
      constexpr double ln2_high = 0x1.62e42fee00000p-1, ln2_low = 0x1.a39ef35793c76p-33, shift = 0x1.8p52;
      constexpr auto taylor = [] {
        std::array<double, 13> c{};
        for (std::size_t i = 0; i < 13; ++i) c[i] = inverse_factorials[i + 1];
        return c;
      }();
      x = detail::upper(detail::all<N>(-700), x);  // -1 to the last bit from -40 on
      N const shifted = detail::fused(x, detail::all<N>(1.4426950408889634074), detail::all<N>(shift)), k = shifted - shift;
      N const r = detail::fused(k, detail::all<N>(-ln2_low), detail::fused(k, detail::all<N>(-ln2_high), x));
      add(detail::power_of_shifted(shifted), detail::polynomial(r, taylor), r);
    }
  }
  // 2^t of floats: t = k + f with |f| <= 1/2, exactly, and (2^f - 1) / f is a polynomial of degree 5, the best by relative
  // error, 1.1e-8. What is left is rounding.
  EIGEN_ALWAYS_INLINE void add_power_of_two(N t) {
    constexpr std::array<float, 6> best{.693147182f, .240226492f, .0555035733f, .00961823761f, .00133907353f, .000154035122f};
#if defined(EIGEN_VECTORIZE_AVX512) && defined(__AVX512DQ__)
    if constexpr (!std::is_arithmetic_v<N>) {  // the same in three instructions; f is 0 of -infinity
      N const f = _mm512_maskz_reduce_ps(all_lanes<N>, t, 0), power = _mm512_maskz_scalef_ps(all_lanes<N>, N{} + 1, t - f);
      return add(power, detail::polynomial(f, best), f);
    }
#endif
    constexpr float shift = 0x1.8p23f;
    t = detail::upper(detail::all<N>(-120), t);  // -1 to the last bit from -25 on
    N const shifted = t + shift, f = t - (shifted - shift);
    add(detail::power_of_shifted(shifted), detail::polynomial(f, best), f);
  }

 private:
  EIGEN_ALWAYS_INLINE void add(N power, N slope, N f) {
    parts = detail::fused(power, N(slope * f), parts);
    powers = powers + power;
  }
};

}  // namespace robagg::inline ROBAGG_ABI::detail

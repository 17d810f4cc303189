// SPDX-License-Identifier: BSL-1.0
// exp(x) - 1 for x <= 0, a packet at a time.
#pragma once

#include "packet.hpp"

#include <array>

namespace robagg::inline ROBAGG_ABI::detail {

inline constexpr auto inverse_factorials = [] {
  std::array<double, 14> inverse{1};
  double factorial = 1;
  for (std::size_t i = 1; i < 14; ++i) factorial *= static_cast<double>(i), inverse[i] = 1 / factorial;
  return inverse;
}();

// x = k ln 2 + r with |r| <= ln 2 / 2; a Taylor polynomial of degree 13 for r, off by less than 1e-17.
template <class D>
EIGEN_ALWAYS_INLINE D expm1_of(D x) {
  if constexpr (requires { x.low; }) {
    return {detail::expm1_of(x.low), detail::expm1_of(x.high)};
  } else {
    constexpr double ln2_high = 0x1.62e42fee00000p-1, ln2_low = 0x1.a39ef35793c76p-33, shift = 0x1.8p52;
    x = detail::upper(detail::all<D>(-700), x);  // -1 to the last bit from -40 on
    D const shifted = x * 1.4426950408889634074 + shift, k = shifted - shift;
    D const r = (x - k * ln2_high) - k * ln2_low;
    D sum = detail::all<D>(inverse_factorials[13]);
    for (std::size_t i = 12; i > 0; --i) sum = sum * r + inverse_factorials[i];
    D const part = sum * r;
    D power;
    if constexpr (std::is_same_v<D, double>) {
      power = std::bit_cast<double>((std::bit_cast<std::uint64_t>(shifted) + 1023) << 52);
    } else {
#if ROBAGG_PACKETS
      using bits = typename vector_of<std::uint64_t, sizeof(D)>::type;
      power = detail::as<D>((detail::as<bits>(shifted) + 1023) << 52);
#endif
    }
    return power * part + (power - 1);
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// Numbers as they are stored (half, bfloat16, integers) and as kernels compute with them (float, double): packets of either,
// and whole runs of them. Eigen's own conversions of half go one by one unless its user defines a macro.
#pragma once

#include "dispatch.hpp"
#include "packet.hpp"

#include <concepts>

namespace robagg::inline ROBAGG_ABI::detail {

// What a table may hold, and what kernels compute in.
template <class S>
concept small_integer = std::same_as<S, std::int8_t> || std::same_as<S, std::uint8_t> || std::same_as<S, std::int16_t> ||
                        std::same_as<S, std::uint16_t>;
template <class S>
concept large_integer = std::same_as<S, std::int32_t> || std::same_as<S, std::uint32_t>;
template <class S>
concept report_scalar = std::same_as<S, float> || std::same_as<S, double> || std::same_as<S, Eigen::half> ||
                        std::same_as<S, Eigen::bfloat16> || small_integer<S> || large_integer<S>;
template <class S>
using wide = std::conditional_t<std::same_as<S, double> || large_integer<S>, double, float>;
// The type of results over a table of S: whole numbers have fractions.
template <class S>
using result_of = std::conditional_t<small_integer<S> || large_integer<S>, wide<S>, S>;
template <class R>
using results_over = result_of<typename std::remove_cvref_t<R>::Scalar>;

#if ROBAGG_PACKETS
template <class T>
using packet_of_bits = typename vector_of<std::uint32_t, sizeof(packet<T>)>::type;
template <class T>
using packet_of_int32 = typename vector_of<std::int32_t, static_cast<std::size_t>(lanes<T>) * 4>::type;
template <class S, class T>
using stored_packet = typename vector_of<S, static_cast<std::size_t>(lanes<T>) * sizeof(S)>::type;
using stored_halves = stored_packet<std::uint16_t, float>;

template <class V, class S>
EIGEN_ALWAYS_INLINE V load_stored(S const* from) {
  V v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

// The halves with these bits. In integers where the processor has no instruction: the exponent moves by 112, twice for what is
// not finite; subnormal halves have no leading one, which a subtraction makes up for.
EIGEN_ALWAYS_INLINE packet<float> halves_with(stored_halves bits) {
#if defined(EIGEN_VECTORIZE_AVX512)
  return _mm512_maskz_cvtph_ps(all_lanes<packet<float>>, detail::as<__m256i>(bits));
#elif defined(__F16C__)
  return _mm256_cvtph_ps(detail::as<__m128i>(bits));
#elif defined(__aarch64__)
  return detail::as<packet<float>>(vcvt_f32_f16(detail::as<float16x4_t>(bits)));
#else
  using B = packet_of_bits<float>;
  B const all_bits = __builtin_convertvector(bits, B), magnitude = (all_bits & 0x7fffu) << 13,
          sign = (all_bits & 0x8000u) << 16, moved = magnitude + (112u << 23), leading = B{} + (113u << 23);
  B const subnormal = detail::as<B>(detail::as<packet<float>>(moved + (1u << 23)) - detail::as<packet<float>>(leading));
  B const finite = magnitude < B{} + (1u << 23) ? subnormal : moved;
  return detail::as<packet<float>>((magnitude >= B{} + (31u << 23) ? moved + (112u << 23) : finite) | sign);
#endif
}
// The bits of the nearest halves, ties to even. In integers: see halves_with; adding 1/2 rounds a subnormal result where it has
// to be.
EIGEN_ALWAYS_INLINE stored_halves bits_of_halves(packet<float> x) {
#if defined(EIGEN_VECTORIZE_AVX512)
  return detail::as<stored_halves>(_mm512_maskz_cvtps_ph(all_lanes<packet<float>>, x, _MM_FROUND_TO_NEAREST_INT));
#elif defined(__F16C__)
  return detail::as<stored_halves>(_mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
#elif defined(__aarch64__)
  return detail::as<stored_halves>(vcvt_f16_f32(detail::as<float32x4_t>(x)));
#else
  using B = packet_of_bits<float>;
  B const bits = detail::as<B>(x), magnitude = bits & 0x7fffffffu, sign = (bits >> 16) & 0x8000u;
  packet<float> const half = detail::all<packet<float>>(.5f);
  B const rounded = (magnitude + (0xfffu - (112u << 23)) + ((magnitude >> 13) & 1u)) >> 13,
          subnormal = detail::as<B>(detail::as<packet<float>>(magnitude) + half) - detail::as<B>(half),
          finite = magnitude < B{} + (113u << 23) ? subnormal : rounded,
          infinite = magnitude > B{} + (255u << 23) ? B{} + 0x7e00u : B{} + 0x7c00u;
  return __builtin_convertvector((magnitude >= B{} + (143u << 23) ? infinite : finite) | sign, stored_halves);
#endif
}
EIGEN_ALWAYS_INLINE stored_halves bits_of_bfloat16s(packet<float> x) {
  using B = packet_of_bits<float>;
  B const bits = detail::as<B>(x), rounded = bits + 0x7fffu + ((bits >> 16) & 1u);
  return __builtin_convertvector((x == x ? rounded : bits | 0x400000u) >> 16, stored_halves);
}

// Bytes as 16-bit integers: g++ 12 takes them apart one by one otherwise.
template <class T, class V>
EIGEN_ALWAYS_INLINE auto shorts_of(V x) {
  if constexpr (sizeof(lane_of<V>) == 1) {
    return __builtin_convertvector(x, stored_packet<std::int16_t, T>);
  } else {
    return x;
  }
}

// As many numbers at `from` as a packet of T has lanes; and a packet stored.
template <class T, class S>
EIGEN_ALWAYS_INLINE packet<T> load_as(S const* from) {
  if constexpr (std::same_as<S, T>) {
    return detail::load<packet<T>>(from);
  } else if constexpr (std::same_as<S, Eigen::half> && std::same_as<T, float>) {
    return detail::halves_with(detail::load_stored<stored_halves>(from));
  } else if constexpr (std::same_as<S, Eigen::bfloat16> && std::same_as<T, float>) {
    auto const bits = detail::load_stored<stored_halves>(from);
    return detail::as<packet<float>>(__builtin_convertvector(bits, packet_of_bits<float>) << 16);
  } else if constexpr (small_integer<S>) {
    auto const whole =
        __builtin_convertvector(detail::shorts_of<T>(detail::load_stored<stored_packet<S, T>>(from)), packet_of_int32<T>);
    return __builtin_convertvector(whole, packet<T>);
  } else {
    return __builtin_convertvector(detail::load_stored<stored_packet<S, T>>(from), packet<T>);
  }
}
template <class S>
EIGEN_ALWAYS_INLINE void store_as(S* to, packet<float> x) {
  auto const bits = std::same_as<S, Eigen::half> ? detail::bits_of_halves(x) : detail::bits_of_bfloat16s(x);
  std::memcpy(static_cast<void*>(to), &bits, sizeof bits);
}
#endif

// w numbers, -0 as +0.
template <class S, class T>
EIGEN_ALWAYS_INLINE void widen(S const* from, Index w, T* to) {
  Index c = 0;
#if ROBAGG_PACKETS
  for (; c + lanes<T> <= w; c += lanes<T>) detail::store<packet<T>>(to + c, detail::load_as<T>(from + c) + T(0));
  if (c < w) {
    S last[static_cast<std::size_t>(lanes<T>)] = {};
    std::memcpy(static_cast<void*>(last), from + c, static_cast<std::size_t>(w - c) * sizeof(S));
    packet<T> const x = detail::load_as<T>(last) + T(0);
    std::memcpy(to + c, &x, static_cast<std::size_t>(w - c) * sizeof(T));
  }
#else
  for (; c < w; ++c) to[c] = static_cast<T>(from[c]) + T(0);
#endif
}
#ifdef ROBAGG_KERNELS_FLOAT
inline void widen(Eigen::half const* from, Index w, float* to) { dispatch::chosen().halves->widen(&from->x, w, to); }
inline void widen(Eigen::bfloat16 const* from, Index w, float* to) {
  dispatch::chosen().halves->widen_bfloat16(&from->value, w, to);
}
#endif
// NaN where a byte is not 0.
template <class T>
void set_nan(unsigned char const* where, Index w, T* values) {
  constexpr T nan = std::numeric_limits<T>::quiet_NaN();
  Index c = 0;
#if ROBAGG_PACKETS
  using bits = typename ordered<packet<T>, true>::key;
  for (; c + lanes<T> <= w; c += lanes<T>) {
    auto const bytes = detail::shorts_of<T>(detail::load_stored<stored_packet<std::uint8_t, T>>(where + c));
    packet<T> const x = detail::load<packet<T>>(values + c);
    detail::store<packet<T>>(values + c, __builtin_convertvector(bytes, bits) != 0 ? detail::all<packet<T>>(nan) : x);
  }
#endif
  for (; c < w; ++c) values[c] = where[c] != 0 ? nan : values[c];
}
// How many of w <= 2^20 numbers are NaN.
template <class T>
Index count_nan(T const* values, Index w) {
  Index c = 0, count = 0;
#if ROBAGG_PACKETS
  packet<T> counts{};
  for (; c + lanes<T> <= w; c += lanes<T>) {
    packet<T> const x = detail::load<packet<T>>(values + c);
    counts = counts + (x == x ? packet<T>{} : detail::all<packet<T>>(1));
  }
  for (Index l = 0; l < lanes<T>; ++l) count += static_cast<Index>(counts[l]);
#endif
  for (; c < w; ++c) count += values[c] != values[c];
  return count;
}
// w numbers as the nearest halves or bfloat16s.
template <class S>
void narrow(float const* from, Index w, S* to) {
  Index c = 0;
#if ROBAGG_PACKETS
  for (; c + lanes<float> <= w; c += lanes<float>) detail::store_as<S>(to + c, detail::load<packet<float>>(from + c));
  if (c < w) {
    packet<float> x{};
    S last[static_cast<std::size_t>(lanes<float>)];
    std::memcpy(&x, from + c, static_cast<std::size_t>(w - c) * sizeof(float));
    detail::store_as<S>(last, x);
    std::memcpy(static_cast<void*>(to + c), last, static_cast<std::size_t>(w - c) * sizeof(S));
  }
#else
  for (; c < w; ++c) to[c] = static_cast<S>(from[c]);
#endif
}
#ifdef ROBAGG_KERNELS_FLOAT
inline void narrow(float const* from, Index w, Eigen::half* to) { dispatch::chosen().halves->narrow(from, w, &to->x); }
inline void narrow(float const* from, Index w, Eigen::bfloat16* to) {
  dispatch::chosen().halves->narrow_bfloat16(from, w, &to->value);
}
#endif

}  // namespace robagg::inline ROBAGG_ABI::detail

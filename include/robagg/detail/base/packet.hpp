// SPDX-License-Identifier: BSL-1.0
// A packet is as many values as one SIMD register holds: one value each of neighbouring columns. Kernels are written
// over V, a packet or a plain number (long single columns, compilers without vector types), with the operators of the
// language: +, -, *, /, <, ==, and m ? a : b lane by lane. This is the only file that knows how they come about:
// vector types of the compiler, and Eigen's packet functions where those are better.
#pragma once

#include "config.hpp"
#include "dispatch.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#if defined(__GNUC__) && !defined(EIGEN_DONT_VECTORIZE)
#define ROBAGG_PACKETS 1
#else
#define ROBAGG_PACKETS 0
#endif

namespace robagg::inline ROBAGG_ABI::detail {

#if !ROBAGG_PACKETS
template <class T>
inline constexpr Index lanes = 1;
template <class T>
using packet = T;
#else
#if defined(__AVX512F__)
inline constexpr std::size_t packet_bytes = 64;
#elif defined(__AVX__)
inline constexpr std::size_t packet_bytes = 32;
#else
inline constexpr std::size_t packet_bytes = 16;
#endif
template <class T>
inline constexpr Index lanes = static_cast<Index>(packet_bytes / sizeof(T));
template <class T, std::size_t Bytes>
struct vector_of {
  typedef T type __attribute__((vector_size(Bytes)));
};
template <class T>
using packet = typename vector_of<T, packet_bytes>::type;
#endif

// ROBAGG_SHUFFLES: shuffles of vector types: clang, g++ 12 and newer.
#if ROBAGG_PACKETS && defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define ROBAGG_SHUFFLES 1
#endif
#endif

// Before a loop over an array of registers: g++ unrolls it only if asked, clang does by itself.
#if defined(__GNUC__) && !defined(__clang__)
#define ROBAGG_UNROLL _Pragma("GCC unroll 32")
#else
#define ROBAGG_UNROLL
#endif

// In a loop over the few numbers that fill no packet: compilers would make packets of them all the same, and ask first whether
// what is written overlaps what is read, which takes longer than the numbers.
EIGEN_ALWAYS_INLINE void number_by_number() {
#if defined(__GNUC__)
  asm volatile("");
#endif
}

// Blocks are so many columns, or several times as many.
template <class T>
inline constexpr Index unit = wide_blocks ? dispatch::unit_bytes / static_cast<Index>(sizeof(T)) : lanes<T>;

// --- what V holds --------------------------------------------------------------------------------

template <class V>
struct lane {
  using type = std::remove_cvref_t<decltype(std::declval<V&>()[0])>;
};
template <class V>
  requires std::is_arithmetic_v<V>
struct lane<V> {
  using type = V;
};
template <class V>
using lane_of = typename lane<V>::type;
template <class V>
inline constexpr Index lanes_of = static_cast<Index>(sizeof(V) / sizeof(lane_of<V>));

template <class V>
EIGEN_ALWAYS_INLINE V load(lane_of<V> const* from) {
  V v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
template <class V>
EIGEN_ALWAYS_INLINE void store(lane_of<V>* to, V v) {
  std::memcpy(to, &v, sizeof v);
}
// The same past the caches, for what is not read again soon. `to` is aligned to the packet; stream_fence() comes after the
// last.
template <class V>
EIGEN_ALWAYS_INLINE void stream(lane_of<V>* to, V v) {
#if !ROBAGG_PACKETS
  *to = v;
#elif defined(__clang__)
  __builtin_nontemporal_store(v, reinterpret_cast<V*>(to));
#elif defined(EIGEN_VECTORIZE_AVX512)
  _mm512_stream_si512(reinterpret_cast<__m512i*>(to), reinterpret_cast<__m512i>(v));
#elif defined(EIGEN_VECTORIZE_AVX)
  _mm256_stream_si256(reinterpret_cast<__m256i*>(to), reinterpret_cast<__m256i>(v));
#elif defined(EIGEN_VECTORIZE_SSE2)
  _mm_stream_si128(reinterpret_cast<__m128i*>(to), reinterpret_cast<__m128i>(v));
#else
  std::memcpy(to, &v, sizeof v);
#endif
}
inline void stream_fence() {
#if ROBAGG_PACKETS && defined(EIGEN_VECTORIZE_SSE2)
  _mm_sfence();
#endif
}
// Asks for the line of cache at p, which is read next.
EIGEN_ALWAYS_INLINE void touch([[maybe_unused]] void const* p) {
#if ROBAGG_PACKETS
  __builtin_prefetch(p);
#endif
}
template <class V>
EIGEN_ALWAYS_INLINE V all(lane_of<V> x) {
  return V{} + x;
}
template <class V>
EIGEN_ALWAYS_INLINE lane_of<V> get(V const& v, Index l) {
  if constexpr (std::is_arithmetic_v<V>) {
    return v;
  } else {
    return v[l];
  }
}

template <class V>
EIGEN_ALWAYS_INLINE void set(V& v, Index l, lane_of<V> x) {
  if constexpr (std::is_arithmetic_v<V>) {
    v = x;
  } else {
    v[l] = x;
  }
}

// The `count` values at from, from + step, ..., at most as many as there are lanes, and zeros.
template <class V>
EIGEN_ALWAYS_INLINE V load_some(lane_of<V> const* from, Index step, Index count) {
#if ROBAGG_PACKETS && defined(EIGEN_VECTORIZE_AVX512)
  if constexpr (lanes_of<V> == 16) {
    if (step == 1 || count == 1) return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1 << count) - 1), from);
  } else if constexpr (lanes_of<V> == 8) {
    if (step == 1 || count == 1) return _mm512_maskz_loadu_pd(static_cast<__mmask8>((1 << count) - 1), from);
  }
#endif
  V x{};
  ROBAGG_UNROLL for (Index l = 0; l < lanes_of<V>; ++l) {
    if (l < count) detail::set(x, l, from[l * step]);
  }
  return x;
}

// The same bits as another type of vector.
template <class To, class From>
EIGEN_ALWAYS_INLINE To as(From x) {
  if constexpr (std::is_same_v<To, From>) {
    return x;
  } else {
    return reinterpret_cast<To>(x);
  }
}

#ifdef EIGEN_VECTORIZE_AVX512
// For instructions that take a mask: all lanes. Their forms without a mask read a register that is not set, of which g++ 12
// warns in the user's program.
template <class V>
inline constexpr auto all_lanes = static_cast<std::conditional_t<lanes_of<V> == 16, __mmask16, __mmask8>>(-1);
#endif

// --- the smaller and the larger of two numbers ----------------------------------------------------

#if ROBAGG_PACKETS
template <class T>
using eigen_packet = typename Eigen::internal::packet_traits<T>::type;
#endif

// b where b < a, otherwise a: b NaN gives a.
template <class V>
EIGEN_ALWAYS_INLINE V lower(V a, V b) {
  return b < a ? b : a;
}
// b where a < b, otherwise a: b NaN gives a.
template <class V>
EIGEN_ALWAYS_INLINE V upper(V a, V b) {
  return a < b ? b : a;
}
#if ROBAGG_PACKETS
// The same in one instruction. Intrinsics, and no templates: networks are made of thousands of these, and compile in half the
// time.
#if defined(EIGEN_VECTORIZE_AVX512)
EIGEN_ALWAYS_INLINE packet<float> lower(packet<float> a, packet<float> b) {
  return _mm512_maskz_min_ps(all_lanes<packet<float>>, b, a);
}
EIGEN_ALWAYS_INLINE packet<float> upper(packet<float> a, packet<float> b) {
  return _mm512_maskz_max_ps(all_lanes<packet<float>>, b, a);
}
EIGEN_ALWAYS_INLINE packet<double> lower(packet<double> a, packet<double> b) {
  return _mm512_maskz_min_pd(all_lanes<packet<double>>, b, a);
}
EIGEN_ALWAYS_INLINE packet<double> upper(packet<double> a, packet<double> b) {
  return _mm512_maskz_max_pd(all_lanes<packet<double>>, b, a);
}
#elif defined(EIGEN_VECTORIZE_AVX)
EIGEN_ALWAYS_INLINE packet<float> lower(packet<float> a, packet<float> b) { return _mm256_min_ps(b, a); }
EIGEN_ALWAYS_INLINE packet<float> upper(packet<float> a, packet<float> b) { return _mm256_max_ps(b, a); }
EIGEN_ALWAYS_INLINE packet<double> lower(packet<double> a, packet<double> b) { return _mm256_min_pd(b, a); }
EIGEN_ALWAYS_INLINE packet<double> upper(packet<double> a, packet<double> b) { return _mm256_max_pd(b, a); }
#elif defined(EIGEN_VECTORIZE_SSE)
EIGEN_ALWAYS_INLINE packet<float> lower(packet<float> a, packet<float> b) { return _mm_min_ps(b, a); }
EIGEN_ALWAYS_INLINE packet<float> upper(packet<float> a, packet<float> b) { return _mm_max_ps(b, a); }
EIGEN_ALWAYS_INLINE packet<double> lower(packet<double> a, packet<double> b) { return _mm_min_pd(b, a); }
EIGEN_ALWAYS_INLINE packet<double> upper(packet<double> a, packet<double> b) { return _mm_max_pd(b, a); }
#endif
#endif
template <class V>
EIGEN_ALWAYS_INLINE V absolute(V x) {
  return x < V{} ? V(-x) : x;
}

// Lane l of a mask.
template <class M>
EIGEN_ALWAYS_INLINE bool holds(M const& m, Index l) {
  return detail::get(m, l) != 0;
}
EIGEN_ALWAYS_INLINE bool any(bool m) { return m; }
#if ROBAGG_PACKETS
// Is any lane of a mask set? M may be smaller than a whole packet.
template <class M>
EIGEN_ALWAYS_INLINE bool any(M const& m) {
#ifdef EIGEN_VECTORIZE_AVX512
  if constexpr (sizeof(M) == 64) return _mm512_test_epi64_mask(detail::as<__m512i>(m), detail::as<__m512i>(m)) != 0;
#endif
#ifdef EIGEN_VECTORIZE_AVX
  if constexpr (sizeof(M) == 32) return _mm256_testz_si256(detail::as<__m256i>(m), detail::as<__m256i>(m)) == 0;
#endif
#ifdef EIGEN_VECTORIZE_SSE2
  if constexpr (sizeof(M) == 16) return _mm_movemask_epi8(detail::as<__m128i>(m)) != 0;
#endif
  std::uint64_t words[sizeof(M) / 8], some = 0;
  std::memcpy(words, &m, sizeof m);
  for (std::uint64_t const w : words) some |= w;
  return some != 0;
}
#endif

// --- ordered keys --------------------------------------------------------------------------------
// Sorting compares keys. Where integers order faster than floats, a key is an integer in the order of the values with
// all NaNs on top: the bits of a float, those below the sign flipped for negative values, turned by the number of
// negative NaNs. Elsewhere it is the value itself, NaN replaced by +infinity.

template <class T>
inline constexpr bool integer_keys =
#if ROBAGG_PACKETS && defined(__AVX512F__)
    true;
#elif ROBAGG_PACKETS && defined(__aarch64__)
    std::is_same_v<T, float>;
#else
    false;
#endif

template <class V, bool Integers = integer_keys<lane_of<V>> && !std::is_arithmetic_v<V>>
struct ordered {
  using key = V;
  static constexpr lane_of<V> infinity = std::numeric_limits<lane_of<V>>::infinity();
  static EIGEN_ALWAYS_INLINE key of(V x) { return detail::lower(detail::all<V>(infinity), x); }
  static EIGEN_ALWAYS_INLINE V value(key k) { return k; }
  static EIGEN_ALWAYS_INLINE key last() { return detail::all<key>(infinity); }
};

#if ROBAGG_PACKETS
template <class V>
struct ordered<V, true> {
  using T = lane_of<V>;
  using bits = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  using unsigned_bits = std::make_unsigned_t<bits>;
  using key = typename vector_of<bits, sizeof(V)>::type;
  using wrapping = typename vector_of<unsigned_bits, sizeof(V)>::type;  // unsigned: may wrap around
  static constexpr bits magnitude = std::numeric_limits<bits>::max();
  static constexpr bits infinity = std::bit_cast<bits>(std::numeric_limits<T>::infinity());
  static constexpr bits negative_nans = magnitude - infinity;

  static EIGEN_ALWAYS_INLINE key of(V x) {
    key const k = detail::as<key>(x), folded = k ^ ((k >> (8 * sizeof(T) - 1)) & magnitude);
    return detail::as<key>(detail::as<wrapping>(folded) - static_cast<unsigned_bits>(negative_nans));
  }
  // NaN as +infinity.
  static EIGEN_ALWAYS_INLINE V value(key k) {
    key const top = detail::all<key>(infinity - negative_nans);
    key const i = detail::as<key>(detail::as<wrapping>(k < top ? k : top) + static_cast<unsigned_bits>(negative_nans));
    return detail::as<V>(i ^ ((i >> (8 * sizeof(T) - 1)) & magnitude));
  }
  static EIGEN_ALWAYS_INLINE key last() { return detail::all<key>(magnitude); }
};
#endif

// --- in double -----------------------------------------------------------------------------------

// The lanes of a packet of floats as doubles: two packets. Sums of floats are formed in it.
template <class V>
struct halves {
  using part = packet<double>;
  part low, high;

  friend EIGEN_ALWAYS_INLINE halves operator+(halves a, halves b) { return {a.low + b.low, a.high + b.high}; }
  friend EIGEN_ALWAYS_INLINE halves operator-(halves a, halves b) { return {a.low - b.low, a.high - b.high}; }
  friend EIGEN_ALWAYS_INLINE halves operator*(halves a, halves b) { return {a.low * b.low, a.high * b.high}; }
  friend EIGEN_ALWAYS_INLINE halves operator/(halves a, halves b) { return {a.low / b.low, a.high / b.high}; }
  friend EIGEN_ALWAYS_INLINE halves operator*(double a, halves b) { return {a * b.low, a * b.high}; }
};

template <class V>
struct widened {
  using type = double;
};
#if ROBAGG_PACKETS
template <>
struct widened<packet<double>> {
  using type = packet<double>;
};
template <>
struct widened<packet<float>> {
  using type = halves<packet<float>>;
};
#endif
template <class V>
using doubles = typename widened<V>::type;

#if ROBAGG_PACKETS
// The lower and the upper half of a packet.
template <class V, class Half, std::size_t... I>
EIGEN_ALWAYS_INLINE void split(V x, Half* part, std::index_sequence<I...>) {
#ifdef ROBAGG_SHUFFLES
  part[0] = __builtin_shufflevector(x, x, static_cast<int>(I)...);
  part[1] = __builtin_shufflevector(x, x, static_cast<int>(I + sizeof...(I))...);
#else
  std::memcpy(part, &x, sizeof x);
#endif
}
#endif

#if ROBAGG_PACKETS
template <class V, class Half, std::size_t... I>
EIGEN_ALWAYS_INLINE V join(Half low, Half high, std::index_sequence<I...>) {
#ifdef ROBAGG_SHUFFLES
  return __builtin_shufflevector(low, high, static_cast<int>(I)...);
#else
  Half const part[2] = {low, high};
  V x;
  std::memcpy(&x, &part, sizeof x);
  return x;
#endif
}
using half_packet = vector_of<float, packet_bytes / 2>::type;
EIGEN_ALWAYS_INLINE packet<double> widen_half(half_packet x) {
#ifdef EIGEN_VECTORIZE_AVX512  // g++ 12 makes six instructions of it
  return _mm512_maskz_cvtps_pd(all_lanes<packet<double>>, x);
#else
  return __builtin_convertvector(x, packet<double>);
#endif
}
EIGEN_ALWAYS_INLINE half_packet narrow_half(packet<double> x) {
#ifdef EIGEN_VECTORIZE_AVX512
  return _mm512_maskz_cvtpd_ps(all_lanes<packet<double>>, x);
#else
  return __builtin_convertvector(x, half_packet);
#endif
}
#endif

template <class V>
EIGEN_ALWAYS_INLINE doubles<V> widen(V x) {
#if ROBAGG_PACKETS
  if constexpr (std::is_same_v<doubles<V>, halves<V>>) {
    half_packet part[2];
    detail::split(x, part, std::make_index_sequence<lanes_of<V> / 2>{});
    return {detail::widen_half(part[0]), detail::widen_half(part[1])};
  } else
#endif
    return static_cast<doubles<V>>(x);
}
template <class V>
EIGEN_ALWAYS_INLINE V narrow(doubles<V> x) {
#if ROBAGG_PACKETS
  if constexpr (std::is_same_v<doubles<V>, halves<V>>) {
    return detail::join<V>(detail::narrow_half(x.low), detail::narrow_half(x.high), std::make_index_sequence<lanes_of<V>>{});
  } else
#endif
    return static_cast<V>(x);
}
template <class V>
EIGEN_ALWAYS_INLINE doubles<V> all_doubles(double x) {
  if constexpr (std::is_same_v<doubles<V>, halves<V>>) {
    return {detail::all<packet<double>>(x), detail::all<packet<double>>(x)};
  } else {
    return detail::all<doubles<V>>(x);
  }
}
template <class V>
EIGEN_ALWAYS_INLINE halves<V> lower(halves<V> a, halves<V> b) {
  return {detail::lower(a.low, b.low), detail::lower(a.high, b.high)};
}
template <class V>
EIGEN_ALWAYS_INLINE halves<V> upper(halves<V> a, halves<V> b) {
  return {detail::upper(a.low, b.low), detail::upper(a.high, b.high)};
}
// Doubles in memory, as many as a packet V has lanes.
template <class V>
EIGEN_ALWAYS_INLINE doubles<V> load_doubles(double const* from) {
  doubles<V> x;
  std::memcpy(&x, from, sizeof x);
  return x;
}
template <class V>
EIGEN_ALWAYS_INLINE void store_doubles(double* to, doubles<V> x) {
  std::memcpy(to, &x, sizeof x);
}
// x / total. For floats a product with the reciprocal does, which is faster and as exact; packets and long columns take the
// same way, so that they give the same bits.
template <class V>
EIGEN_ALWAYS_INLINE doubles<V> over(doubles<V> x, doubles<V> total) {
  if constexpr (std::is_same_v<lane_of<V>, float>) {
    return detail::all_doubles<V>(1) / total * x;
  } else {
    return x / total;
  }
}
template <class V>
EIGEN_ALWAYS_INLINE doubles<V> over_count(doubles<V> x, double count) {
  if constexpr (std::is_same_v<lane_of<V>, float>) {
    return 1 / count * x;
  } else {
    return x / detail::all_doubles<V>(count);
  }
}
// Numbers beside a packet V: as a V, and as doubles.
template <class V, class N>
EIGEN_ALWAYS_INLINE V as_packet(N x) {
  if constexpr (std::is_same_v<N, V>) {
    return x;
  } else {
    return detail::narrow<V>(x);
  }
}
template <class V, class N>
EIGEN_ALWAYS_INLINE doubles<V> as_doubles(N x) {
  if constexpr (std::is_same_v<N, doubles<V>>) {
    return x;
  } else {
    return detail::widen(x);
  }
}
template <class V, class N>
EIGEN_ALWAYS_INLINE N as_number(doubles<V> x) {
  if constexpr (std::is_same_v<N, doubles<V>>) {
    return x;
  } else {
    return detail::narrow<V>(x);
  }
}
// Numbers that are counted: in V, exact for as many rows as a packet of columns may have; of one long column in double.
template <class V>
EIGEN_ALWAYS_INLINE auto as_count(V x) {
  if constexpr (std::is_same_v<V, float>) {
    return static_cast<double>(x);
  } else {
    return x;
  }
}
// x where a mask of V says so, otherwise 0.
template <class V, class N>
EIGEN_ALWAYS_INLINE N where(auto const& mask, N x) {
  if constexpr (std::is_same_v<N, V>) {
    return mask ? x : V{};
  } else {
    return x * detail::widen(mask ? detail::all<V>(1) : V{});
  }
}
// The whole number next to x where that is as near as `near`, otherwise x. |x| is below 2^51.
template <class D>
EIGEN_ALWAYS_INLINE D snapped(D x, D near) {
  if constexpr (requires { x.low; }) {
    return {detail::snapped(x.low, near.low), detail::snapped(x.high, near.high)};
  } else {
    constexpr double shift = 0x1.8p52;
    D const whole = (x + shift) - shift, gap = x - whole;
    return detail::absolute(gap) <= near ? whole : x;
  }
}
// x where it is whole, otherwise the middle between the whole numbers around it.
template <class D>
EIGEN_ALWAYS_INLINE D whole_or_between(D x) {
  if constexpr (requires { x.low; }) {
    return {detail::whole_or_between(x.low), detail::whole_or_between(x.high)};
  } else {
    constexpr double shift = 0x1.8p52;
    D const near = (x + shift) - shift, above = near + .5, below = near - .5;
    return near == x ? x : near < x ? above : below;
  }
}
// table[place] of every lane.
template <class V>
EIGEN_ALWAYS_INLINE doubles<V> looked_up(double const* table, V places) {
  if constexpr (std::is_arithmetic_v<V>) {
    return table[static_cast<Index>(places)];
  } else {
    double found[static_cast<std::size_t>(lanes_of<V>)];
    for (Index l = 0; l < lanes_of<V>; ++l) found[l] = table[static_cast<Index>(places[l])];
    doubles<V> y;
    std::memcpy(&y, found, sizeof y);
    return y;
  }
}
// Lane l of a widened V.
template <class V>
EIGEN_ALWAYS_INLINE double get_double(doubles<V> const& x, Index l) {
  if constexpr (std::is_same_v<doubles<V>, halves<V>>) {
    constexpr Index half = lanes_of<V> / 2;
    return l < half ? x.low[l] : x.high[l - half];
  } else {
    return detail::get(x, l);
  }
}
// Where x is negative: 0. NaN stays.
template <class D>
EIGEN_ALWAYS_INLINE D positive(D x) {
  if constexpr (requires { x.low; }) {
    return {detail::positive(x.low), detail::positive(x.high)};
  } else {
    return x < D{} ? D{} : x;
  }
}
template <class D>
EIGEN_ALWAYS_INLINE D square_root(D x) {
  if constexpr (std::is_same_v<D, double>) {
    return std::sqrt(x);
  } else if constexpr (requires { x.low; }) {
    return {detail::square_root(x.low), detail::square_root(x.high)};
  } else {
#ifdef EIGEN_VECTORIZE_AVX512  // Eigen's is not exact
    return _mm512_maskz_sqrt_pd(all_lanes<D>, x);
#elif ROBAGG_PACKETS
    return Eigen::internal::psqrt<eigen_packet<double>>(x);
#endif
  }
}

// Those of n numbers, in place of them.
inline void take_roots(double* x, Index n) {
  using V = packet<double>;
  Index i = 0;
  for (; i + lanes<double> <= n; i += lanes<double>) detail::store<V>(x + i, detail::square_root(detail::load<V>(x + i)));
  for (; i < n; ++i) x[i] = std::sqrt(x[i]);
}

// --- sums of squares -----------------------------------------------------------------------------

// a b + c, rounded once where the processor can: said, because compilers join products and sums as they like, in packets
// not as in numbers.
template <class V>
EIGEN_ALWAYS_INLINE V fused(V a, V b, V c) {
  if constexpr (requires { a.low; }) {
    return {detail::fused(a.low, b.low, c.low), detail::fused(a.high, b.high, c.high)};
  } else if constexpr (std::is_arithmetic_v<V>) {
#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__)
    return std::fma(a, b, c);
#else
    return a * b + c;
#endif
  } else {
#if ROBAGG_PACKETS
    return Eigen::internal::pmadd<eigen_packet<lane_of<V>>>(a, b, c);
#endif
  }
}
// The sum over the lanes of a widened V.
template <class V>
EIGEN_ALWAYS_INLINE double sum_of_doubles(doubles<V> x) {
  if constexpr (std::is_same_v<doubles<V>, double>) {
    return x;
  } else if constexpr (std::is_same_v<doubles<V>, halves<V>>) {
    return detail::sum_of_doubles<packet<double>>(x.low + x.high);
  } else {
#if ROBAGG_PACKETS
#ifdef EIGEN_VECTORIZE_AVX512
    Eigen::internal::Packet4d half[2];
    detail::split(x, half, std::make_index_sequence<4>{});
    return Eigen::internal::predux(Eigen::internal::padd(half[0], half[1]));
#else
    return Eigen::internal::predux<eigen_packet<double>>(x);
#endif
#endif
  }
}
template <class V>
EIGEN_ALWAYS_INLINE double sum_of_lanes(V x) {
  return detail::sum_of_doubles<V>(detail::widen(x));
}

// --- rows from columns ---------------------------------------------------------------------------

#ifdef ROBAGG_SHUFFLES
template <class T, std::size_t... I>
EIGEN_ALWAYS_INLINE auto joined(auto a, auto b, std::index_sequence<I...>) {
  return __builtin_shufflevector(a, b, static_cast<int>(I)...);
}
// 16 bytes from each of the columns p, p + step, ..., one after the other in a packet.
template <class T, Index Count>
EIGEN_ALWAYS_INLINE auto gather_quads(T const* p, Index step) {
  if constexpr (Count == 1) {
    return detail::load<typename vector_of<T, 16>::type>(p);
  } else {
    return detail::joined<T>(detail::gather_quads<T, Count / 2>(p, step),
                             detail::gather_quads<T, Count / 2>(p + Count / 2 * step, step),
                             std::make_index_sequence<Count * 16 / sizeof(T)>{});
  }
}
// Within each 16 bytes, the lower or upper values of a and b by turns; `Width` of them at a time.
template <int Per, int Width, bool Upper, std::size_t... I>
EIGEN_ALWAYS_INLINE auto interleaved(auto a, auto b, std::index_sequence<I...>) {
  constexpr int n = static_cast<int>(sizeof...(I));
  return __builtin_shufflevector(
      a, b,
      (static_cast<int>(I) / Per * Per + (Upper ? Per / 2 : 0) + static_cast<int>(I) % Per / (2 * Width) * Width +
       static_cast<int>(I) % Width + (static_cast<int>(I) / Width % 2 ? n : 0))...);
}
#endif

// rows of 16 bytes' worth of values: 4 floats or 2 doubles.
template <class T>
inline constexpr Index quad = static_cast<Index>(16 / sizeof(T));

// Reads `quad` consecutive values from each of lanes<T> columns `step` apart and writes them as `quad` rows.
template <class T>
EIGEN_ALWAYS_INLINE void transpose_quads(T const* p, Index step, T* to, Index stride) {
#ifdef ROBAGG_SHUFFLES
  using V = packet<T>;
  constexpr auto all_lanes = std::make_index_sequence<static_cast<std::size_t>(lanes<T>)>{};
  constexpr Index columns = lanes<T> / quad<T>;
  V in[quad<T>];
  // Lane l of the result is column l: block k of in[i] is column k * quad + i.
  for (Index i = 0; i < quad<T>; ++i) in[i] = detail::gather_quads<T, columns>(p + i * step, quad<T> * step);
  if constexpr (quad<T> == 4) {
    V const a = interleaved<4, 1, false>(in[0], in[1], all_lanes), b = interleaved<4, 1, true>(in[0], in[1], all_lanes);
    V const c = interleaved<4, 1, false>(in[2], in[3], all_lanes), d = interleaved<4, 1, true>(in[2], in[3], all_lanes);
    detail::store<V>(to, interleaved<4, 2, false>(a, c, all_lanes));
    detail::store<V>(to + stride, interleaved<4, 2, true>(a, c, all_lanes));
    detail::store<V>(to + 2 * stride, interleaved<4, 2, false>(b, d, all_lanes));
    detail::store<V>(to + 3 * stride, interleaved<4, 2, true>(b, d, all_lanes));
  } else {
    detail::store<V>(to, interleaved<2, 1, false>(in[0], in[1], all_lanes));
    detail::store<V>(to + stride, interleaved<2, 1, true>(in[0], in[1], all_lanes));
  }
#else
  for (Index i = 0; i < quad<T>; ++i) {
    for (Index l = 0; l < lanes<T>; ++l) to[i * stride + l] = p[l * step + i];
  }
#endif
}

}  // namespace robagg::inline ROBAGG_ABI::detail

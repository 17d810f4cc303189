// SPDX-License-Identifier: BSL-1.0
// Build checks, the two macros a user may set, and the inline namespace.
#pragma once

#include "../../version.hpp"

#include <Eigen/Core>

#if !EIGEN_VERSION_AT_LEAST(3, 4, 0)
#error "robagg needs Eigen 3.4.0 or newer"
#endif

#if !defined(ROBAGG_ALLOW_FAST_MATH) && (defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ == 1))
#error \
    "robagg: -ffast-math and -ffinite-math-only delete the NaN tests that the guarantees rest on; \
define ROBAGG_ALLOW_FAST_MATH if every report is known to be finite"
#endif

// What only a programmer can get wrong (output size, overlap). Override before the first include.
#ifndef ROBAGG_ASSERT
#define ROBAGG_ASSERT(condition) eigen_assert(condition)
#endif

// Inference engines link translation units built with different -march flags. The inline namespace
// keeps their kernels apart, so that the linker never hands an AVX-512 kernel to an older machine.
// So it does with versions: v0_2_avx512.
#define ROBAGG_JOINED_(a, b) a##b
#define ROBAGG_JOINED(a, b) ROBAGG_JOINED_(a, b)
#define ROBAGG_RELEASE ROBAGG_JOINED(ROBAGG_JOINED(v, ROBAGG_VERSION_MAJOR), ROBAGG_JOINED(_, ROBAGG_VERSION_MINOR))
#if defined(__AVX512F__)
#define ROBAGG_SET ROBAGG_JOINED(ROBAGG_RELEASE, _avx512)
#elif defined(__AVX2__) && defined(__FMA__)
#define ROBAGG_SET ROBAGG_JOINED(ROBAGG_RELEASE, _avx2_fma)
#elif defined(__AVX__)
#define ROBAGG_SET ROBAGG_JOINED(ROBAGG_RELEASE, _avx)
#elif defined(__SSE4_2__)
#define ROBAGG_SET ROBAGG_JOINED(ROBAGG_RELEASE, _sse4)
#else
#define ROBAGG_SET ROBAGG_RELEASE
#endif
// So it does where robagg::kernels is linked, which says for which numbers: other bodies behind the same names.
#if defined(ROBAGG_KERNELS_FLOAT) || defined(ROBAGG_KERNELS_DOUBLE)
#define ROBAGG_ABI ROBAGG_JOINED(ROBAGG_SET, _kernels)
// A file without -march takes more, which is compiled for its own set: rules on n x n matrices and, where robagg::catalogue is
// linked, operators by name. (The library's own files define these as `template`.)
#if defined(ROBAGG_KERNELS_FLOAT) && defined(ROBAGG_KERNELS_DOUBLE) && !defined(__AVX__) && !defined(__SSE4_2__)
#ifndef ROBAGG_RULES
#define ROBAGG_RULES extern template
#endif
#if defined(ROBAGG_COMPILED_CATALOGUE) && !defined(ROBAGG_CATALOGUE)
#define ROBAGG_CATALOGUE extern template
#endif
#endif
#else
#define ROBAGG_ABI ROBAGG_SET
#endif

namespace robagg::inline ROBAGG_ABI {

using Eigen::Index;

namespace detail {
// What Op is there: a member `kernel` of Op. It names Op, so that a struct derived from Op has none.
template <class Op>
struct kernel_number {
  int number;
};
// Are the kernels for T compiled elsewhere? They take the numbers of operators and what is in dispatch.hpp.
template <class T>
inline constexpr bool compiled_elsewhere = false;
#ifdef ROBAGG_KERNELS_FLOAT
template <>
inline constexpr bool compiled_elsewhere<float> = true;
#endif
#ifdef ROBAGG_KERNELS_DOUBLE
template <>
inline constexpr bool compiled_elsewhere<double> = true;
#endif
// Then, and in the library, blocks of columns are whole packets of the widest set.
#if defined(ROBAGG_KERNELS_FLOAT) || defined(ROBAGG_KERNELS_DOUBLE) || defined(ROBAGG_COMPILES_KERNELS)
inline constexpr bool wide_blocks = true;
#else
inline constexpr bool wide_blocks = false;
#endif
}  // namespace detail

}  // namespace robagg::inline ROBAGG_ABI

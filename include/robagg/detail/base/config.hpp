// SPDX-License-Identifier: BSL-1.0
// Version, build checks and the two macros a user may set.
#pragma once

#include <Eigen/Core>

#define ROBAGG_VERSION_MAJOR 0
#define ROBAGG_VERSION_MINOR 1
#define ROBAGG_VERSION_PATCH 0

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
#if defined(__AVX512F__)
#define ROBAGG_ABI v0_1_avx512
#elif defined(__AVX2__) && defined(__FMA__)
#define ROBAGG_ABI v0_1_avx2_fma
#elif defined(__AVX__)
#define ROBAGG_ABI v0_1_avx
#elif defined(__SSE4_2__)
#define ROBAGG_ABI v0_1_sse4
#else
#define ROBAGG_ABI v0_1
#endif

namespace robagg::inline ROBAGG_ABI {

using Eigen::Index;

}  // namespace robagg::inline ROBAGG_ABI

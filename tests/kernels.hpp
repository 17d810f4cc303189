// SPDX-License-Identifier: BSL-1.0
// The library's kernels are instantiated once for all tests (kernels.cpp), instead of in every batch of them.
#pragma once

#include <robagg/robagg.hpp>

#ifndef ROBAGG_KERNELS
#define ROBAGG_KERNELS extern template
#endif

namespace robagg::inline ROBAGG_ABI::detail {

#define ROBAGG_KERNELS_OF(T)                                                                 \
  ROBAGG_KERNELS kernel<T> kernel_of<T, kernel_class::full, false>(Index);                   \
  ROBAGG_KERNELS kernel<T> kernel_of<T, kernel_class::middle, false>(Index);                 \
  ROBAGG_KERNELS kernel<T> kernel_of<T, kernel_class::bitonic, false>(Index);                \
  ROBAGG_KERNELS kernel<T> kernel_of<T, kernel_class::full, true>(Index);                    \
  ROBAGG_KERNELS kernel<T> kernel_of<T, kernel_class::bitonic, true>(Index);                 \
  ROBAGG_KERNELS void block_distances<T>(distance_job<T> const&, Index, prefetcher<T>&);
ROBAGG_KERNELS_OF(float)
ROBAGG_KERNELS_OF(double)
#undef ROBAGG_KERNELS_OF

}  // namespace robagg::inline ROBAGG_ABI::detail

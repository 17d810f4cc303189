// SPDX-License-Identifier: BSL-1.0
// The library's kernels, compiled once for all tests and optimised (kernels_float.cpp, kernels_double.cpp), instead of in
// every batch of them. The operators by name as well (catalogue.cpp).
#pragma once

#if !defined(ROBAGG_CATALOGUE) && !defined(ROBAGG_KERNELS_AS_NEEDED)
#define ROBAGG_CATALOGUE extern template
#endif

#include <robagg/robagg.hpp>

// Tests of robagg::kernels take the library's; for scripts/mutate each test compiles those that it needs.
#if (!defined(ROBAGG_KERNELS_FLOAT) || !defined(ROBAGG_KERNELS_DOUBLE)) && !defined(ROBAGG_KERNELS_AS_NEEDED)

#ifndef ROBAGG_FLOAT_KERNELS
#define ROBAGG_FLOAT_KERNELS extern template
#endif
#ifndef ROBAGG_DOUBLE_KERNELS
#define ROBAGG_DOUBLE_KERNELS extern template
#endif

namespace robagg::inline ROBAGG_ABI::detail {

#define ROBAGG_COLUMNS_OF(TEMPLATE, T, UNEVEN, OP)                                                                      \
  TEMPLATE void reduce_columns<UNEVEN, T, OP>(OP const&, table_reader<T> const&, Index const*, Index, Index,            \
                                              prepared_weights const*, column_sink<T> const&, workspace&);              \
  TEMPLATE void reduce_tile<UNEVEN, T, OP>(OP const&, tile<T> const&, Index const*, Index, prepared_weights const*, T*, \
                                           workspace&);
#define ROBAGG_ROOM_OF(TEMPLATE, T, OP, WEIGHTED, INCOMPLETE) \
  TEMPLATE std::size_t columns_scratch<T, OP, WEIGHTED, INCOMPLETE>(table_shape<T> const&, Index);
#define ROBAGG_EVEN_COLUMNS_OF(TEMPLATE, T, OP) \
  ROBAGG_COLUMNS_OF(TEMPLATE, T, false, OP) ROBAGG_ROOM_OF(TEMPLATE, T, OP, false, false)
#define ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, OP) \
  ROBAGG_EVEN_COLUMNS_OF(TEMPLATE, T, OP)      \
  ROBAGG_COLUMNS_OF(TEMPLATE, T, true, OP)     \
  ROBAGG_ROOM_OF(TEMPLATE, T, OP, false, true) \
  ROBAGG_ROOM_OF(TEMPLATE, T, OP, true, false) ROBAGG_ROOM_OF(TEMPLATE, T, OP, true, true)
#define ROBAGG_KERNELS_OF(TEMPLATE, T)                                                                               \
  TEMPLATE kernel<T> kernel_of<T, kernel_class::full, false>(Index);                                                 \
  TEMPLATE kernel<T> kernel_of<T, kernel_class::middle, false>(Index);                                               \
  TEMPLATE kernel<T> kernel_of<T, kernel_class::bitonic, false>(Index);                                              \
  TEMPLATE kernel<T> kernel_of<T, kernel_class::full, true>(Index);                                                  \
  TEMPLATE kernel<T> kernel_of<T, kernel_class::bitonic, true>(Index);                                               \
  TEMPLATE void block_distances<T>(distance_job<T> const&, Index, prefetcher<T>&);                                   \
  TEMPLATE void sum_over_blocks<T>(table_points<T> const&, Index, block_sums&, workspace&, all_distances<T> const&); \
  TEMPLATE void sum_over_blocks<T>(table_points<T> const&, Index, block_sums&, workspace&, some_products<T> const&); \
  TEMPLATE geometry measure_points<T>(table_points<T> const&, geometry::weighting const&, bool, workspace&,          \
                                      function_ref<void(double)>);                                                   \
  TEMPLATE class reader<table<T>, T>;                                                                                \
  TEMPLATE void select_ranks<T>(T const*, Index, Index, Index, T*, workspace&);                                      \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, mean)                                                                           \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, median)                                                                         \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, trimmed_mean)                                                                   \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, interquartile_mean)                                                             \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, quantile)                                                                       \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, trimean)                                                                        \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, trimmed_mean_by_share)                                                          \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, asymmetric_trimmed_mean)                                                        \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, winsorized_mean)                                                                \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, winsorized_mean_by_share)                                                       \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, interpolated_median)                                                            \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, sigma_clipped_mean)                                                             \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, clipped_count<sigma_clipped_mean>)                                              \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, huber)                                                                          \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, biweight_location)                                                              \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, hodges_lehmann)                                                                 \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, median_absolute_deviation)                                                      \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, quantile_range)                                                                 \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, mean_around_median)                                                             \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, phocas)                                                                         \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, sign_majority)                                                                  \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, uniform_phantom)                                                                \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, soft_min)                                                                       \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, best_case)                                                                      \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, worst_case)                                                                     \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, uncertainty_weighted)                                                           \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, defensive)                                                                      \
  ROBAGG_ALL_COLUMNS_OF(TEMPLATE, T, veto)                                                                           \
  ROBAGG_EVEN_COLUMNS_OF(TEMPLATE, T, interior_trimmed_mean)                                                         \
  ROBAGG_EVEN_COLUMNS_OF(TEMPLATE, T, moulin_median)                                                                 \
  ROBAGG_EVEN_COLUMNS_OF(TEMPLATE, T, lower_median)                                                                  \
  ROBAGG_EVEN_COLUMNS_OF(TEMPLATE, T, nearest_to_median)                                                             \
  ROBAGG_EVEN_COLUMNS_OF(TEMPLATE, T, weighted_sum)
ROBAGG_KERNELS_OF(ROBAGG_FLOAT_KERNELS, float)
ROBAGG_KERNELS_OF(ROBAGG_DOUBLE_KERNELS, double)
#undef ROBAGG_KERNELS_OF

}  // namespace robagg::inline ROBAGG_ABI::detail

#endif

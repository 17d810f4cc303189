// SPDX-License-Identifier: BSL-1.0
#include "peers/by_column.hpp"

#include <gsl/gsl_statistics_double.h>
#include <gsl/gsl_statistics_float.h>

using namespace robagg_bench;

namespace {

float median_of(float* v, Index n) { return static_cast<float>(gsl_stats_float_median(v, 1, static_cast<std::size_t>(n))); }
double median_of(double* v, Index n) { return gsl_stats_median(v, 1, static_cast<std::size_t>(n)); }

bool const registered =
    add_peer("GSL", "median", [](Index) { return by_column{[](auto* v, Index n) { return median_of(v, n); }}; }, right_median);

}  // namespace

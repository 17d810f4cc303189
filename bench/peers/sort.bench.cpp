// SPDX-License-Identifier: BSL-1.0
#include "peers/by_column.hpp"

using namespace robagg_bench;

static bool const median = add_peer(
    "std::sort", "median",
    [](Index) {
      return by_column{[](auto* v, Index n) {
        std::sort(v, v + n);
        return (v[(n - 1) / 2] + v[n / 2]) / 2;
      }};
    },
    right_median);

static bool const trimmed_mean = add_peer(
    "std::sort", "trimmed_mean",
    [](Index) {
      return by_column{[](auto* v, Index n) {
        std::sort(v, v + n);
        return mean_of(v + liars(n), v + (n - liars(n)));
      }};
    },
    right_trimmed_mean);

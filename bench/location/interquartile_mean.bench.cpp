// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "interquartile_mean", [](Index) { return robagg::interquartile_mean{}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::interquartile_mean(x), tolerance);
    });

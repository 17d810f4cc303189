// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "median_absolute_deviation", [](Index) { return robagg::median_absolute_deviation{}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::absolute_deviation(x), tolerance);
    });

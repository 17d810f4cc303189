// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "uncertainty_weighted", [](Index) { return robagg::uncertainty_weighted{.lambda = 0.5}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::uncertainty_weighted(x, 0.5, 0, false), tolerance);
    });

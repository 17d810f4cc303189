// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "soft_min", [](Index) { return robagg::soft_min{.beta = 1}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::soft_min(x, 1), tolerance);
    });

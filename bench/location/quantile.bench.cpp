// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "quantile", [](Index) { return robagg::quantile{.p = 0.3}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::quantile(x, 0.3), tolerance);
    });

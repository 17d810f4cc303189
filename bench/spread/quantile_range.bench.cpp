// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "quantile_range", [](Index) { return robagg::quantile_range{}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::quantile(x, .75) - reference::quantile(x, .25), tolerance);
    });

// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_geometric(
    "geometric_median", [](Index) { return robagg::geometric_median{}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::geometric_median(x), 1e-4 + tolerance);
    });

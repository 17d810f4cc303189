// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "hodges_lehmann", [](Index) { return robagg::hodges_lehmann{}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::hodges_lehmann(x), tolerance);
    });

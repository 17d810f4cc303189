// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add(
    "median", [](Index) { return robagg::median{}; },
    [](auto const& out, matrix const& x, double tolerance) {
      return close(out.values(), reference::median(x), tolerance);
    });

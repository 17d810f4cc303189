// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add(
    "ranks", [](Index) { return robagg::ranks{}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::ranks(x, reference::tie_rule::average), tolerance);
    });

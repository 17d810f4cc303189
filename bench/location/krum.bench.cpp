// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_geometric(
    "krum", [](Index n) { return robagg::krum{.f = liars(n)}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::krum(x, liars(x.rows())), tolerance);
    });

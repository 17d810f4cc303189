// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "phocas", [](Index n) { return robagg::phocas{.f = liars(n)}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::phocas(x, liars(x.rows())), tolerance);
    });

// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "winsorized_mean", [](Index n) { return robagg::winsorized_mean{.f = liars(n)}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::mean_between_rows(x, liars(x.rows()), liars(x.rows()), true), tolerance);
    });

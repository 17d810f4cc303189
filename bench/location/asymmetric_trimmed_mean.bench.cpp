// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "asymmetric_trimmed_mean", [](Index n) { return robagg::asymmetric_trimmed_mean{.low = 0, .high = liars(n)}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::mean_between_rows(x, 0, liars(x.rows()), false), tolerance);
    });

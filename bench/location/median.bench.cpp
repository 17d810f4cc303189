// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns("median", [](Index) { return robagg::median{}; }, right_median);
static bool const weighted_registered = add_weighted(
    "median", [](Index) { return robagg::median{}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::median(x, some_weights(x.rows())), tolerance);
    });

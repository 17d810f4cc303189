// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "interpolated_median", [](Index) { return robagg::interpolated_median{}; },
    [](answer const& out, matrix const& x, double tolerance) { return close(out.values, reference::median(x), tolerance); });

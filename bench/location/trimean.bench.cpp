// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "trimean", [](Index) { return robagg::trimean{}; },
    [](answer const& out, matrix const& x, double tolerance) { return close(out.values, reference::trimean(x), tolerance); });

// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "mean_around_median", [](Index n) { return robagg::mean_around_median{.f = liars(n)}; }, right_mean_around_median);

// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add(
    "plurality", [](Index) { return robagg::plurality{}; },
    [](answer const& out, matrix const& x, double) { return out.winner == reference::elected(reference::count_votes(x)); });

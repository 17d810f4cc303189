// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add(
    "plurality", [](Index) { return robagg::plurality{}; },
    [](auto const& out, matrix const& x, double) {
      return out.election.winner == reference::elected(reference::count_votes(x));
    });

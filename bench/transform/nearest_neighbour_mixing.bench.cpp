// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add(
    "nearest_neighbour_mixing", [](Index n) { return robagg::nearest_neighbour_mixing{.f = n / 5}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::nearest_neighbour_mixing(x, x.rows() / 5), tolerance);
    });

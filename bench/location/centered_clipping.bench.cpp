// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

// Against itself in double, where its tests check it.
static auto const make = [](Index) { return robagg::centered_clipping{.radius = 5, .iterations = 3}; };
static bool const registered =
    add_geometric("centered_clipping", make, [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, make(x.rows())(x).transpose(), tolerance);
    });

// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

// Against itself in double, where its tests check it.
static auto const make = [](Index n) { return robagg::comparative_gradient_elimination{.f = liars(n)}; };
static bool const registered =
    add_geometric("comparative_gradient_elimination", make, [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, make(x.rows())(x).transpose(), tolerance);
    });

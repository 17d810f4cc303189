// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

// Against itself in double, where its tests check it.
static auto const make = [](Index n) { return robagg::adaptive_clip{.f = liars(n)}; };
static bool const registered = add_geometric("adaptive_clip", make, [](answer const& out, matrix const& x, double tolerance) {
  return close(out.values, make(x.rows())(x), tolerance);
});

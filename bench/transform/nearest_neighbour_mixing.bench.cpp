// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_geometric(
    "nearest_neighbour_mixing", [](Index n) { return robagg::nearest_neighbour_mixing{.f = liars(n)}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::nearest_neighbour_mixing(x, liars(x.rows())), tolerance);
    });
static bool const pipe_registered = add_geometric(
    "nearest_neighbour_mixing|trimmed_mean",
    [](Index n) { return robagg::nearest_neighbour_mixing{.f = liars(n)} | robagg::trimmed_mean{.f = liars(n)}; },
    [](answer const& out, matrix const& x, double tolerance) {
      Index const f = liars(x.rows());
      return close(out.values, reference::trimmed_mean(reference::nearest_neighbour_mixing(x, f), f), tolerance);
    });

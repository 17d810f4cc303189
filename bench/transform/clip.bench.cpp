// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add(
    "clip", [](Index) { return robagg::clip{.radius = 5}; },
    [](answer const& out, matrix const& x, double tolerance) { return close(out.values, reference::clip(x, 5), tolerance); });
static bool const pipe_registered = add_geometric(
    "clip|mean", [](Index) { return robagg::clip{.radius = 5} | robagg::mean{}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::mean(reference::clip(x, 5)), tolerance);
    });

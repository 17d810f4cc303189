// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add(
    "trimmed_mean", [](Index n) { return robagg::trimmed_mean{.f = n / 5}; },
    [](auto const& out, matrix const& x, double tolerance) {
      return close(out.values(), reference::trimmed_mean(x, x.rows() / 5), tolerance);
    });

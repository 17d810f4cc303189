// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add(
    "krum", [](Index n) { return robagg::krum{.f = n / 5}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::krum(x, x.rows() / 5), tolerance);
    });

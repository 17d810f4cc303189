// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "sign_majority", [](Index) { return robagg::sign_majority{}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::sign_majority(x), tolerance);
    });

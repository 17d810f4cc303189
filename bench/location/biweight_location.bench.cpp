// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "biweight_location", [](Index) { return robagg::biweight_location{}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::by_column(x, {}, false, [](auto const& e) { return reference::biweight(e, 6); }),
                   tolerance);
    });

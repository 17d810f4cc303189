// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "huber", [](Index) { return robagg::huber{}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::by_column(x, {}, false, [](auto const& e) { return reference::huber(e, 1.345); }),
                   tolerance);
    });

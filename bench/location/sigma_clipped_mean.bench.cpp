// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "sigma_clipped_mean", [](Index) { return robagg::sigma_clipped_mean{}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values,
                   reference::by_column(
                       x, {}, false, [](auto const& e) { return reference::mean(reference::clipped(e, 3, 3, 5, true, true)); }),
                   tolerance);
    });

// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add_columns(
    "trimmed_mean_by_share", [](Index) { return robagg::trimmed_mean_by_share{.low = .2, .high = .2}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::mean_between_shares(x, .2, .2, false), tolerance);
    });

// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered =
    add_columns("trimmed_mean", [](Index n) { return robagg::trimmed_mean{.f = liars(n)}; }, right_trimmed_mean);
static bool const weighted_registered = add_weighted(
    "trimmed_mean", [](Index n) { return robagg::trimmed_mean{.f = liars(n)}; },
    [](answer const& out, matrix const& x, double tolerance) {
      return close(out.values, reference::trimmed_mean(x, liars(x.rows()), some_weights(x.rows())), tolerance);
    });

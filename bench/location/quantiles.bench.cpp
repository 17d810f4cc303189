// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static std::vector<double> const shares = {.05, .25, .5, .75, .95};
static bool const registered = add(
    "quantiles", [](Index) { return robagg::quantiles{.ps = shares}; },
    [](answer const& out, matrix const& x, double tolerance) {
      matrix expected(5, x.cols());
      for (Index k = 0; k < 5; ++k) expected.row(k) = reference::quantile(x, shares[static_cast<std::size_t>(k)]);
      return close(out.values, expected, tolerance);
    });

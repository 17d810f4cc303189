// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add(
    "veto", [](Index) { return robagg::veto{.threshold = .75, .quorum = 2}; },
    [](answer const& out, matrix const& x, double) {
      for (Index j = 0; j < x.cols(); ++j) {
        if (out.values(0, j) != ((x.col(j).array() >= .75).count() >= 2)) return false;
      }
      return true;
    });

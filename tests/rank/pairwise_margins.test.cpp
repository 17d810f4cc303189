// SPDX-License-Identifier: BSL-1.0
#include "profiles.hpp"

using namespace robagg_test;
using robagg::unranked;

TEST_CASE("margins are what voters say of pairs") {
  for (unranked const way : profiles::ways) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      auto const p = profiles::drawn(seed, 9, 20);
      auto const m = robagg::pairwise_margins(p.voters(), way);
      double worst = 0;
      for (Index a = 0; a < m.rows(); ++a) {
        for (Index b = 0; b < m.cols(); ++b) worst = std::max(worst, std::abs(m(a, b) - profiles::margin(p, a, b, way)));
      }
      CAPTURE(seed, p.scores);
      CHECK(worst <= 1e-12);
    }
  }
}

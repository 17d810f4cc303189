// SPDX-License-Identifier: BSL-1.0
#include "laws.hpp"

using namespace robagg_test;
using robagg::draws_for_hits;

TEST_CASE("draws for hits in the football pools") {
  Index const tips = 1'594'323;  // 3^13
  CHECK(*draws_for_hits{.safety = .9}(tips, 2627) == 1396);
  CHECK(*draws_for_hits{.safety = .95}(tips, 2627) == 1816);
  CHECK(*draws_for_hits{.safety = .99}(tips, 2627) == 2791);
  CHECK(*draws_for_hits{.safety = .9}(tips, 27) == 130'329);
  CHECK(*draws_for_hits{.safety = .99}(tips, 27) == 250'003);
}

TEST_CASE("draws for hits is the least number in every small population") {
  for (Index population = 1; population <= 9; ++population) {
    for (Index good = 0; good <= population; ++good) {
      for (Index hits = 1; hits <= 3; ++hits) {
        for (double const safety : {.3, .8, 1.}) {
          // By counting subsets: the good ones are the lowest bits.
          std::optional<Index> least;
          for (Index n = hits; n <= population && !least; ++n) {
            double enough = 0, all = 0;
            for (unsigned drawn = 0; drawn < 1u << population; ++drawn) {
              if (std::popcount(drawn) != n) continue;
              ++all, enough += std::popcount(drawn & ((1u << good) - 1)) >= hits;
            }
            if (enough / all >= safety - 1e-12) least = n;
          }
          INFO(population << " " << good << " " << hits << " " << safety);
          CHECK(draws_for_hits{.safety = safety, .hits = hits}(population, good) == least);
        }
      }
    }
  }
}

TEST_CASE("draws for hits refuses what is no chance") {
  CHECK_THROWS_AS(draws_for_hits{.safety = 0}(5, 2), robagg::bad_input);
  CHECK_THROWS_AS((draws_for_hits{.safety = .5, .hits = 0}(5, 2)), robagg::bad_input);
  CHECK_THROWS_AS(draws_for_hits{.safety = .5}(5, 6), robagg::bad_input);
  CHECK_THROWS_AS(draws_for_hits{.safety = not_a_number}(5, 2), robagg::bad_input);
}

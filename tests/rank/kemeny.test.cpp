// SPDX-License-Identifier: BSL-1.0
#include "profiles.hpp"

using namespace robagg_test;
using robagg::kemeny, robagg::unranked;

TEST_CASE("kemeny finds the first of the cheapest orders") {
  matrix const ranks{{1, 2, 3}, {2, 3, 1}, {3, 1, 2}, {1, 2, 3}};
  std::vector<double> const w = {2, 2, 2, 1};
  auto const found = kemeny{}.solve(robagg::weighted((-ranks).eval(), w), true);
  CHECK(found.items == std::vector<Index>{0, 1, 2});
  CHECK((found.cost == 8 && found.lower_bound == 8 && found.optimal && found.optima == 1));
  CHECK(kemeny{}(robagg::weighted((-ranks).eval(), w)) == Eigen::Vector3d(2, 1, 0));
  CHECK((kemeny{} | robagg::order{})(robagg::weighted((-ranks).eval(), w)) == std::vector<double>{1, 2, 3});
}

TEST_CASE("kemeny agrees with every permutation") {
  for (unranked const way : profiles::ways) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      auto const p = profiles::drawn(seed, 7, 6);
      auto order = profiles::items(p.scores.cols());
      double best = infinity, optima = 0;
      std::vector<Index> first;
      do {
        double const cost = profiles::cost(p, order, way);
        if (cost < best - 1e-9) best = cost, optima = 0, first = order;
        optima += cost < best + 1e-9;
      } while (std::next_permutation(order.begin(), order.end()));
      auto const found = kemeny{way}.solve(p.voters(), true);
      CAPTURE(seed, p.scores, found.items);
      CHECK(found.items == first);
      CHECK(found.cost == Approx(best).margin(1e-9));
      CHECK(found.optimal);
      CHECK(found.optima == optima);
      CHECK(profiles::by_score(kemeny{way}(p.voters())) == first);
    }
    profiles::check_anonymous(kemeny{way});
    profiles::check_weights_are_voters(kemeny{way});
    profiles::check_condorcet(kemeny{way}, way);
  }
}

TEST_CASE("kemeny beyond what is searched says a bound that holds") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    auto const p = profiles::drawn(seed, 9, 10, 0.);
    auto const exact = kemeny{}.solve(p.voters()), near = kemeny{.exact = 2}.solve(p.voters());
    CAPTURE(seed, p.scores);
    CHECK(exact.optimal);
    CHECK(near.lower_bound <= exact.cost + 1e-9);
    CHECK(near.cost >= exact.cost - 1e-9);
    CHECK(near.cost == Approx(profiles::cost(p, near.items, unranked::last)).margin(1e-9));
    if (near.optimal) CHECK(near.cost == Approx(exact.cost).margin(1e-9));
  }
}

TEST_CASE("kemeny refuses what it cannot search") {
  CHECK_THROWS_WITH(kemeny{.exact = 28}(gauss(2, 2)), "kemeny: needs 1 <= exact <= 27 (exact = 28)");
  CHECK_THROWS_WITH(kemeny{.exact = 0}(gauss(2, 2)), "kemeny: needs 1 <= exact <= 27 (exact = 0)");
  profiles::check_rank_errors(kemeny{}, "kemeny");
}

// SPDX-License-Identifier: BSL-1.0
#include "profiles.hpp"

using namespace robagg_test;
using robagg::median_rank, robagg::unranked;

TEST_CASE("the median rank is that of the weighted ranks") {
  CHECK(median_rank{}(matrix{{9, 5, 1}, {8, 9, 1}, {1, 2, 9}}) == Eigen::Vector3d(-2, -2, -3));
  matrix const missing{{2, 1, not_a_number}, {1, not_a_number, not_a_number}};
  CHECK(median_rank{}(missing) == Eigen::Vector3d(-1, -(2 + 2.5) / 2, -(3 + 2.5) / 2));
  auto const seen = median_rank{unranked::ignored}(missing);
  CHECK(seen.head(2) == Eigen::Vector2d(-1, -2));
  CHECK(std::isnan(seen(2)));
  for (unranked const way : profiles::ways) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      if (seed % 3 == 0) continue;  // sums of sevenths are not exact, and half of all is a place of its own
      auto const p = profiles::drawn(seed, 9, 6);
      matrix ranks = -robagg::ranks{}(p.scores);
      if (way == unranked::ignored) ranks = p.scores.array().isNaN().select(not_a_number, ranks);
      CAPTURE(seed, p.scores);
      CHECK(same_bits(median_rank{way}(p.voters()).transpose(),
                      robagg::median{}(robagg::weighted(robagg::skip_nan(ranks), p.weights)).transpose()));
    }
    profiles::check_anonymous(median_rank{way});
    profiles::check_neutral(median_rank{way});
    profiles::check_weights_are_voters(median_rank{way});
  }
  profiles::check_rank_errors(median_rank{}, "median_rank");
}

// SPDX-License-Identifier: BSL-1.0
#include "profiles.hpp"

using namespace robagg_test;
using robagg::footrule_optimal, robagg::unranked;

namespace {

// Average ranks of a voter, those without a score last.
matrix voters_ranks(profiles::profile const& p) { return robagg::ranks{}(p.scores); }

double footrule_of(profiles::profile const& p, std::vector<Index> const& order, unranked way) {
  matrix const ranks = voters_ranks(p);
  double sum = 0;
  for (std::size_t place = 0; place < order.size(); ++place) {
    for (Index i = 0; i < p.scores.rows(); ++i) {
      if (way == unranked::ignored && std::isnan(p.scores(i, order[place]))) continue;
      sum += p.weights[static_cast<std::size_t>(i)] * std::abs(ranks(i, order[place]) - static_cast<double>(place + 1));
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("the footrule-optimal order is the best of all orders") {
  for (unranked const way : profiles::ways) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      auto const p = profiles::drawn(seed, 6, 5);
      auto order = profiles::items(p.scores.cols());
      double best = infinity;
      do best = std::min(best, footrule_of(p, order, way));
      while (std::next_permutation(order.begin(), order.end()));
      footrule_optimal const op{way};
      CAPTURE(seed, p.scores);
      CHECK(op.cost(p.voters()) == Approx(best).margin(1e-9));
      CHECK(footrule_of(p, profiles::by_score(op(p.voters())), way) == Approx(best).margin(1e-9));
    }
    profiles::check_weights_are_voters(footrule_optimal{way});
  }
  CHECK(footrule_optimal{}(matrix{{1, 2, 3}, {1, 2, 3}, {3, 2, 1}}) == Eigen::Vector3d(0, 1, 2));
  profiles::check_rank_errors(footrule_optimal{}, "footrule_optimal");
  CHECK_THROWS_WITH(footrule_optimal{}(robagg::weighted(matrix{{1, 2, 3}}, std::vector<double>{1e308})),
                    Catch::StartsWith("footrule_optimal: needs weights whose distances have finite sums"));
}

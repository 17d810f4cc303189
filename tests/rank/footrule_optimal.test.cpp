// SPDX-License-Identifier: BSL-1.0
#include "profiles.hpp"

using namespace robagg_test;
using robagg::footrule_optimal, robagg::median_rank, robagg::unranked;

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
}

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
      matrix ranks = -voters_ranks(p);
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

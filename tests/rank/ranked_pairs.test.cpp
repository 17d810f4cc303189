// SPDX-License-Identifier: BSL-1.0
#include "profiles.hpp"

using namespace robagg_test;
using robagg::ranked_pairs, robagg::unranked;

TEST_CASE("ranked pairs take the largest margins first") {
  // 0 over 1 by 5, 1 over 2 by 3, 2 over 0 by 1: the last contradicts the others.
  matrix const x{{3, 2, 1}, {2, 1, 3}, {1, 3, 2}, {3, 2, 1}};
  std::vector<double> const w = {3, 3, 2, 1};
  CHECK(ranked_pairs{}(robagg::weighted(x, w)) == Eigen::Vector3d(2, 1, 0));
  // Reversed profiles have reversed orders, where margins differ.
  CHECK(ranked_pairs{}(robagg::weighted((-x).eval(), w)) == Eigen::Vector3d(0, 1, 2));
  // All level: the lower item first; more items than a word has bits.
  Eigen::VectorXd const many = ranked_pairs{}(matrix::Zero(1, 150));
  for (Index i = 0; i < 150; ++i) CHECK(many(i) == static_cast<double>(149 - i));
}

TEST_CASE("ranked pairs obey their laws") {
  for (unranked const way : profiles::ways) {
    profiles::check_anonymous(ranked_pairs{way});
    profiles::check_weights_are_voters(ranked_pairs{way});
    profiles::check_condorcet(ranked_pairs{way}, way);
  }
  profiles::check_rank_errors(ranked_pairs{}, "ranked_pairs");
}

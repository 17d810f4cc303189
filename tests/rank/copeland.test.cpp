// SPDX-License-Identifier: BSL-1.0
#include "profiles.hpp"

using namespace robagg_test;
using robagg::copeland, robagg::unranked;

TEST_CASE("copeland by hand") {
  // 0 over 1 over 2, which is level with 0; all over 3.
  CHECK(copeland{}(matrix{{6, 5, 4, 1}, {4, 6, 5, 1}, {5, 4, 6, 1}, {6, 5, 4, 2}}) == Eigen::Vector4d(2, 1, 0, -3));
  CHECK(copeland{}(matrix{{1, 1}}) == Eigen::Vector2d(0, 0));
}

TEST_CASE("copeland obeys its laws") {
  for (unranked const way : profiles::ways) {
    profiles::check_anonymous(copeland{way});
    profiles::check_neutral(copeland{way});
    profiles::check_weights_are_voters(copeland{way});
    profiles::check_condorcet(copeland{way}, way);
  }
  profiles::check_monotone(copeland{});
  profiles::check_rank_errors(copeland{}, "copeland");
}

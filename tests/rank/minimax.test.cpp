// SPDX-License-Identifier: BSL-1.0
#include "profiles.hpp"

using namespace robagg_test;
using robagg::minimax, robagg::unranked;

TEST_CASE("minimax by hand") {
  // 0 over 1 over 2, which is level with 0; all over 3.
  CHECK(minimax{}(matrix{{6, 5, 4, 1}, {4, 6, 5, 1}, {5, 4, 6, 1}, {6, 5, 4, 2}}) == Eigen::Vector4d(0, -2, -2, -4));
  CHECK(minimax{}(matrix{{1, 1}}) == Eigen::Vector2d(0, 0));
}

TEST_CASE("minimax obeys its laws") {
  for (unranked const way : profiles::ways) {
    profiles::check_anonymous(minimax{way});
    profiles::check_neutral(minimax{way});
    profiles::check_weights_are_voters(minimax{way});
    profiles::check_condorcet(minimax{way}, way);
  }
  profiles::check_monotone(minimax{});
  profiles::check_rank_errors(minimax{}, "minimax");
}

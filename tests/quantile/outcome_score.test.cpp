// SPDX-License-Identifier: BSL-1.0
// Proper scores of distributions.
#include "laws.hpp"

using namespace robagg_test;
using robagg::score_outcome;

TEST_CASE("proper scores by hand") {
  CHECK_THROWS_WITH(score_outcome(std::vector{.7}, 0), Catch::Contains("score_outcome: needs two outcomes or more: give both"));
  auto const s = score_outcome(std::vector{.7, .2, .1}, 0);
  CHECK((std::abs(s.brier - .14) <= 1e-15 && std::abs(s.logarithmic - .35667494393873245) <= 1e-15 &&
         std::abs(s.spherical - .9525793444) <= 1e-10));
  CHECK((std::abs(s.quadratic - .86) <= 1e-15 && std::abs(s.ranked - .1) <= 1e-15));
  CHECK_THROWS_AS(score_outcome(std::vector{.7, .3}, 2), robagg::bad_input);
}

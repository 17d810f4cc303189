// SPDX-License-Identifier: BSL-1.0
// The score of one interval.
#include "laws.hpp"

using namespace robagg_test;
using robagg::interval_score;

TEST_CASE("interval scores by hand") {
  CHECK(interval_score(1, 3, 4, .1) == 22);
  CHECK(interval_score(1, 3, 0, .1) == 22);
  for (double const y : {1., 2.5, 3.}) CHECK(interval_score(1, 3, y, .1) == 2);
  CHECK(std::isnan(interval_score(1, 3, not_a_number, .1)));
}

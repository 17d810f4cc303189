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

TEST_CASE("interval scores are the pinball losses of both ends, and outcomes far away cost in proportion") {
  numbers random(8);
  for (int round = 0; round < 500; ++round) {
    double const miss = .01 + .98 * random.uniform(), lower = random.gauss(), upper = lower + std::abs(random.gauss()),
                 y = 3 * random.gauss();
    double const low_loss = y >= lower ? miss / 2 * (y - lower) : (1 - miss / 2) * (lower - y),
                 high_loss = y >= upper ? (1 - miss / 2) * (y - upper) : miss / 2 * (upper - y);
    INFO("[" << lower << ", " << upper << "], outcome " << y << ", miscoverage " << miss);
    CHECK(std::abs(interval_score(lower, upper, y, miss) - 2 / miss * (low_loss + high_loss)) <= 1e-9 / miss);
    CHECK(interval_score(lower, upper, lower, miss) == upper - lower);
  }
  CHECK(interval_score(0, 0, 1e300, .5) == 4e300);
  CHECK(interval_score(0, 0, -1e300, .5) == 4e300);
  CHECK(interval_score(2, 1, 1.5, 1) == 1);  // ends that have passed each other: -1, and both miss by .5
}

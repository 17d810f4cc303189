// SPDX-License-Identifier: BSL-1.0
// Miscoverage that follows what happens.
#include "laws.hpp"

using namespace robagg_test;
using robagg::adaptive_miscoverage;

TEST_CASE("adaptive miscoverage by hand") {
  adaptive_miscoverage level(.1, .5);
  CHECK(level.level() == .1);
  level.add(true);
  CHECK(std::abs(level.level() - .15) <= 1e-15);
  level.add(false);
  CHECK(std::abs(level.level() + .3) <= 1e-15);  // an infinite interval next
}

TEST_CASE("adaptive miscoverage misses as often as it should") {
  numbers random(12);
  adaptive_miscoverage level(.1, .05);
  int misses = 0;
  for (int t = 0; t < 2000; ++t) {
    bool const hit =
        random.uniform() < 1 - std::clamp(2 * level.level(), 0., 1.);  // intervals that miss twice as often as they say
    misses += !hit, level.add(hit);
  }
  CHECK(std::abs(misses / 2000. - .1) <= (.9 + .05) / (.05 * 2000));
  CHECK_THROWS_AS(adaptive_miscoverage(0, .1), robagg::bad_input);
}

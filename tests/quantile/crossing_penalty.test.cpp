// SPDX-License-Identifier: BSL-1.0
// How much quantiles cross.
#include "laws.hpp"

using namespace robagg_test;
using robagg::crossing_penalty;

TEST_CASE("crossing penalties by hand") {
  CHECK(std::abs(crossing_penalty(matrix{{3, 1, 2}}) - 1) <= 1e-15);
  CHECK(crossing_penalty(matrix{{1, 2, 3}}) == 0);
  CHECK(std::abs(crossing_penalty(matrix{{3, 1, 2}, {1, 2, 3}}) - .5) <= 1e-15);  // the mean over rows
  CHECK(std::abs(crossing_penalty(matrix{{1, 2, 3}}, 1.5) - 1 / 3.) <= 1e-15);    // neighbours are .5 too near
  CHECK(crossing_penalty(matrix{{5}}) == 0);                                      // no pairs
}

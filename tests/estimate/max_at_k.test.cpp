// SPDX-License-Identifier: BSL-1.0
// The expected highest of k scores: by hand, NaN, refusals.
#include "laws.hpp"

using namespace robagg_test;
using robagg::max_at_k;

TEST_CASE("the highest of k of some scores") {
  std::vector<double> const scores = {.1, .4, .2, .9, .5};
  CHECK(std::abs(max_at_k{.k = 3}(scores)-.73) < 1e-15);
  CHECK(std::abs(max_at_k{.k = 1}(scores)-.42) < 1e-15);
  CHECK(std::abs(max_at_k{.k = 2}(scores)-.61) < 1e-15);  // of ten pairs: 4 have .9, 3 have .5, 2 have .4, 1 has .2
  CHECK(max_at_k{.k = 5}(scores) == .9);
  CHECK(max_at_k{.k = 2}(std::vector<double>{not_a_number, 1, 1}) == 1);  // NaN is never the highest of two
  CHECK(std::isnan(max_at_k{.k = 1}(std::vector<double>{not_a_number, 1, 1})));
  CHECK_THROWS_AS(max_at_k{.k = 0}(std::vector<double>{1}), robagg::bad_input);
  CHECK_THROWS_AS(max_at_k{.k = 2}(std::vector<double>{1}), robagg::bad_input);
  CHECK_THROWS_AS(max_at_k{.k = 1}(std::vector<double>{}), robagg::bad_input);
}

// SPDX-License-Identifier: BSL-1.0
// The divergence of best-of-n.
#include "laws.hpp"

using namespace robagg_test;
using robagg::best_of_n_divergence;

TEST_CASE("the divergence of best-of-n") {
  CHECK(std::abs(best_of_n_divergence(12500) - 8.4336) < 5e-5);
  CHECK(best_of_n_divergence(1) == 0);
  CHECK(std::abs(best_of_n_divergence(2) - (std::log(2.) - .5)) < 1e-15);
  CHECK_THROWS_AS(best_of_n_divergence(0), robagg::bad_input);
}

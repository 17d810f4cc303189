// SPDX-License-Identifier: BSL-1.0
// The chance of a right sample: by hand, and as a curve of best-of-n.
#include "laws.hpp"

using namespace robagg_test;
using robagg::pass_at_k;

TEST_CASE("pass at k") {
  CHECK(std::abs(pass_at_k(5, 2, 2) - .7) < 1e-15);
  CHECK((pass_at_k(5, 0, 3) == 0 && pass_at_k(5, 5, 1) == 1 && pass_at_k(5, 3, 3) == 1));
  for (Index correct = 0; correct <= 7; ++correct) {
    std::vector<double> right(7, 0);
    std::fill_n(right.begin(), correct, 1);
    for (Index k = 1; k <= 7; ++k) {
      std::vector<Index> const ns = {k};
      CHECK(std::abs(pass_at_k(7, correct, k) - robagg::best_of_n_curve{.ns = ns}(right, right)(0)) < 1e-14);
    }
  }
  CHECK_THROWS_AS(pass_at_k(5, 6, 1), robagg::bad_input);
  CHECK_THROWS_AS(pass_at_k(5, 2, 0), robagg::bad_input);
  CHECK_THROWS_AS(pass_at_k(5, -1, 1), robagg::bad_input);
  CHECK_THROWS_AS(pass_at_k(5, 2, 6), robagg::bad_input);
}

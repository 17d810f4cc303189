// SPDX-License-Identifier: BSL-1.0
// The continuous ranked probability score of samples.
#include "laws.hpp"

using namespace robagg_test;
using robagg::crps;

TEST_CASE("the score of a sample by hand") {
  std::vector<double> const y{2};
  matrix const q{{0, 1, 3}};
  CHECK(std::abs(crps{}(q, y)[0] - 2 / 3.) <= 1e-15);
  CHECK(std::abs(crps{true}(q, y)[0] - 1 / 3.) <= 1e-15);
  CHECK(std::isnan(crps{}(matrix{{0, not_a_number, 3}}, y)[0]));
}

TEST_CASE("crps refuses other lengths, and no samples") {
  std::vector<double> const one{1};
  check_call_refused(crps{}, [&](auto const& op) { op(gauss(2, 3), one); },
                     {"crps: needs an outcome for each row", "rows = 2, outcomes = 1"});
  check_call_refused(crps{}, [&](auto const& op) { op(matrix(1, 0), one); }, {"crps: needs at least one sample"});
}

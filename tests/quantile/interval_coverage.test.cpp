// SPDX-License-Identifier: BSL-1.0
// How many outcomes are in their intervals.
#include "laws.hpp"

using namespace robagg_test;
using robagg::interval_coverage;

TEST_CASE("coverage of intervals") {
  std::vector<double> const low{0, 0, 0, 0}, high{1, 2, 3, 4}, y{1, 3, not_a_number, 0};
  CHECK(interval_coverage{}(low, high, y) == .5);
  std::vector<double> const one{1};
  check_call_refused(interval_coverage{}, [&](auto const& op) { op(one, high, y); },
                     {"interval_coverage: needs as many bounds as outcomes"});
}

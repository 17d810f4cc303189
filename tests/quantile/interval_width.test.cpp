// SPDX-License-Identifier: BSL-1.0
// How wide intervals are.
#include "laws.hpp"

using namespace robagg_test;
using robagg::interval_width;

TEST_CASE("width of intervals") {
  std::vector<double> const low{0, 0, 0, 0}, high{1, 2, 3, 4}, nothing;
  CHECK(interval_width{}(low, high) == 2.5);
  check_call_refused(interval_width{}, [&](auto const& op) { op(nothing, nothing); }, {"interval_width: needs as many bounds"});
}

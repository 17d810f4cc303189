// SPDX-License-Identifier: BSL-1.0
// The pinball loss: values by hand, refusals.
#include "laws.hpp"

using namespace robagg_test;
using robagg::pinball;

TEST_CASE("pinball losses by hand") {
  std::vector<double> const levels{.25, .5, .75}, y{2};
  CHECK(difference(pinball{levels}(matrix{{0, 1, 3}}, y), matrix{{.5, .5, .25}}) <= 1e-15);
}

TEST_CASE("pinball refuses forecasts without a level each") {
  std::vector<double> const uneven{.1, .5, .8};
  check_call_refused(pinball{uneven}, [](auto const& op) { op(gauss(50, 7, 2), std::vector<double>(50)); },
                     {"pinball: needs a level for each column"});
}

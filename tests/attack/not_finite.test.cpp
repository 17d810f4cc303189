// SPDX-License-Identifier: BSL-1.0
// infinity and not_a_number, which look at no honest report.
#include "laws.hpp"

#include <robagg/attack/not_finite.hpp>

using namespace robagg_test;

TEST_CASE("infinity and not_a_number fill every column") {
  matrix const honest = gauss(3, 40);
  CHECK((robagg::attack::infinity{}(honest).array() == infinity).all());
  CHECK(robagg::attack::not_a_number{}(honest).array().isNaN().all());
  CHECK((in<float>(robagg::attack::infinity{}, honest).array() == infinity).all());
  check_laws(subject_of(robagg::attack::infinity{}), {no_columns, needs_a_report, workspace_settles});
  check_laws(subject_of(robagg::attack::not_a_number{}), {no_columns, needs_a_report, workspace_settles});
}

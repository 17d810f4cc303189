// SPDX-License-Identifier: BSL-1.0
// The mean with one column off.
#include "laws.hpp"

#include <robagg/attack/constant_coordinate.hpp>

using namespace robagg_test;
using robagg::attack::constant_coordinate;

TEST_CASE("constant_coordinate moves one column of the mean") {
  matrix const honest{{1, -2}, {3, -2}, {8, 4}};
  CHECK(constant_coordinate{}(honest) == Eigen::Vector2d(-12, 0));
  CHECK(constant_coordinate{.column = 1, .factor = 3}(honest) == Eigen::Vector2d(4, 3));
  matrix const x = gauss(9, 37);
  matrix want = reference::mean(x);
  want(0, 5) -= 16;
  CHECK(difference(in<double>(constant_coordinate{.column = 5}, x), want) < 1e-14);
  check_laws(subject_of(constant_coordinate{}),
             {permutation_invariant, translation_equivariant, same_bits_in_any_order_of_storage, workspace_settles,
              needs_a_report, subset_is_those_rows});
  check_four_inputs(constant_coordinate{.column = 5});
  check_outputs(constant_coordinate{.column = 36});
}

TEST_CASE("constant_coordinate refuses wrong numbers") {
  check_refuses(constant_coordinate{.column = 2}, gauss(4, 2),
                {"constant_coordinate: needs a column of the table", "column = 2", "d = 2"});
  check_refuses(constant_coordinate{.column = -1}, gauss(4, 2), {"column = -1"});
  check_refuses(constant_coordinate{}, matrix(4, 0), {"d = 0"});
  check_refuses(constant_coordinate{.factor = infinity}, gauss(4, 2),
                {"constant_coordinate: needs a finite factor", "factor = inf"});
}

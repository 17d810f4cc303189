// SPDX-License-Identifier: BSL-1.0
// The honest mean backwards.
#include "laws.hpp"

#include <robagg/attack/sign_flip.hpp>

using namespace robagg_test;
using robagg::attack::sign_flip;

TEST_CASE("sign_flip sends the mean backwards") {
  matrix const honest{{1, -2}, {3, -2}, {8, 4}};
  CHECK(sign_flip{}(honest) == Eigen::Vector2d(-4, 0));
  CHECK(sign_flip{10}(honest) == Eigen::Vector2d(-40, 0));
  CHECK(sign_flip{}.with_strength(3).factor == 3);
  // From the sum in double: with the mean rounded to float, 3 times it would be 50331648.
  Eigen::MatrixXf const close = Eigen::Vector2f(16777216.f, 16777218.f);
  CHECK(sign_flip{3}(close)(0) == -50331652.f);
  CHECK(std::isnan(sign_flip{}(matrix{{1}, {not_a_number}})(0)));
  CHECK(robagg::describe(sign_flip{10}) == "sign_flip{.factor = 10}");
}

TEST_CASE("sign_flip agrees with the mean and obeys its laws") {
  check_reference(subject_of(sign_flip{}), [](matrix const& x) -> matrix { return -reference::mean(x); });
  check_reference(subject_of<float>(sign_flip{.1}), [](matrix const& x) -> matrix { return -.1 * reference::mean(x); });
  check_laws(subject_of(sign_flip{}),
             {permutation_invariant, scale_equivariant, sign_equivariant, same_bits_in_any_order_of_storage, slices_glue,
              workspace_settles, no_columns, needs_a_report, subset_is_those_rows});
}

TEST_CASE("sign_flip refuses wrong numbers") {
  check_refuses(sign_flip{infinity}, gauss(4, 2), {"sign_flip: needs a finite factor", "factor = inf"});
}

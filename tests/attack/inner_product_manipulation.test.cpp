// SPDX-License-Identifier: BSL-1.0
// The step against the honest mean.
#include "laws.hpp"

#include <robagg/attack/inner_product_manipulation.hpp>

using namespace robagg_test;
using robagg::attack::inner_product_manipulation;

TEST_CASE("inner_product_manipulation turns the mean") {
  matrix const honest{{1, -2}, {3, -2}, {8, 4}};
  CHECK(inner_product_manipulation{}(honest) == Eigen::Vector2d(-8, 0));
  CHECK(inner_product_manipulation{.factor = .5}(honest) == Eigen::Vector2d(-2, 0));
  CHECK(inner_product_manipulation{}.with_strength(3).factor == 3);
  // The page's threshold, f factor > n - f: two liars among five need more than 1.5.
  auto const inner_product = [&](double factor) {
    matrix x(5, 2);
    x.topRows(3) = honest;
    x.bottomRows(2) = in<double>(inner_product_manipulation{factor}, honest).replicate(2, 1);
    return in<double>(robagg::mean{}, x).row(0).dot(in<double>(robagg::mean{}, honest).row(0));
  };
  CHECK(inner_product(1.4) > 0);
  CHECK(inner_product(1.6) < 0);
}

TEST_CASE("inner_product_manipulation agrees with the mean, obeys its laws and refuses wrong numbers") {
  auto const subject = subject_of(inner_product_manipulation{});
  check_reference(subject, [](matrix const& x) -> matrix { return -2 * reference::mean(x); });
  check_laws(subject, {permutation_invariant, scale_equivariant, sign_equivariant, slices_glue, workspace_settles, no_columns,
                       needs_a_report});
  check_refuses(inner_product_manipulation{not_a_number}, gauss(4, 2), {"inner_product_manipulation: needs a finite factor"});
}

// SPDX-License-Identifier: BSL-1.0
// The mean and a few deviations; how many the paper allows.
#include "laws.hpp"

#include <robagg/attack/little_is_enough.hpp>

using namespace robagg_test;
using robagg::attack::little_is_enough;

TEST_CASE("little_is_enough sends the mean and some deviations") {
  matrix const honest{{1, -2}, {3, -2}, {8, 4}};  // means 4 and 0; squared deviations 9 + 1 + 16 and 4 + 4 + 16
  CHECK(difference(in<double>(little_is_enough{}, honest), matrix{{4 + 1.5 * std::sqrt(13.), 1.5 * std::sqrt(12.)}}) < 1e-14);
  CHECK(in<double>(little_is_enough{0}, honest) == matrix{{4, 0}});
  CHECK(little_is_enough{}.with_strength(3).deviations == 3);
}

TEST_CASE("little_is_enough counts the deviations that the paper allows") {
  auto const near = [](double a, double b) { return std::abs(a - b) <= 4e-16 * std::max(1., std::abs(b)); };
  CHECK(near(little_is_enough::strongest(50, 12), 0.33603814037182306));  // Phi^-1(24/38)
  CHECK(near(little_is_enough::strongest(20, 5), 0.25334710313579972));
  CHECK(near(little_is_enough::strongest(25, 5), 0.25334710313579972));
  CHECK(near(little_is_enough::strongest(10, 3), 0.18001236979270499));
  CHECK(little_is_enough::strongest(5, 2) > 0);
  // The quantile undoes the distribution, also far out.
  using robagg::detail::normal_quantile;
  CHECK(normal_quantile(.5) == 0);
  CHECK(near(normal_quantile(.975), 1.959963984540054));
  CHECK(near(normal_quantile(1e-10), -6.3613409024040562));
  CHECK(near(normal_quantile(1e-300), -37.0470962993612));
  for (auto const& [n, f] : {std::pair<Index, Index>{2, 0}, {4, 2}, {4, -1}, {1, 0}}) {
    INFO(n << " " << f);
    CHECK_THROWS_WITH(little_is_enough::strongest(n, f),
                      Catch::Contains("little_is_enough: strongest needs n > 2, f >= 0 and n > 2f"));
  }
}

TEST_CASE("little_is_enough agrees with the reference and obeys its laws") {
  auto const expected = [](matrix const& x) { return reference::uncertainty_weighted(x, -1.5, 1, true); };
  check_reference(subject_of(little_is_enough{}), expected, 2);
  check_reference(subject_of<float>(little_is_enough{}), expected, 2);
  check_laws(subject_of(little_is_enough{}),
             {permutation_invariant, translation_equivariant, scale_equivariant, same_bits_in_any_order_of_storage, slices_glue,
              workspace_settles, no_columns, needs_a_report, subset_is_those_rows});
  matrix const equal = matrix::Constant(3, 4, .1);
  CHECK(difference(in<double>(little_is_enough{}, equal), equal.topRows(1)) <= 1e-16);
}

TEST_CASE("little_is_enough refuses wrong numbers") {
  check_refuses(little_is_enough{infinity}, gauss(4, 2), {"little_is_enough: needs finite deviations", "deviations = inf"});
  check_refuses(little_is_enough{}, gauss(1, 2), {"little_is_enough: needs two honest reports", "n = 1"});
}

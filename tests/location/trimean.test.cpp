// SPDX-License-Identifier: BSL-1.0
// Tukey's trimean.
#include "laws.hpp"

#include <robagg/location/trimean.hpp>

using namespace robagg_test;
using robagg::quantile_rule, robagg::trimean;

TEST_CASE("the trimean is the median and the quartiles") {
  CHECK(trimean{}(matrix{{1}, {2}, {3}, {9}, {100}})(0) == (2 + 2 * 3 + 9) / 4.);
  CHECK(trimean{}(matrix{{8}, {1}, {2}, {4}})(0) == (1.5 + 2 * 3 + 6) / 4.);
  CHECK(trimean{.rule = quantile_rule::linear}(matrix{{8}, {1}, {2}, {4}})(0) == (1.75 + 2 * 3 + 5) / 4.);
  CHECK(robagg::describe(trimean{.rule = quantile_rule::linear}) == "trimean{.rule = linear}");
}

TEST_CASE("the trimean agrees with its definition and obeys its laws") {
  auto const expected = [](matrix const& x) { return reference::trimean(x); };
  check_reference(subject_of(trimean{}), expected);
  check_reference(subject_of<float>(trimean{}), expected);
  for (auto const& s : {subject_of(trimean{}), subject_of<float>(trimean{})}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, same_bits_in_any_order_of_storage,
                   slices_glue, workspace_settles, no_columns, needs_a_report, subset_is_those_rows, around_is_moving,
                   equal_weights, weights_are_relative, weight_zero_is_absent, skips_nan(), sign_equivariant,
                   inside_column_range, one_row_is_itself, survives_inside(2), breaks_at(3)});
  }
  for (Index const n : {9, 33, 300, 2049}) {
    if (instrumented && n > 300) continue;
    auto const s = weighted_subject_of<float>(trimean{});
    check_exactness(s, s, sums::none, n);
  }
  auto const s = weighted_subject_of<double>(trimean{});
  check_weights_repeat(s, s, {1, 3, 2, 1, 1, 2});
}

TEST_CASE("the trimean of the largest and the smallest numbers, and of infinities") {
  CHECK(trimean{}(matrix::Constant(9, 1, 1.7e308))(0) == 1.7e308);
  CHECK(trimean{}(matrix::Constant(9, 1, 5e-324))(0) == 5e-324);
  CHECK(trimean{}(matrix{{-infinity}, {1}, {2}, {3}, {not_a_number}})(0) == 2);
  CHECK(std::isnan(trimean{}(matrix{{-infinity}, {-infinity}, {2}, {infinity}, {infinity}})(0)));
  check_four_inputs(trimean{});
  check_outputs(trimean{});
}

TEST_CASE("the trimean refuses weights where places depend on how many rows there are") {
  matrix const x = gauss(4, 2);
  std::vector<double> const w = {1, 2, 1, 1};
  check_refuses(trimean{.rule = quantile_rule::linear}, robagg::weighted(x, w), {"trimean: ", "rule"});
}

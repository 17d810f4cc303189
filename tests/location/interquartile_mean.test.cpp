// SPDX-License-Identifier: BSL-1.0
// The interquartile mean: the middle half, edges in part.
#include "laws.hpp"

using namespace robagg_test;
using robagg::interquartile_mean;

TEST_CASE("the interquartile mean averages the middle half") {
  CHECK(numbers_of(interquartile_mean{}(matrix{{0}, {2}, {4}, {100}})) == matrix{{3}});
  // Five: a quarter of 1.25 rows goes at either end, so 2 and 4 count three quarters each.
  CHECK(std::abs(interquartile_mean{}(matrix{{1}, {2}, {3}, {4}, {50}})(0) - 3) <= 1e-15);
  CHECK(numbers_of(interquartile_mean{}(matrix{{1}, {3}})) == matrix{{2}});
  CHECK(std::abs(interquartile_mean{}(matrix{{0}, {3}, {9}})(0) - (.25 * 9 + 3) / 1.5) <= 1e-15);
}

TEST_CASE("the interquartile mean agrees with its definition") {
  check_reference(subject_of(interquartile_mean{}), [](matrix const& x) { return reference::interquartile_mean(x); });
  check_reference(subject_of<float>(interquartile_mean{}), [](matrix const& x) { return reference::interquartile_mean(x); });
  for (Index const n : {2, 3, 4, 5, 6, 7, 8, 9, 10, 40, 41, 42, 43}) {
    matrix const x = gauss(n, 30);
    CHECK(difference(numbers_of(interquartile_mean{}(x)), reference::interquartile_mean(x)) <= 1e-15);
  }
}

TEST_CASE("the interquartile mean obeys its laws") {
  for (auto const& s : {subject_of(interquartile_mean{}), subject_of<float>(interquartile_mean{})}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, sign_equivariant, inside_column_range,
                   survives_inside(2), same_bits_in_any_order_of_storage, slices_glue, workspace_settles, no_columns,
                   one_row_is_itself, needs_a_report, subset_is_those_rows, around_is_moving, equal_weights,
                   weights_are_relative, weight_zero_is_absent, skips_nan()});
    check_weights_repeat(s, s, {1, 2, 3, 1, 4, 1, 2, 1, 3});
  }
  check_four_inputs(interquartile_mean{});
  check_outputs(interquartile_mean{});
}

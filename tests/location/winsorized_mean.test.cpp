// SPDX-License-Identifier: BSL-1.0
// The winsorized mean: what moves, by rows and by weight, and that f liars stay out.
#include "laws.hpp"

using namespace robagg_test;
using robagg::winsorized_mean;

TEST_CASE("the winsorized mean moves f values on either side to the next") {
  matrix const x{{3, 1}, {1, 9}, {4, 2}, {100, 3}, {-50, 3}};
  CHECK(difference(numbers_of(winsorized_mean{1}(x)), matrix{{(1 + 1 + 3 + 4 + 4) / 5., (2 + 2 + 3 + 3 + 3) / 5.}}) <= 1e-15);
  CHECK(winsorized_mean{2}(x) == Eigen::Vector2d(3, 3));  // the median
  CHECK(winsorized_mean{0}(matrix{{-infinity}, {1}})(0) == -infinity);
}

TEST_CASE("the winsorized mean agrees with its definition") {
  for (Index const f : {0, 1, 7}) {
    auto const expected = [f](matrix const& x) { return reference::mean_between_rows(x, f, f, true); };
    check_reference(subject_of(winsorized_mean{f}), expected, 2 * f + 1);
  }
  check_reference(
      subject_of<float>(winsorized_mean{2}), [](matrix const& x) { return reference::mean_between_rows(x, 2, 2, true); }, 5);
}

TEST_CASE("the winsorized mean obeys its laws") {
  for (auto const& s : {subject_of(winsorized_mean{2}), subject_of<float>(winsorized_mean{2})}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, same_bits_in_any_order_of_storage,
                   slices_glue, workspace_settles, no_columns, needs_a_report, subset_is_those_rows, around_is_moving,
                   equal_weights, weights_are_relative, weight_zero_is_absent, skips_nan(), sign_equivariant,
                   inside_column_range, survives_inside(2), breaks_at(3)});
  }
  check_laws(subject_of(winsorized_mean{4}), {inside_column_range, survives_inside(4)});
}

TEST_CASE("weights move the weight of the f heaviest rows") {
  // Sorted values 1..5 with weights 1, 2, 1, 1, 2; W_1 = 2 of 7: 1 and half of 2 move to 2, all of 5 to 4.
  matrix const x{{1}, {2}, {3}, {4}, {5}};
  CHECK(std::abs(winsorized_mean{1}(robagg::weighted(x, std::vector{1., 2., 1., 1., 2.}))(0) - (3 * 2 + 3 + 3 * 4) / 7.) <=
        1e-15);
  std::vector<double> const w = {1, 2, 3, 1, 2, 1, 2, 1, 3};
  check_weights_repeat(subject_of(winsorized_mean{1}), subject_of(winsorized_mean{3}), w);
  matrix const gaps = with_gaps(gauss(11, 60, 61), 8);
  std::vector<double> const some = {1, 2, 0, 1, 3, 1, .5, 2, 1, 1, 2};
  matrix const got = numbers_of(winsorized_mean{1}(robagg::weighted(robagg::skip_nan(gaps), some)));
  CHECK(difference(got, reference::mean_between_rows(gaps, 1, 1, true, some, true)) <= 1e-13);
}

TEST_CASE("the winsorized mean refuses too few rows and one huge weight, and adds up the largest numbers") {
  check_refuses(winsorized_mean{2}, gauss(4, 3), {"winsorized_mean: needs n > 2f", "n = 4", "f = 2"});
  check_refuses(winsorized_mean{-1}, gauss(4, 3), {"winsorized_mean: needs f >= 0", "f = -1"});
  check_refuses(winsorized_mean{1}, robagg::weighted(gauss(5, 3), std::vector{1., 1., 1., 1., 4.}),
                {"winsorized_mean: needs more weight than twice that of the f heaviest rows", "f = 1"});
  CHECK(winsorized_mean{1}(matrix::Constant(5, 1, 1.5e308))(0) == 1.5e308);
  CHECK(winsorized_mean{1}(matrix::Constant(3000, 1, 1.5e308))(0) == 1.5e308);
  check_four_inputs(winsorized_mean{2});
  check_outputs(winsorized_mean{2});
}

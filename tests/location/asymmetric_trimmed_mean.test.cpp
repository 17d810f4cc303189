// SPDX-License-Identifier: BSL-1.0
// The asymmetric trimmed mean: different numbers of rows on either side.
#include "laws.hpp"

using namespace robagg_test;
using robagg::asymmetric_trimmed_mean;

TEST_CASE("the asymmetric trimmed mean drops so many below and so many above") {
  matrix const x{{3}, {1}, {4}, {100}, {-50}};
  CHECK(asymmetric_trimmed_mean{.low = 0, .high = 2}(x)(0) == -46. / 3);
  CHECK(asymmetric_trimmed_mean{.low = 3, .high = 1}(x)(0) == 4);
  matrix const y = gauss(9, 40);
  CHECK(same_bits(in<double>(asymmetric_trimmed_mean{2, 2}, y), in<double>(robagg::trimmed_mean{2}, y)));
}

TEST_CASE("the asymmetric trimmed mean agrees with its definition and obeys its laws") {
  auto const expected = [](matrix const& x) { return reference::mean_between_rows(x, 1, 3, false); };
  check_reference(subject_of(asymmetric_trimmed_mean{1, 3}), expected, 5);
  check_reference(subject_of<float>(asymmetric_trimmed_mean{1, 3}), expected, 5);
  for (auto const& s : {subject_of(asymmetric_trimmed_mean{1, 3}), subject_of<float>(asymmetric_trimmed_mean{1, 3})}) {
    check_laws(
        s, {permutation_invariant, translation_equivariant, scale_equivariant, same_bits_in_any_order_of_storage, slices_glue,
            workspace_settles, no_columns, needs_a_report, subset_is_those_rows, around_is_moving, equal_weights,
            weights_are_relative, weight_zero_is_absent, skips_nan(), inside_column_range, survives_inside(1), breaks_at(4)});
  }
  std::vector<double> const w = {1, 2, 3, 1, 2, 1, 2, 1, 3};
  check_weights_repeat(subject_of(asymmetric_trimmed_mean{1, 2}), subject_of(asymmetric_trimmed_mean{3, 6}), w);
}

TEST_CASE("large liars alone may be as many as the upper side drops") {
  matrix const honest = gauss(6, 40, 3);
  matrix x(9, 40);
  x << honest, matrix::Constant(2, 40, infinity), matrix::Constant(1, 40, not_a_number);
  CHECK(columns_outside(numbers_of(asymmetric_trimmed_mean{0, 3}(x)), honest) == 0);
}

TEST_CASE("the asymmetric trimmed mean refuses too few rows and too little weight") {
  check_refuses(asymmetric_trimmed_mean{2, 2}, gauss(4, 3),
                {"asymmetric_trimmed_mean: needs n > low + high", "low = 2", "high = 2"});
  check_refuses(asymmetric_trimmed_mean{-1, 2}, gauss(4, 3), {"needs low >= 0 and high >= 0", "low = -1"});
  check_refuses(asymmetric_trimmed_mean{0, robagg::Index(9e18)}, gauss(4, 3), {"needs n > low + high"});
  check_refuses(asymmetric_trimmed_mean{1, 1}, robagg::weighted(gauss(5, 3), std::vector{1., 1., 1., 1., 4.}),
                {"more weight than the `low` and the `high` heaviest rows", "share of the weight = 1"});
  check_four_inputs(asymmetric_trimmed_mean{1, 2});
  check_outputs(asymmetric_trimmed_mean{1, 2});
}

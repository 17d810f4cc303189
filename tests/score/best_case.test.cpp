// SPDX-License-Identifier: BSL-1.0
// The best case: a maximum that does not lose NaN, wherever the NaN stands.
#include "laws.hpp"

using namespace robagg_test;
using robagg::best_case;

TEST_CASE("the best case is the largest reward of each candidate") {
  matrix const rewards{{1, 2, .5, 3.6}, {1.2, 1, .6, -1}, {.8, 1.5, .4, 2.5}};
  CHECK(best_case{}(rewards) == Eigen::Vector4d(1.2, 2, .6, 3.6));
  check_reference(subject_of(best_case{}), [](matrix const& x) { return reference::best_case(x); });
  check_reference(subject_of<float>(best_case{}), [](matrix const& x) { return reference::best_case(x); });
}

TEST_CASE("the best case obeys its laws") {
  check_laws(subject_of(best_case{}),
             {permutation_invariant, translation_equivariant, scale_equivariant, inside_column_range,
              same_bits_in_any_order_of_storage, slices_glue, workspace_settles, no_columns, one_row_is_itself, needs_a_report,
              subset_is_those_rows, around_is_moving, equal_weights, weights_are_relative, weight_zero_is_absent, skips_nan()});
  auto const s = subject_of(best_case{});
  check_weights_repeat(s, s, {1, 2, 3, 1, 4, 1, 2});
}

TEST_CASE("NaN goes through the best case from every row, and then never wins") {
  for (Index i = 0; i < 3; ++i) {
    matrix x = matrix::Constant(3, 2, 4);
    x(i, 0) = not_a_number;
    x.col(1) << 1, infinity, -infinity;
    CHECK(std::isnan(best_case{}(x)(0)));
    CHECK(std::isnan(best_case{}(robagg::weighted(x, std::vector{1., 1., 1.}))(0)));
    CHECK(best_case{}(robagg::skip_nan(x))(0) == 4);
    CHECK(best_case{}(x)(1) == infinity);
    CHECK((best_case{} | robagg::best{})(x) == 1);
  }
}

TEST_CASE("the best case reads every input kind and writes to every output kind") {
  check_four_inputs(best_case{});
  check_outputs(best_case{});
}

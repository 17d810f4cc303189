// SPDX-License-Identifier: BSL-1.0
// The worst case fails closed: whatever a liar sends, no candidate scores above what an honest member finds.
#include "laws.hpp"

using namespace robagg_test;
using robagg::worst_case;

TEST_CASE("the worst case is the least reward of each candidate") {
  matrix const rewards{{1, 2, .5, 3.6}, {1.2, 1, .6, -1}, {.8, 1.5, .4, 2.5}};
  CHECK(worst_case{}(rewards) == Eigen::Vector4d(.8, 1, .4, -1));
  check_reference(subject_of(worst_case{}), [](matrix const& x) { return reference::worst_case(x); });
  check_reference(subject_of<float>(worst_case{}), [](matrix const& x) { return reference::worst_case(x); });
}

TEST_CASE("the worst case obeys its laws") {
  check_laws(subject_of(worst_case{}),
             {permutation_invariant, translation_equivariant, scale_equivariant, inside_column_range,
              same_bits_in_any_order_of_storage, slices_glue, workspace_settles, no_columns, one_row_is_itself, needs_a_report,
              subset_is_those_rows, around_is_moving, equal_weights, weights_are_relative, weight_zero_is_absent, skips_nan()});
  auto const s = subject_of(worst_case{});
  check_weights_repeat(s, s, {1, 2, 3, 1, 4, 1, 2});
}

TEST_CASE("no lie lifts a worst case above the least honest reward") {
  for (lie const l : all_lies) {
    matrix const honest = gauss(3, 40);
    matrix const x = attack(honest, 6, l, std::numeric_limits<double>::max()).table;
    INFO("liars send " << text(l));
    CHECK((in<double>(worst_case{}, x).array() <= honest.colwise().minCoeff().array()).all());
    CHECK((in<float>(worst_case{}, x).array() <= rounded<float>(honest).colwise().minCoeff().array()).all());
  }
}

TEST_CASE("NaN is the worst reward, in every row") {
  for (Index i = 0; i < 3; ++i) {
    matrix x = matrix::Constant(3, 1, 4);
    x(i, 0) = not_a_number;
    CHECK(worst_case{}(x)(0) == -infinity);
    CHECK(worst_case{}(robagg::weighted(x, std::vector{1., 1., 1.}))(0) == -infinity);
    CHECK(worst_case{}(robagg::skip_nan(x))(0) == 4);
  }
}

TEST_CASE("the worst case reads every input kind and writes to every output kind") {
  check_four_inputs(worst_case{});
  check_outputs(worst_case{});
}

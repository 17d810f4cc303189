// SPDX-License-Identifier: BSL-1.0
// Sign majority: one vote each, whatever the size.
#include "laws.hpp"

using namespace robagg_test;
using robagg::sign_majority;

TEST_CASE("the majority's sign wins, an even split is 0, NaN and 0 have no vote") {
  matrix const x{{1e30, -1, 1, not_a_number, 0, not_a_number},
                 {-1e-300, 1e300, -1, -2, -0., not_a_number},
                 {-infinity, 1, 0, not_a_number, 0, not_a_number}};
  CHECK(numbers_of(sign_majority{}(x)) == matrix{{-1, 1, 0, -1, 0, 0}});
  CHECK(same_bits(numbers_of(sign_majority{}(matrix{{-0.}})), matrix{{0.}}));
}

TEST_CASE("sign majority agrees with its definition") {
  check_reference(subject_of(sign_majority{}), [](matrix const& x) { return reference::sign_majority(x); });
  check_reference(subject_of<float>(sign_majority{}), [](matrix const& x) { return reference::sign_majority(x); });
}

TEST_CASE("sign majority obeys its laws") {
  auto const s = subject_of(sign_majority{});
  check_laws(s, {permutation_invariant, sign_equivariant, same_bits_in_any_order_of_storage, slices_glue, workspace_settles,
                 no_columns, needs_a_report, subset_is_those_rows, equal_weights, weights_are_relative, weight_zero_is_absent,
                 skips_nan()});
  check_weights_repeat(s, s, {1, 2, 3, 1, 4, 1, 2});
  check_four_inputs(sign_majority{});
  check_outputs(sign_majority{});
}

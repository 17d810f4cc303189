// SPDX-License-Identifier: BSL-1.0
// Phocas: the mean of what is nearest to the trimmed mean.
#include "laws.hpp"

using namespace robagg_test;
using robagg::phocas;

TEST_CASE("phocas averages the n - f nearest to the trimmed mean") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  CHECK(difference(numbers_of(phocas{1}(w5)), matrix{{1.625, 1.75}}) <= 1e-15);
  // The trimmed mean is 2; 0 and 4 tie, the lower row is near.
  CHECK(numbers_of(phocas{1}(matrix{{4}, {2}, {0}})) == matrix{{3}});
  CHECK(numbers_of(phocas{1}(matrix{{0}, {2}, {4}})) == matrix{{1}});
}

TEST_CASE("phocas agrees with its definition") {
  for (Index const f : {0, 1, 3, 7}) {
    check_reference(subject_of(phocas{f}), [f](matrix const& x) { return reference::phocas(x, f); }, 2 * f + 1);
  }
  check_reference(subject_of<float>(phocas{2}), [](matrix const& x) { return reference::phocas(x, 2); }, 5,
                  {family::gauss, family::offset});
}

TEST_CASE("phocas obeys its laws") {
  for (auto const& s : {subject_of(phocas{2}), subject_of<float>(phocas{2})}) {
    check_laws(
        s, {permutation_invariant, translation_equivariant, scale_equivariant, sign_equivariant, inside_column_range,
            survives_within(2, 6 * .4 * 1.4), same_bits_in_any_order_of_storage, slices_glue, workspace_settles, no_columns,
            needs_a_report, subset_is_those_rows, around_is_moving, weights_are_relative, weight_zero_is_absent, skips_nan()});
  }
  // Equal weights change nothing, unless rounding of the centre decides a tie.
  matrix const x = gauss(9, 40);
  CHECK(difference(numbers_of(phocas{2}(robagg::weighted(x, std::vector<double>(9, .1)))), numbers_of(phocas{2}(x))) <= 1e-14);
  std::vector<double> const w = {1, 2, 3, 1, 2, 1, 2, 1, 3};
  check_weights_repeat(subject_of(phocas{1}), subject_of(phocas{3}), w);
}

TEST_CASE("phocas refuses too few rows and reads every input kind") {
  check_refuses(phocas{2}, gauss(4, 3), {"phocas: needs n > 2f", "n = 4", "f = 2"});
  check_four_inputs(phocas{2});
  check_outputs(phocas{2});
}

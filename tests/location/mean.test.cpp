// SPDX-License-Identifier: BSL-1.0
// The mean is the baseline: exact sums, weights, and NaN that goes through.
#include "laws.hpp"

using namespace robagg_test;
using robagg::mean;

TEST_CASE("the mean averages the reports") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  CHECK(difference(numbers_of(mean{}(w5)), matrix{{21.3, -18.6}}) <= 1e-14);
  // Sums are made in double: 4096 halves of 1 are not 2048, and 2^20 tenths keep their digits.
  CHECK(static_cast<float>(mean{}(robagg::table<Eigen::half>::Constant(4096, 1, Eigen::half(1.f)))(0)) == 1);
  CHECK(mean{}(robagg::table<float>::Constant(1 << 20, 1, .1f))(0) == .1f);
}

TEST_CASE("the mean agrees with its definition") {
  check_reference(subject_of(mean{}), [](matrix const& x) { return reference::mean(x); });
  check_reference(subject_of<float>(mean{}), [](matrix const& x) { return reference::mean(x); });
}

TEST_CASE("the mean obeys its laws") {
  check_laws(subject_of(mean{}),
             {permutation_invariant, translation_equivariant, scale_equivariant, sign_equivariant,
              same_bits_in_any_order_of_storage, slices_glue, workspace_settles, no_columns, one_row_is_itself, needs_a_report,
              subset_is_those_rows, around_is_moving, equal_weights, weights_are_relative, weight_zero_is_absent, skips_nan()});
}

TEST_CASE("a weight counts as so many equal reports in the mean") {
  auto const s = subject_of(mean{});
  check_weights_repeat(s, s, {1, 2, 3, 1, 4, 1, 2});
  matrix const x = with_gaps(gauss(9, 60, 61), 8);
  std::vector<double> const w = {1, 2, 0, 1, 3, 1, .5, 2, 1};
  CHECK(difference(numbers_of(mean{}(robagg::weighted(robagg::skip_nan(x), w))), reference::mean(x, w, true)) <= 1e-13);
}

TEST_CASE("NaN and infinities go through the mean") {
  matrix const x{{1, infinity, infinity}, {not_a_number, 2, -infinity}};
  auto const y = mean{}(x);
  CHECK(std::isnan(y(0)));
  CHECK(y(1) == infinity);
  CHECK(std::isnan(y(2)));
}

TEST_CASE("the mean reads every input kind and writes to every output kind") {
  check_four_inputs(mean{});
  check_outputs(mean{});
  auto const r = count_reads<float>(gauss(9, 700), [](auto const& e) { mean{}(e); });
  CHECK(r.least() == 1);
  CHECK(r.most() == 1);
}

// SPDX-License-Identifier: BSL-1.0
// The mean around the median: which rows are near, who wins ties, what weights leave out.
#include "laws.hpp"

using namespace robagg_test;
using robagg::mean_around_median;

TEST_CASE("the mean around the median averages the n - f nearest") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  CHECK(difference(numbers_of(mean_around_median{1}(w5)), matrix{{1.625, 1.75}}) <= 1e-15);
  CHECK(difference(numbers_of(mean_around_median{0}(w5)), matrix{{21.3, -18.6}}) <= 1e-14);
}

TEST_CASE("at equal distances the lower row is near, in any order of the others") {
  // Medians 0 and 10; -1 and 1 tie, 9 and 11 tie. One of each two is left out.
  matrix const x{{1, 9}, {0, 10}, {-1, 11}};
  CHECK(numbers_of(mean_around_median{1}(x)) == matrix{{.5, 9.5}});
  CHECK(numbers_of(mean_around_median{1}(pick(x, {2, 1, 0}))) == matrix{{-.5, 10.5}});
  CHECK(numbers_of(mean_around_median{1}(pick(x, {1, 2, 0}))) == matrix{{-.5, 10.5}});
  // Three places, two at distance 1 on either side.
  matrix const y{{1}, {-1}, {0}, {-1}, {1}};
  CHECK(std::abs(mean_around_median{2}(y)(0)) <= 1e-15);
  CHECK(std::abs(mean_around_median{2}(pick(y, {0, 4, 2, 1, 3}))(0) - 2. / 3) <= 1e-15);
}

TEST_CASE("the mean around the median agrees with its definition") {
  for (Index const f : {0, 1, 3, 7}) {
    check_reference(
        subject_of(mean_around_median{f}), [f](matrix const& x) { return reference::mean_around_median(x, f); }, 2 * f + 1);
  }
  check_reference(
      subject_of<float>(mean_around_median{2}), [](matrix const& x) { return reference::mean_around_median(x, 2); }, 5);
}

TEST_CASE("the mean around the median obeys its laws") {
  for (auto const& s : {subject_of(mean_around_median{2}), subject_of<float>(mean_around_median{2})}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, sign_equivariant, inside_column_range,
                   survives_within(2, 6 * .4 * 1.4), same_bits_in_any_order_of_storage, slices_glue, workspace_settles,
                   no_columns, needs_a_report, subset_is_those_rows, around_is_moving, equal_weights, weights_are_relative,
                   weight_zero_is_absent, skips_nan()});
  }
  check_laws(subject_of(mean_around_median{0}), {one_row_is_itself, inside_column_range});
  // f rows of these weights are W_f rows of weight 1.
  std::vector<double> const w = {1, 2, 3, 1, 2, 1, 2, 1, 3};
  check_weights_repeat(subject_of(mean_around_median{1}), subject_of(mean_around_median{3}), w);
  check_weights_repeat(subject_of(mean_around_median{2}), subject_of(mean_around_median{6}), w);
}

TEST_CASE("a weighted mean around the median agrees with its definition, with absent entries and ties") {
  std::vector<double> const w = {1, 2, 0, 1, 3, 1, .5, 2, 1, 1, 2};
  for (family const kind : {family::gauss, family::grid}) {
    matrix const x = with_gaps(sample(kind, 11, 60, 61), 8);
    matrix const got = numbers_of(mean_around_median{1}(robagg::weighted(robagg::skip_nan(x), w)));
    CHECK(difference(got, reference::mean_around_median(x, 1, w, true)) <= 1e-13);
  }
}

TEST_CASE("the mean around the median refuses too few rows and one huge weight") {
  check_refuses(mean_around_median{2}, gauss(4, 3), {"mean_around_median: needs n > 2f", "n = 4", "f = 2"});
  check_refuses(mean_around_median{-1}, gauss(4, 3), {"mean_around_median: needs f >= 0", "f = -1"});
  matrix const x = gauss(5, 3);
  check_refuses(mean_around_median{1}, robagg::weighted(x, std::vector{1., 1., 1., 1., 4.}),
                {"mean_around_median: needs more weight than twice that of the f heaviest rows"});
}

TEST_CASE("the mean around the median reads every input kind and writes to every output kind") {
  check_four_inputs(mean_around_median{2});
  check_outputs(mean_around_median{2});
}

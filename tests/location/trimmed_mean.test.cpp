// SPDX-License-Identifier: BSL-1.0
// The trimmed mean: what is cut, what weights cut (W_f), and that f liars stay out.
#include "laws.hpp"

using namespace robagg_test;
using robagg::trimmed_mean;

TEST_CASE("the trimmed mean drops f values on either side") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  CHECK(difference(numbers_of(trimmed_mean{1}(w5)), matrix{{5.5 / 3, 1.5}}) <= 1e-15);
  CHECK(trimmed_mean{2}(w5) == Eigen::Vector2d(2, 1.5));  // the median
  CHECK(difference(numbers_of(trimmed_mean{0}(w5)), matrix{{21.3, -18.6}}) <= 1e-14);
}

TEST_CASE("the trimmed mean agrees with a sort of each column") {
  for (Index const f : {0, 1, 2, 7}) {
    check_reference(subject_of(trimmed_mean{f}), [f](matrix const& x) { return reference::trimmed_mean(x, f); }, 2 * f + 1);
  }
  check_reference(subject_of<float>(trimmed_mean{2}), [](matrix const& x) { return reference::trimmed_mean(x, 2); }, 5);
}

TEST_CASE("the trimmed mean obeys its laws") {
  for (auto const& s : {subject_of(trimmed_mean{2}), subject_of<float>(trimmed_mean{2})}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, sign_equivariant, inside_column_range,
                   survives_inside(2), survives_within(2, 6 * .4 * 1.4), same_bits_in_any_order_of_storage, slices_glue,
                   workspace_settles, no_columns, needs_a_report, subset_is_those_rows, around_is_moving, equal_weights,
                   weights_are_relative, weight_zero_is_absent, skips_nan()});
  }
  check_laws(subject_of(trimmed_mean{0}), {one_row_is_itself, inside_column_range});
  check_laws(subject_of(trimmed_mean{4}), {inside_column_range, survives_inside(4)});
}

TEST_CASE("weights cut the weight of the f heaviest rows from each side") {
  // Sorted values 1..5 with weights 1, 2, 1, 1, 2; W_1 = 2 of 7: left are half of 2, 3, 4 and nothing of 5.
  matrix const x{{1}, {2}, {3}, {4}, {5}};
  CHECK(std::abs(trimmed_mean{1}(robagg::weighted(x, std::vector{1., 2., 1., 1., 2.}))(0) - 3) <= 1e-15);
  // f rows of these weights are W_f rows of weight 1.
  std::vector<double> const w = {1, 2, 3, 1, 2, 1, 2, 1, 3};
  check_weights_repeat(subject_of(trimmed_mean{1}), subject_of(trimmed_mean{3}), w);
  check_weights_repeat(subject_of(trimmed_mean{2}), subject_of(trimmed_mean{6}), w);
  check_weights_repeat(subject_of(trimmed_mean{0}), subject_of(trimmed_mean{0}), w);
}

TEST_CASE("any f liars stay out of a weighted trimmed mean, whatever their weights") {
  // The liars are rows 0 and 11. Equal weights put them exactly at the edge of what is cut, but for rounding.
  for (std::vector<double> const& w : {std::vector<double>{1, 2, .5, 1, 3, 1, 2.5, 1, 3, 1, 1, 1}, std::vector<double>(12, 1),
                                       std::vector<double>(12, .1), std::vector<double>{3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3}}) {
    for (lie const l : all_lies) {
      matrix const honest = gauss(10, 30, 71);
      auto const a = attack(honest, 2, l, std::numeric_limits<double>::max());
      INFO("liars send " << text(l) << ", weight " << w[0]);
      CHECK(columns_outside(numbers_of(trimmed_mean{2}(robagg::weighted(a.table, w))), honest) == 0);
    }
  }
  matrix const equal = gauss(1, 60).replicate(9, 1);
  CHECK(columns_outside(numbers_of(trimmed_mean{2}(robagg::weighted(equal, std::vector<double>(9, .1)))), equal) == 0);
}

TEST_CASE("a weighted trimmed mean with absent entries agrees with the reference") {
  matrix const x = with_gaps(gauss(11, 60, 61), 8);
  std::vector<double> const w = {1, 2, 0, 1, 3, 1, .5, 2, 1, 1, 2};
  matrix const got = numbers_of(trimmed_mean{1}(robagg::weighted(robagg::skip_nan(x), w)));
  CHECK(difference(got, reference::trimmed_mean(x, 1, w, true)) <= 1e-13);
}

TEST_CASE("the trimmed mean refuses too few rows and one huge weight") {
  check_refuses(trimmed_mean{2}, gauss(4, 3), {"trimmed_mean: needs n > 2f", "n = 4", "f = 2"});
  check_refuses(trimmed_mean{-1}, gauss(4, 3), {"trimmed_mean: needs f >= 0", "f = -1"});
  matrix const x = gauss(5, 3);
  check_refuses(
      trimmed_mean{1}, robagg::weighted(x, std::vector{1., 1., 1., 1., 4.}),
      {"trimmed_mean: needs more weight than twice that of the f heaviest rows", "f = 1", "share of the weight = 0.5"});
  // Weight 0 is an absent row: three are left, and f = 2 would need five.
  check_refuses(trimmed_mean{2}, robagg::weighted(x, std::vector{1., 0., 1., 0., 1.}), {"f = 2", "share of the weight = 0.66"});
}

TEST_CASE("the trimmed mean reads every input kind and writes to every output kind") {
  check_four_inputs(trimmed_mean{2});
  check_outputs(trimmed_mean{2});
  auto const r = count_reads<float, Eigen::ColMajor>(gauss(9, 700), [](auto const& e) { trimmed_mean{2}(e); });
  CHECK(r.least() == 1);
  CHECK(r.most() == 1);
}

// SPDX-License-Identifier: BSL-1.0
// The median carries the tests of the column engine: every input kind, every output kind, every law.
#include "laws.hpp"

using namespace robagg_test;
using robagg::median;

TEST_CASE("the median is the middle report, or the midpoint of the two middle ones") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  CHECK(median{}(w5) == Eigen::Vector2d(2, 1.5));
  CHECK(median{}(w5.topRows(4)) == Eigen::Vector2d(1.75, 1.75));
  double const most = std::numeric_limits<double>::max();
  CHECK(median{}(matrix{{most}, {most}})(0) == most);        // the sum overflows
  CHECK(median{}(matrix{{5e-324}, {5e-324}})(0) == 5e-324);  // the halves vanish
}

TEST_CASE("the median agrees with a sort of each column") {
  check_reference(subject_of(median{}), [](matrix const& x) { return reference::median(x); });
  check_reference(subject_of<float>(median{}), [](matrix const& x) { return reference::median(x); });
}

TEST_CASE("the median obeys its laws") {
  for (auto s : {subject_of(median{}), subject_of<float>(median{})}) {
    for (Index const n : {9, 10}) {
      s.rows = n;
      check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, sign_equivariant, inside_column_range,
                     survives_inside(4), survives_within(2, 4 * (7. / 5) * (7. / 5)), same_bits_in_any_order_of_storage,
                     slices_glue, workspace_settles, no_columns, one_row_is_itself, needs_a_report, subset_is_those_rows,
                     around_is_moving, equal_weights, weights_are_relative, weight_zero_is_absent, skips_nan()});
    }
  }
}

TEST_CASE("a weight counts as so many equal reports in the median") {
  auto const s = subject_of(median{});
  check_weights_repeat(s, s, {1, 2, 3, 1, 4, 1, 2});
  check_weights_repeat(s, s, {5, 1, 1, 3, 2});
  CHECK(s.weighted(matrix{{1}, {2}, {3}, {4}}, {1, 1, 1, 3})(0) == 3.5);  // evenly split: the midpoint
  // Ten weights of 0.1 add up to less than 1; the middle is found all the same.
  matrix const ten = matrix(Eigen::VectorXd::LinSpaced(10, 1, 10));
  CHECK(s.weighted(ten, std::vector<double>(10, .1))(0) == 5.5);
  std::vector<float> const tenths(10, .1f);
  CHECK(median{}(robagg::weighted(ten, tenths))(0) == 5.5);
}

TEST_CASE("a weighted median with absent entries agrees with the reference") {
  matrix const x = with_gaps(sample(family::grid, 9, 60, 61), 8);
  std::vector<double> const w = {1, 2, 0, 1, 3, 1, .5, 2, 1};
  matrix const got = numbers_of(median{}(robagg::weighted(robagg::skip_nan(x), w)));
  CHECK(difference(got, reference::median(x, w, true)) <= 1e-14);
}

TEST_CASE("NaN counts as plus infinity in the median") {
  CHECK(median{}(matrix{{not_a_number}, {1}, {2}})(0) == 2);
  CHECK(median{}(matrix{{not_a_number}, {1}, {-infinity}})(0) == 1);
  CHECK(median{}(matrix{{not_a_number}, {not_a_number}, {2}})(0) == infinity);
  CHECK(same_bits(median{}(matrix{{-0.}, {-0.}, {-0.}})(0), 0.));  // zeros are +0
}

TEST_CASE("the median reads every input kind, each coefficient once") {
  check_inputs(median{});
  matrix const x = gauss(9, 700);
  auto const call = [](auto const& e) { median{}(e); };
  for (auto const& r : {count_reads<double>(x, call), count_reads<double, Eigen::ColMajor>(x, call)}) {
    CHECK(r.least() == 1);
    CHECK(r.most() == 1);
  }
}

TEST_CASE("the median writes to every output kind") { check_outputs(median{}); }

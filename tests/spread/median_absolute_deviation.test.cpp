// SPDX-License-Identifier: BSL-1.0
// The median absolute deviation: raw and scaled, in packets and in long columns, with weights.
#include "laws.hpp"

using namespace robagg_test;
using robagg::median_absolute_deviation;

TEST_CASE("the median absolute deviation of a few numbers") {
  matrix const x{{1}, {2}, {3}, {4}, {100}};
  CHECK(median_absolute_deviation{}(x)(0) == 1);
  CHECK(median_absolute_deviation{.scale = 1.5}(x)(0) == 1.5);
  CHECK(median_absolute_deviation{}(matrix{{1}, {2}, {4}, {100}})(0) == 1.5);  // of 1 1 2 97
  CHECK(median_absolute_deviation{}(matrix{{7}})(0) == 0);
  CHECK(median_absolute_deviation{}(matrix{{-1.7e308}, {1.7e308}})(0) == 1.7e308);
  CHECK(median_absolute_deviation{}(matrix{{-infinity}, {0}, {infinity}})(0) == infinity);
  CHECK(std::isnan(median_absolute_deviation{}(matrix{{0}, {infinity}, {not_a_number}})(0)));
}

TEST_CASE("the median absolute deviation agrees with its definition") {
  check_reference(subject_of(median_absolute_deviation{}), [](matrix const& x) { return reference::absolute_deviation(x); });
  check_reference(subject_of<float>(median_absolute_deviation{}),
                  [](matrix const& x) { return reference::absolute_deviation(x); });
  for (Index const n : {11, 40, 90, 2100}) {
    matrix const x = with_gaps(sample(n == 40 ? family::grid : family::gauss, n, 20, 5), 8);
    std::vector<double> w;
    for (Index i = 0; i < n; ++i) w.push_back(.1 * static_cast<double>(i % 7));
    matrix const got = numbers_of(median_absolute_deviation{}(robagg::weighted(robagg::skip_nan(x), w)));
    CHECK(difference(got, reference::absolute_deviation(x, w, true)) <= 1e-14);
    CHECK(difference(numbers_of(median_absolute_deviation{}(robagg::skip_nan(x))),
                     reference::absolute_deviation(x, {}, true)) <= 1e-14);
  }
}

TEST_CASE("the median absolute deviation obeys its laws") {
  for (auto const& s : {subject_of(median_absolute_deviation{}), subject_of<float>(median_absolute_deviation{})}) {
    check_laws(s, {permutation_invariant, scale_equivariant, same_bits_in_any_order_of_storage, slices_glue, workspace_settles,
                   no_columns, needs_a_report, subset_is_those_rows, equal_weights, weights_are_relative, weight_zero_is_absent,
                   skips_nan()});
    matrix const x = s.round(gauss(9, 20)), moved = s.round(x.array() + 3);
    CHECK(difference(s.of(moved), s.of(x)) <= s.tolerance(moved));
    CHECK(difference(s.around(x, matrix::Constant(1, 20, 7)), s.of(x)) == 0);
    for (lie const l : all_lies) {  // four of nine
      matrix const honest = s.round(gauss(5, 40, 3)), y = s.of(attack(honest, 4, l, s.largest).table);
      INFO("liars send " << text(l));
      CHECK(
          (y.array() <= honest.colwise().maxCoeff().array() - honest.colwise().minCoeff().array() + s.tolerance(honest)).all());
    }
  }
  CHECK(median_absolute_deviation{}(matrix{{1}, {2}, {3}, {4}, {1e30}, {2e30}, {3e30}, {4e30}, {5e30}})(0) == 1e30);  // five
  check_weights_repeat(subject_of(median_absolute_deviation{}), subject_of(median_absolute_deviation{}),
                       {1, 2, 3, 1, 2, 1, 2, 1, 3});
}

TEST_CASE("the median absolute deviation refuses a scale that is none") {
  check_refuses(median_absolute_deviation{.scale = 0}, gauss(3, 2),
                {"median_absolute_deviation: needs a finite scale > 0", "scale = 0"});
  check_refuses(median_absolute_deviation{.scale = infinity}, gauss(3, 2), {"scale = inf"});
  check_four_inputs(median_absolute_deviation{});
  check_outputs(median_absolute_deviation{});
}

// SPDX-License-Identifier: BSL-1.0
// The weighted median by interpolation: lines between the middles of weights.
#include "laws.hpp"

using namespace robagg_test;
using robagg::interpolated_median;

namespace {

matrix interpolated(matrix const& x, reference::weights const& w, bool skip_nan) {
  return reference::by_column(x, w, skip_nan, [](reference::column const& given) {
    auto const e = reference::ascending(given);
    double const half = reference::total(e) / 2;
    double before = 0, last = 0;
    for (std::size_t i = 0; i < e.size(); before += e[i++].weight) {
      double const middle = before + e[i].weight / 2;
      if (middle >= half)
        return i == 0 ? e[0].value : e[i - 1].value + (half - last) / (middle - last) * (e[i].value - e[i - 1].value);
      last = middle;
    }
    return e.back().value;
  });
}

}  // namespace

TEST_CASE("the interpolated median goes between middles of weights") {
  matrix const x{{1}, {2}, {4}};
  auto const of = [&](double a, double b, double c) {
    return interpolated_median{}(robagg::weighted(x, std::vector{a, b, c}))(0);
  };
  CHECK(of(1, 1, 1) == 2);
  CHECK(of(1, 2, 1) == 2);
  CHECK(of(1, 1, 4) == 2 + 2 * 1.5 / 2.5);  // middles .5, 1.5, 4; half way at 3
  CHECK(std::abs(of(5, 1, 1) - 4 / 3.) <= 1e-15);
  CHECK(std::abs(of(2, 1, 1) - (1 + 1 / 1.5)) <= 1e-15);  // half of it ends between two
  CHECK(of(9, 0, 1) == 1 + 3 * .5 / 5);
  // Whichever of two equal values comes first.
  matrix const ties{{1}, {2}, {2}, {3}};
  CHECK(interpolated_median{}(robagg::weighted(ties, std::vector{4., 1., 3., 1.}))(0) ==
        interpolated_median{}(robagg::weighted(ties, std::vector{4., 3., 1., 1.}))(0));
}

TEST_CASE("the interpolated median agrees with its definition and obeys its laws") {
  matrix const x = gauss(17, 60, 5), gaps = with_gaps(x, 3);
  std::vector<double> w;
  for (Index i = 0; i < 17; ++i) w.push_back(.1 + .3 * static_cast<double>(i % 5));
  CHECK(difference(numbers_of(interpolated_median{}(robagg::weighted(x, w))), interpolated(x, w, false)) <= 1e-14);
  CHECK(difference(numbers_of(interpolated_median{}(robagg::weighted(robagg::skip_nan(gaps), w))),
                   interpolated(gaps, w, true)) <= 1e-14);
  CHECK(same_bits(in<double>(interpolated_median{}, x), in<double>(robagg::median{}, x)));
  for (Index const n : {9, 33, 300, 2049}) {  // equal weights are none, and so is skip_nan without a NaN
    auto s = weighted_subject_of<float>(interpolated_median{});
    matrix const y = s.round(gauss(n, 19, 5));
    for (matrix const& equal : s.equally_weighted(y)) CHECK(same_bits(equal, s.of(y)));
    s.weighted = s.weighted_skip_nan = {};
    check_exactness(s, s, sums::none, n);
  }
  for (auto const& s : {subject_of(interpolated_median{}), subject_of<float>(interpolated_median{})}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, same_bits_in_any_order_of_storage,
                   slices_glue, workspace_settles, no_columns, needs_a_report, subset_is_those_rows, around_is_moving,
                   equal_weights, weights_are_relative, weight_zero_is_absent, skips_nan(), sign_equivariant,
                   inside_column_range, one_row_is_itself, survives_inside(4), breaks_at(5)});
  }
}

TEST_CASE("liars with less than half of all but the heaviest row stay out of the interpolated median") {
  std::vector<double> const w = {1, 2, 1, 1.5, 1, 1, 2, 1, 1};  // rows 0, 4 and 8 lie: 3 of 11.5 - 2
  for (lie const l : all_lies) {
    matrix const honest = gauss(6, 40, 3);
    matrix const y = numbers_of(interpolated_median{}(robagg::weighted(attack(honest, 3, l, 1e308).table, w)));
    CHECK(columns_outside(y, honest) == 0);
  }
  check_four_inputs(interpolated_median{});
  check_outputs(interpolated_median{});
}

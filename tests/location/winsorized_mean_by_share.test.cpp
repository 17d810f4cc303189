// SPDX-License-Identifier: BSL-1.0
// The winsorized mean by share moves shares of what is present.
#include "laws.hpp"

using namespace robagg_test;
using robagg::winsorized_mean_by_share;

TEST_CASE("the winsorized mean by share moves shares of what is present") {
  matrix const ten(Eigen::VectorXd::LinSpaced(10, 1, 10));
  CHECK(std::abs(winsorized_mean_by_share{.low = .25, .high = 0}(ten)(0) - (3 * 3 + 49) / 10.) <= 1e-15);
  CHECK(std::abs(winsorized_mean_by_share{.low = .1, .high = .3}(ten)(0) - (2 + 2 + 3 + 4 + 5 + 6 + 4 * 7) / 10.) <= 1e-15);
  CHECK(winsorized_mean_by_share{.low = .5, .high = .25}(matrix{{7}})(0) == 7);
  matrix const y = gauss(10, 40);
  CHECK(difference(in<double>(winsorized_mean_by_share{.2, .2}, y), in<double>(robagg::winsorized_mean{2}, y)) <= 1e-15);
}

TEST_CASE("winsorized_mean_by_share agrees with its definition and obeys its laws") {
  for (auto const& [low, high] : {std::pair(.25, .25), {.1, .37}, {0., .6}, {.9, 0.}, {0., 0.}}) {
    auto const expected = [low = low, high = high](matrix const& x) {
      return reference::mean_between_shares(x, low, high, true);
    };
    check_reference(subject_of(winsorized_mean_by_share{low, high}), expected);
  }
  check_reference(subject_of<float>(winsorized_mean_by_share{.1, .3}),
                  [](matrix const& x) { return reference::mean_between_shares(x, .1, .3, true); });
  for (auto const& s : {subject_of(winsorized_mean_by_share{.25, .3}), subject_of<float>(winsorized_mean_by_share{.25, .3})}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, same_bits_in_any_order_of_storage,
                   slices_glue, workspace_settles, no_columns, needs_a_report, subset_is_those_rows, around_is_moving,
                   equal_weights, weights_are_relative, weight_zero_is_absent, skips_nan(), inside_column_range,
                   survives_inside(2), breaks_at(3), one_row_is_itself});
  }
  std::vector<double> const w = {1, 2, 3, 1, 2, 1, 2, 1, 3};
  check_weights_repeat(subject_of(winsorized_mean_by_share{.15, .3}), subject_of(winsorized_mean_by_share{.15, .3}), w);
  matrix const gaps = with_gaps(gauss(11, 60, 61), 8);
  std::vector<double> const some = {1, 2, 0, 1, 3, 1, .5, 2, 1, 1, 2};
  matrix const got = numbers_of(winsorized_mean_by_share{.1, .3}(robagg::weighted(robagg::skip_nan(gaps), some)));
  CHECK(difference(got, reference::mean_between_shares(gaps, .1, .3, true, some, true)) <= 1e-13);
}

TEST_CASE("winsorized_mean_by_share refuses shares that leave nothing") {
  matrix const x = gauss(4, 3);
  check_refuses(winsorized_mean_by_share{.5, .5}, x,
                {"winsorized_mean_by_share: needs low >= 0, high >= 0 and low + high < 1", "low = 0.5"});
  check_refuses(winsorized_mean_by_share{-.1, .5}, x, {"low = -0.1"});
  check_refuses(winsorized_mean_by_share{not_a_number, .5}, x, {"high = 0.5"});
  check_four_inputs(winsorized_mean_by_share{.1, .3});
  check_outputs(winsorized_mean_by_share{.1, .3});
}

// SPDX-License-Identifier: BSL-1.0
// Quantiles are type 2 of Hyndman and Fan: ranks, jumps at n p, and the same with cumulated weight; or type 1.
#include "laws.hpp"

using namespace robagg_test;
using robagg::quantile, robagg::quantile_rule;

TEST_CASE("a quantile is the report at rank n p, averaged with the next where n p is whole") {
  matrix const x{{4}, {1}, {3}, {2}};
  CHECK(quantile{0}(x)(0) == 1);
  CHECK(quantile{.2}(x)(0) == 1);
  CHECK(quantile{.25}(x)(0) == 1.5);
  CHECK(quantile{.3}(x)(0) == 2);
  CHECK(quantile{.5}(x)(0) == 2.5);
  CHECK(quantile{.75}(x)(0) == 3.5);
  CHECK(quantile{.8}(x)(0) == 4);
  CHECK(quantile{1}(x)(0) == 4);
  // 0.7 * 10 and 10 * 0.1 are whole although doubles cannot say so.
  matrix const ten(Eigen::VectorXd::LinSpaced(10, 1, 10));
  CHECK(quantile{.7}(ten)(0) == 7.5);
  CHECK(quantile{.1 + .1 + .1}(ten)(0) == 3.5);
}

TEST_CASE("a quantile agrees with a sort of each column") {
  for (double const p : {0., .1, .25, 1. / 3, .5, .9, 1.}) {
    check_reference(subject_of(quantile{p}), [p](matrix const& x) { return reference::quantile(x, p); });
  }
  check_reference(subject_of<float>(quantile{.3}), [](matrix const& x) { return reference::quantile(x, .3); });
}

TEST_CASE("quantiles obey their laws") {
  for (double const p : {.3, .5, .75}) {
    // n = 9: ranks 3, 5, 7, so that 2 liars on either side move nothing out of the honest range.
    check_laws(subject_of(quantile{p}), {permutation_invariant, translation_equivariant, scale_equivariant, inside_column_range,
                                         survives_inside(2), same_bits_in_any_order_of_storage, slices_glue, workspace_settles,
                                         no_columns, one_row_is_itself, needs_a_report, subset_is_those_rows, around_is_moving,
                                         equal_weights, weights_are_relative, weight_zero_is_absent, skips_nan()});
  }
  // The extremes are inside the range too, but nobody may lie.
  for (double const p : {0., 1.})
    check_laws(subject_of(quantile{p}), {inside_column_range, survives_inside(0), weight_zero_is_absent});
}

TEST_CASE("the mirrored table has the mirrored quantile") {
  matrix const x = gauss(8, 40);
  for (double const p : {0., .125, .3, .5}) {
    CHECK(difference(in<double>(quantile{p}, -x), -in<double>(quantile{1 - p}, x)) <= 1e-15);
  }
}

TEST_CASE("weights and absent entries move quantiles as cumulated weight says") {
  matrix const x = with_gaps(sample(family::grid, 9, 60, 61), 8);
  std::vector<double> const w = {1, 2, 0, 1, 3, 1, .5, 2, 1};
  for (double const p : {0., .2, .25, .5, .8, 1.}) {
    auto const s = subject_of(quantile{p});
    check_weights_repeat(s, s, {1, 2, 3, 1, 4, 1, 2});
    CHECK(difference(numbers_of(quantile{p}(robagg::weighted(robagg::skip_nan(x), w))), reference::quantile(x, p, w, true)) <=
          1e-14);
  }
  // Ten weights of 0.1f: their cumulated sum misses 0.3 by rounding, in float as well.
  matrix const ten(Eigen::VectorXd::LinSpaced(10, 1, 10));
  CHECK(quantile{.3}(robagg::weighted(ten, std::vector<float>(10, .1f)))(0) == 3.5);
  CHECK(quantile{.3}(robagg::weighted(ten, std::vector<double>(10, .1)))(0) == 3.5);
}

TEST_CASE("NaN counts as plus infinity in quantiles") {
  matrix const x{{not_a_number}, {1}, {2}, {3}};
  CHECK(quantile{1}(x)(0) == infinity);
  CHECK(quantile{.6}(x)(0) == 3);
}

TEST_CASE("a share outside [0, 1] is refused") {
  matrix const x = gauss(3, 2);
  check_refuses(quantile{1.5}, x, {"quantile: needs 0 <= p <= 1", "p = 1.5"});
  check_refuses(quantile{-.1}, x, {"p = -0.1"});
  check_refuses(quantile{not_a_number}, x, {"needs 0 <= p <= 1"});
}

TEST_CASE("a quantile reads every input kind and writes to every output kind") {
  check_four_inputs(quantile{.3});
  check_outputs(quantile{.3});
}

TEST_CASE("quantiles may be of type 1") {
  matrix const x{{1}, {2}, {3}, {4}};
  for (auto const& [p, expected] : {std::pair(0., 1.), {.25, 1.}, {.26, 2.}, {.5, 2.}, {.51, 3.}, {1., 4.}}) {
    CHECK(quantile{p, quantile_rule::inverse_cdf}(x)[0] == expected);
    std::vector<double> const w{2, 2, 2, 2};
    CHECK(quantile{p, quantile_rule::inverse_cdf}(robagg::weighted(x, w))[0] == expected);
  }
}

TEST_CASE("quantiles of types 4 to 9 go from rank to rank in a straight line") {
  auto const check = [](quantile_rule rule, auto const& m) {
    for (double const p : {0., .1, .383, .5, .9, 1.}) {
      quantile const op{p, rule};
      check_reference(subject_of(op), [&](matrix const& x) { return reference::quantile_at(x, p, m(p)); });
      matrix const gaps = with_gaps(gauss(33, 60, 5), 8);
      CHECK(difference(numbers_of(op(robagg::skip_nan(gaps))), reference::quantile_at(gaps, p, m(p), true)) <= 1e-14);
    }
  };
  check(quantile_rule::interpolated_inverse_cdf, [](double) { return 0.; });
  check(quantile_rule::hazen, [](double) { return .5; });
  check(quantile_rule::weibull, [](double p) { return p; });
  check(quantile_rule::linear, [](double p) { return 1 - p; });
  check(quantile_rule::median_unbiased, [](double p) { return (p + 1) / 3; });
  check(quantile_rule::normal_unbiased, [](double p) { return p / 4 + .375; });
}

TEST_CASE("quantiles of type 3 are the rank next to n p, half way the even one") {
  matrix const x{{1}, {2}, {3}, {4}, {5}};
  for (auto const& [p, expected] :
       {std::pair(0., 1.), {.1, 1.}, {.3, 2.}, {.35, 2.}, {.5, 2.}, {.7, 4.}, {.9, 4.}, {.91, 5.}, {1., 5.}}) {
    CHECK(quantile{p, quantile_rule::closest_observation}(x)[0] == expected);
    CHECK(quantile{p, quantile_rule::closest_observation}(
              robagg::skip_nan(matrix{{1, 2, 3, not_a_number, 4, 5}}.transpose()))[0] == expected);
  }
}

TEST_CASE("the other rules obey their laws, and refuse weights") {
  for (auto const rule : {quantile_rule::closest_observation, quantile_rule::linear, quantile_rule::normal_unbiased}) {
    for (auto const& s : {subject_of(quantile{.3, rule}), subject_of<float>(quantile{.3, rule})}) {
      check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, inside_column_range, survives_inside(2),
                     same_bits_in_any_order_of_storage, slices_glue, workspace_settles, no_columns, one_row_is_itself,
                     needs_a_report, subset_is_those_rows, around_is_moving, skips_nan()});
    }
    for (Index const n : {9, 33, 300, 2048, 2049, 100'000}) {
      auto s = weighted_subject_of<float>(quantile{.383, rule});
      s.weighted = s.weighted_skip_nan = {};
      check_exactness(s, s, sums::none, n);
    }
    matrix const x = gauss(3, 2);
    check_refuses(quantile{.3, rule}, robagg::weighted(x, std::vector{1., 1., 1.}),
                  {"quantile: needs rule averaged or inverse_cdf with weights"});
  }
  CHECK(std::abs(quantile{.75, quantile_rule::linear}(matrix{{-1.7e308}, {1.7e308}})(0) / .85e308 - 1) <= 1e-15);
  CHECK(quantile{.5, quantile_rule::linear}(matrix{{1}, {2}, {infinity}})(0) == 2);
  CHECK(quantile{.75, quantile_rule::linear}(matrix{{1}, {2}, {not_a_number}})(0) == infinity);
}

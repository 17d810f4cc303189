// SPDX-License-Identifier: BSL-1.0
// Sigma clipping: what goes and in which round, that it never comes back, and how many liars it takes.
#include "laws.hpp"

using namespace robagg_test;
using robagg::centre, robagg::sigma_clipped_mean, robagg::spread;

namespace {

matrix clipped_mean(sigma_clipped_mean const& op, matrix const& x, bool counts = false, reference::weights const& w = {},
                    bool skip_nan = false) {
  return reference::by_column(
      x, w, skip_nan,
      [&](reference::column const& e) {
        auto const kept =
            reference::clipped(e, op.low, op.high, op.iterations, op.centre == centre::median, op.spread == spread::deviation);
        return counts ? static_cast<double>(kept.size()) : kept.empty() ? not_a_number : reference::mean(kept);
      },
      counts ? 0 : not_a_number);
}
std::vector<sigma_clipped_mean> clippings() {
  std::vector<sigma_clipped_mean> all = {{}};
  for (auto const c : {centre::mean, centre::median}) {
    for (auto const s : {spread::deviation, spread::absolute_deviation}) {
      all.push_back({.low = 1.5, .high = 1.25, .centre = c, .spread = s});
      all.push_back({.low = 1.1, .high = infinity, .iterations = 1, .centre = c, .spread = s});
    }
  }
  return all;
}

}  // namespace

TEST_CASE("sigma clipping drops what is far and says how much it keeps") {
  matrix x(12, 2);
  x << 1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2, 1000, not_a_number, 1.5, -infinity;
  CHECK(difference(numbers_of(sigma_clipped_mean{}(x)), matrix{{1.5, 1.5}}) <= 1e-15);
  CHECK(sigma_clipped_mean{}.counts()(x) == Eigen::Vector2d(11, 10));
  CHECK(sigma_clipped_mean{.iterations = 0}.counts()(x) == Eigen::Vector2d(12, 10));
  // Two rounds: the smaller of two outliers hides behind the larger.
  matrix const two{{0}, {1}, {0}, {1}, {0}, {1}, {0}, {1}, {0}, {1}, {0}, {1}, {20}, {5000}};
  CHECK(sigma_clipped_mean{.iterations = 1}.counts()(two)(0) == 13);
  CHECK(sigma_clipped_mean{.iterations = 2}.counts()(two)(0) == 12);
  CHECK(sigma_clipped_mean{}(two)(0) == .5);
  // Nothing finite, and values that agree.
  CHECK(std::isnan(sigma_clipped_mean{}(matrix{{infinity}, {not_a_number}})(0)));
  CHECK(sigma_clipped_mean{}.counts()(robagg::skip_nan(matrix{{not_a_number}}))(0) == 0);
  CHECK(sigma_clipped_mean{}(matrix::Constant(7, 1, .1))(0) == .1);
  // Nothing is as near to the mean as it would have to be: the round does not count.
  sigma_clipped_mean const none{.centre = centre::mean, .spread = spread::absolute_deviation};
  CHECK(none(matrix{{0}, {0}, {0}, {4}})(0) == 1);
  CHECK(none.counts()(matrix{{0}, {0}, {0}, {4}})(0) == 4);
}

TEST_CASE("sigma clipping agrees with its definition") {
  for (auto const& op : clippings()) {
    check_reference(subject_of(op), [&](matrix const& x) { return clipped_mean(op, x); }, 1,
                    {family::gauss, family::tiny, family::huge});
    check_reference(subject_of(op.counts()), [&](matrix const& x) { return clipped_mean(op, x, true); }, 1, {family::gauss});
    matrix x = sample(family::gauss, 23, 60, 5), gaps = with_gaps(x, 8);
    for (Index c = 0; c < 60; ++c)
      x(c % 23, c) *= std::pow(10., c % 40), gaps(c % 23, c) = c % 3 == 0 ? infinity : gaps(c % 23, c);
    matrix const got = in<double>(op, x), want = clipped_mean(op, x);
    CHECK(((got - want).array().abs() <= 1e-13 * (1 + want.array().abs())).all());
    std::vector<double> w;
    for (Index i = 0; i < 23; ++i) w.push_back(.25 * static_cast<double>(i % 5));
    INFO(robagg::describe(op));
    CHECK(difference(numbers_of(op(robagg::weighted(robagg::skip_nan(gaps), w))), clipped_mean(op, gaps, false, w, true)) <=
          1e-13);
    // Of rows, whatever they weigh.
    matrix const counts = numbers_of(op.counts()(robagg::weighted(robagg::skip_nan(gaps), w)));
    CHECK(difference(counts, clipped_mean(op, gaps, true, w, true)) == 0);
  }
}

TEST_CASE("sigma clipping obeys its laws") {
  sigma_clipped_mean const robust{.spread = spread::absolute_deviation};
  for (auto const& s : {subject_of(sigma_clipped_mean{}), subject_of(robust), subject_of<float>(robust)}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, same_bits_in_any_order_of_storage,
                   slices_glue, workspace_settles, no_columns, needs_a_report, subset_is_those_rows, around_is_moving,
                   equal_weights, weights_are_relative, weight_zero_is_absent, skips_nan(), sign_equivariant,
                   inside_column_range, one_row_is_itself});
  }
  for (auto s : {subject_of(robust), subject_of<float>(robust)}) check_laws(s, {survives_near(4, 5), breaks_at(5)});
  auto s = subject_of(sigma_clipped_mean{});
  s.rows = 28;  // 3 < 28 / 9
  check_laws(s, {survives_near(3, 3)});
  check_weights_repeat(subject_of(sigma_clipped_mean{.low = 1, .high = 2}), subject_of(sigma_clipped_mean{.low = 1, .high = 2}),
                       {1, 2, 3, 1, 2, 1, 2, 1, 3});
}

TEST_CASE("with the deviation, n / k^2 liars are enough") {
  matrix x = gauss(28, 1, 3);
  x.topRows(4) << 1e30, -1e30, .9e30, -1e30;
  CHECK(std::abs(sigma_clipped_mean{}(x)(0)) > 1e26);  // 4 of 28
  matrix one = gauss(7, 1, 3);
  one(0) = 1e30;
  CHECK(sigma_clipped_mean{}(one)(0) > 1e28);  // no value of seven is three deviations away
}

TEST_CASE("squares of very large and very small numbers are those of others") {
  matrix const x = sample(family::gauss, 19, 30, 9);
  matrix spoilt = x;
  spoilt.row(4) *= 40;
  for (double const scale : {1e-290, 1e-170, 1e160, 1e300}) {
    matrix const y = numbers_of(sigma_clipped_mean{}(matrix(scale * spoilt)));
    CHECK(difference(y / scale, in<double>(sigma_clipped_mean{}, spoilt)) <= 1e-13);
  }
  spoilt.row(4).setConstant(-1.7e308), spoilt.row(9).setConstant(1.7e308), spoilt.row(10).setConstant(1e200);
  matrix const rest = pick(x, {0, 1, 2, 3, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18});
  sigma_clipped_mean const robust{.spread = spread::absolute_deviation};
  CHECK(difference(in<double>(robust, spoilt), in<double>(robust, rest)) <= 1e-1);
  CHECK((numbers_of(robust(spoilt)).array().abs() < 8).all());
}

TEST_CASE("sigma clipping refuses limits that are none") {
  matrix const x = gauss(4, 3);
  check_refuses(sigma_clipped_mean{.low = 0}, x, {"sigma_clipped_mean: needs low > 0 and high > 0", "low = 0"});
  check_refuses(sigma_clipped_mean{.high = not_a_number}, x, {"needs low > 0 and high > 0"});
  check_refuses(sigma_clipped_mean{.iterations = -1}, x, {"needs iterations >= 0", "iterations = -1"});
  check_four_inputs(sigma_clipped_mean{.low = 1});
  check_outputs(sigma_clipped_mean{.low = 1});
}

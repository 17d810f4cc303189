// SPDX-License-Identifier: BSL-1.0
// The soft minimum: between minimum and mean, monotone, no overflow, and small betas that keep their digits.
#include "laws.hpp"

#include <bit>

using namespace robagg_test;
using robagg::soft_min;

TEST_CASE("the soft minimum is minus the log of the mean of exponentials") {
  matrix const rewards{{1, 2, .5, 3.6}, {1.2, 1, .6, -1}, {.8, 1.5, .4, 2.5}};
  CHECK(difference(in<double>(soft_min{1}, rewards), matrix{{.986711, 1.418343, .496669, .059152}}) <= 1e-6);
  for (double const beta : {.3, 1., 40.}) {
    auto const expected = [beta](matrix const& x) { return reference::soft_min(x, beta); };
    std::vector const families = {family::gauss, family::grid, family::offset, family::huge};
    check_reference(subject_of(soft_min{beta}), expected, 1, families);
    check_reference(subject_of<float>(soft_min{beta}), expected, 1, families);
    // The plain logarithm has no digits for rewards of 1e-25, where the soft minimum is the mean.
    check_reference(subject_of(soft_min{beta}), [](matrix const& x) { return reference::mean(x); }, 1, {family::tiny});
  }
}

TEST_CASE("the soft minimum runs from the mean to the minimum") {
  matrix const x = gauss(7, 40), mean = reference::mean(x), least = reference::worst_case(x);
  matrix above = mean;
  for (double const beta : {1e-14, .1, 1., 10., 1e3, 1e300}) {
    matrix const y = in<double>(soft_min{beta}, x);
    CHECK((y.array() <= above.array() + 1e-14).all());
    CHECK((y.array() >= least.array()).all());
    CHECK((y.array() <= least.array() + std::log(7.) / beta + 1e-14).all());
    above = y;
  }
  CHECK(difference(in<double>(soft_min{1e-14}, x), mean) <= 1e-13);
  CHECK(difference(above, least) == 0);
  // To second order in beta it is the mean less beta / 2 variances.
  double const beta = 1e-4;
  CHECK(difference(in<double>(soft_min{beta}, x), reference::uncertainty_weighted(x, beta / 2, 0, false)) <= 1e-7);
}

TEST_CASE("the soft minimum obeys its laws") {
  auto const s = subject_of(soft_min{2});
  check_laws(s, {permutation_invariant, translation_equivariant, inside_column_range, same_bits_in_any_order_of_storage,
                 slices_glue, workspace_settles, no_columns, one_row_is_itself, needs_a_report, subset_is_those_rows,
                 around_is_moving, equal_weights, weights_are_relative, weight_zero_is_absent, skips_nan()});
  check_weights_repeat(s, s, {1, 2, 3, 1, 4, 1, 2});
}

TEST_CASE("more reward never lowers a soft minimum, and no lie lifts it above the honest bound") {
  matrix x = gauss(6, 1);
  double before = -infinity;
  for (double reward = -30; reward <= 30; reward += .25) {
    x(2, 0) = reward;
    double const y = soft_min{1}(x)(0);
    CHECK(y >= before);
    before = y;
  }
  for (lie const l : all_lies) {
    matrix const honest = gauss(3, 40), table = attack(honest, 6, l, std::numeric_limits<double>::max()).table;
    matrix const y = in<double>(soft_min{2}, table);
    INFO("liars send " << text(l));
    CHECK((y.array() <= honest.colwise().minCoeff().array() + std::log(9.) / 2 + 1e-14).all());
  }
}

TEST_CASE("NaN and minus infinity are the worst rewards, plus infinity none") {
  matrix const x{{1, 1, 1, infinity}, {not_a_number, infinity, -infinity, infinity}};
  auto const y = soft_min{1}(x);
  CHECK(y(0) == -infinity);
  CHECK(std::abs(y(1) - (1 + std::log(2.))) <= 1e-15);
  CHECK(y(2) == -infinity);
  CHECK(y(3) == infinity);
}

TEST_CASE("the soft minimum refuses beta that is not above 0") {
  for (double const beta : {0., -1., not_a_number, infinity}) {
    check_refuses(soft_min{beta}, gauss(3, 2), {"soft_min: needs a finite beta > 0", "beta = "});
  }
}

TEST_CASE(
    "the soft minimum of floats is off by less than 5e-7 of its distance to the minimum, and the rounding of the result") {
  // Exponentials, their sums of eight, the logarithm and what beta becomes in float: 3.1e-7 at most on these.
  double worst = 0;
  for (Index const n : {1, 2, 7, 8, 9, 25, 333, 2048, 2049}) {
    for (double const beta : {1e-14, 1e-9, 1e-3, .3, 2., 30., 1e6, 1e30}) {
      for (double const scale : {1., 1e-6, 1e-40, 1e20}) {
        robagg::table<float> x = (scale * gauss(n, 35, 3)).cast<float>();
        x.col(0).setZero(), x.col(1).setConstant(static_cast<float>(scale));
        Eigen::VectorXf const got = soft_min{beta}(x);
        for (Index c = 0; c < x.cols(); ++c) {
          float const column = soft_min{beta}(Eigen::VectorXf(x.col(c)))(0);
          CHECK(std::bit_cast<std::uint32_t>(column) == std::bit_cast<std::uint32_t>(got(c)));
          // reference::soft_min loses the digits of a small beta.
          long double const least = x.col(c).minCoeff();
          long double part = 0;
          for (float const v : x.col(c)) part += std::expm1(-static_cast<long double>(beta) * (v - least));
          long double const above = -std::log1p(part / static_cast<long double>(n)) / static_cast<long double>(beta),
                            want = least + above, rounding = std::abs(want) * 0x1p-24L + 0x1p-149L,
                            off = std::abs(static_cast<long double>(got(c)) - want) - rounding;
          worst = std::max(worst, static_cast<double>(off <= 0 ? 0 : off / above));
        }
      }
    }
  }
  CHECK(worst <= 5e-7);
}

TEST_CASE("the soft minimum of floats that are almost as far apart as can be") {
  robagg::table<float> x(3, 1);
  x << -3e38f, 3e38f, 3e38f;
  for (double const beta : {1e-45, 1e-39, 1e-12, 1., 1e300}) {
    CHECK(soft_min{beta}(x)(0) == static_cast<float>(reference::soft_min(x.cast<double>(), beta)(0, 0)));
  }
}

TEST_CASE("the soft minimum reads every input kind and writes to every output kind") {
  check_four_inputs(soft_min{2});
  check_outputs(soft_min{2});
}

// SPDX-License-Identifier: BSL-1.0
// Matrix games: the value is proved by both mixtures.
#include "laws.hpp"

#include <robagg/mixture/maximin_mixture.hpp>

using namespace robagg_test;
using robagg::maximin_mixture;

namespace {

// Both sides of the value, from the table and the two mixtures alone.
void check_game(matrix const& x, double tolerance) {
  auto const found = maximin_mixture{}.solve(x);
  CAPTURE(x.rows(), x.cols());
  REQUIRE((found.weights.size() == x.cols() && found.scenarios.size() == x.rows()));
  CHECK((found.weights.array() >= 0).all());
  CHECK((found.scenarios.array() >= 0).all());
  CHECK(std::abs(found.weights.sum() - 1) <= 1e-14 * static_cast<double>(x.cols()));
  CHECK(std::abs(found.scenarios.sum() - 1) <= 1e-14 * static_cast<double>(x.rows()));
  double const size = magnitude(x), value = (x * found.weights).minCoeff(),
               bound = (x.transpose() * found.scenarios).maxCoeff(), rounding = 1e-14 * size;
  CHECK(std::abs(found.value - value) <= rounding);
  CHECK(std::abs(found.bound - std::max(bound, found.value)) <= rounding);
  CHECK(found.gap() <= tolerance * size);
  CHECK(found.value >= x.colwise().minCoeff().maxCoeff() - rounding);  // never below the best single option
  CHECK(same_bits(matrix(maximin_mixture{}(x).transpose()), found.weights.transpose()));
}

}  // namespace

TEST_CASE("mixtures against the worst scenario by hand") {
  auto const found = maximin_mixture{}.solve(matrix{{3, 0}, {1, 2}});
  CHECK((found.weights - Eigen::Vector2d(.5, .5)).norm() <= 1e-15);  // alone: 1 and 0
  CHECK(std::abs(found.value - 1.5) <= 1e-15);
  CHECK((found.scenarios - Eigen::Vector2d(.25, .75)).norm() <= 1e-15);
  // Rock, paper, scissors; a saddle point; one option, one scenario, all the same.
  matrix const rock{{0, -1, 1}, {1, 0, -1}, {-1, 1, 0}};
  CHECK((maximin_mixture{}(rock)-Eigen::Vector3d::Constant(1 / 3.)).norm() <= 1e-15);
  CHECK(maximin_mixture{}(matrix{{1, 3, 2}, {0, 5, 9}, {2, 4, 2}}) == Eigen::Vector3d(0, 1, 0));
  CHECK(maximin_mixture{}(matrix{{7}, {-2}})(0) == 1);
  CHECK(maximin_mixture{}(matrix{{1, 5, 5}}) == Eigen::Vector3d(0, 1, 0));
  CHECK(maximin_mixture{}.solve(matrix{{4, 4}, {4, 4}}).value == 4);
}

TEST_CASE("mixtures against the worst scenario are proved") {
  for (Index const n : {1, 2, 3, 5, 12, 50, 90}) {
    for (Index const d : {1, 2, 4, 11, 50}) {
      for (family const kind : all_families) check_game(sample(kind, n, d, 3), kind == family::offset ? 1e-12 : 1e-11);
    }
  }
  numbers random(5);
  for (int trial = 0; trial < 300; ++trial) {  // ties and copies: every pivot is degenerate somewhere
    Index const n = 1 + random.below(8), d = 1 + random.below(8);
    matrix x(n, d);
    for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<double>(random.below(3));
    if (n > 1) x.row(n - 1) = x.row(0);
    if (d > 1) x.col(d - 1) = x.col(0);
    check_game(x, 1e-13);
  }
  matrix hard = gauss(50, 50, 9);
  hard.topRows(25) *= 1e-6;
  check_game(hard, 1e-9);
  check_game((gauss(6, 5, 9).array() > 0).select(matrix::Constant(6, 5, 1e308), matrix::Constant(6, 5, -1e308)), 1e-13);
}

TEST_CASE("mixtures against the worst scenario refuse what is no game") {
  for (double const bad : {not_a_number, infinity, -infinity})
    check_refuses(maximin_mixture{}, matrix{{1, 2}, {3, bad}}, {"maximin_mixture: needs finite values", "option = 1"});
  check_refuses(maximin_mixture{}, matrix(0, 2), {"needs at least one report"});
  check_refuses(maximin_mixture{}, matrix(2, 0), {"needs at least one option"});
  CHECK_THROWS_AS(maximin_mixture{}.solve(matrix(0, 2)), robagg::bad_input);
  check_laws(subject_of(maximin_mixture{}), {same_bits_in_any_order_of_storage, subset_is_those_rows, workspace_settles});
}

// SPDX-License-Identifier: BSL-1.0
// Reports one at a time: the results of the operators on the whole table.
#include "laws.hpp"

#include <robagg/running.hpp>

using namespace robagg_test;

TEST_CASE("a running state scores as the operators do") {
  matrix const x = sample(family::offset, 9, 5, 3);
  robagg::running all(5), front(5), back(5);
  for (Index i = 0; i < 9; ++i) {
    all.add(x.row(i));
    (i < 4 ? front : back).add(x.row(i));
  }
  front.merge(back);
  for (robagg::running const& state : {all, front}) {
    CHECK(state.rows() == 9);
    CHECK(difference(numbers_of(state.mean()), numbers_of(robagg::mean{}(x))) <= 1e-15 * magnitude(x));
    CHECK(same_bits(numbers_of(state.worst_case()), numbers_of(robagg::worst_case{}(x))));
    CHECK(same_bits(numbers_of(state.best_case()), numbers_of(robagg::best_case{}(x))));
    robagg::uncertainty_weighted const op{.lambda = 2., .ddof = 0, .dispersion = robagg::dispersion::deviation};
    CHECK(difference(numbers_of(state.score(op)), numbers_of(op(x))) <= 1e-12 * magnitude(x));
  }
}

TEST_CASE("weights and clipping on arrival") {
  matrix const x = gauss(6, 4, 8) * 3;
  std::vector<double> const w = {1, 0, 2, 5, 1, .5};
  robagg::running weighted(4), clipped(4, 2);
  for (Index i = 0; i < 6; ++i) weighted.add(x.row(i), w[static_cast<std::size_t>(i)]), clipped.add(x.row(i));
  auto const table = robagg::weighted(x, w);
  CHECK(difference(numbers_of(weighted.mean()), numbers_of(robagg::mean{}(table))) <= 1e-14);
  CHECK(difference(numbers_of(weighted.score({.lambda = 1.})), numbers_of(robagg::uncertainty_weighted{1.}(table))) <= 1e-13);
  CHECK(difference(numbers_of(clipped.mean()), numbers_of((robagg::clip{2} | robagg::mean{})(x))) <= 1e-14);
  for (double const bad : {not_a_number, infinity, 1e308}) {
    robagg::running state(4, 2);
    state.add(Eigen::RowVector4d::Constant(bad)), state.add(Eigen::RowVector4d::Zero());
    CHECK(state.mean().norm() <= 1 + 1e-15);
    CHECK((bad == 1e308) == (state.mean().norm() > .99));
  }
}

TEST_CASE("a running state is as honest about NaN as the operators") {
  robagg::running state(2);
  state.add(Eigen::Vector2d(1, 2)), state.add(Eigen::Vector2d(not_a_number, 5)), state.add(Eigen::Vector2d(3, 4));
  CHECK(std::isnan(state.mean()(0)));
  CHECK(state.worst_case()(0) == -infinity);
  CHECK(std::isnan(state.best_case()(0)));
  CHECK(state.best_case()(1) == 5);
  CHECK_THROWS_WITH(state.add(Eigen::Vector3d::Zero()), Catch::Contains("running: needs reports of one length"));
  CHECK_THROWS_WITH(state.add(Eigen::Vector2d::Zero(), -1), Catch::Contains("needs finite weights >= 0"));
  CHECK_THROWS_WITH(robagg::running(2).mean(), Catch::Contains("needs at least one report"));
  CHECK_THROWS_WITH(robagg::running(2, -1), Catch::Contains("needs radius >= 0"));
  CHECK_THROWS_WITH(state.merge(robagg::running(3)), Catch::Contains("merges with the same columns"));
}

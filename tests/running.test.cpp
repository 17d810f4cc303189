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

TEST_CASE("infinite values and huge ones, in any order") {
  auto const check = [](std::vector<double> const& column, double mean) {
    matrix const x = Eigen::Map<Eigen::VectorXd const>(column.data(), static_cast<Index>(column.size()));
    for (std::size_t cut = 0; cut < column.size(); ++cut) {
      robagg::running front(1), back(1);
      for (std::size_t i = 0; i < column.size(); ++i) (i < cut ? front : back).add(Eigen::Matrix<double, 1, 1>(column[i]));
      front.merge(back);
      INFO("cut at " << cut);
      CHECK(same_bits(front.mean()(0), mean));
      for (double const lambda : {1., -1.}) {
        robagg::uncertainty_weighted const op{.lambda = lambda};
        CHECK(same_bits(front.score(op)(0), op(x)(0)));
      }
    }
  };
  check({infinity, 1, 2}, infinity), check({1, 2, infinity}, infinity), check({3, -infinity, 1}, -infinity);
  check({infinity, -infinity, 1}, not_a_number), check({1, infinity, 2, -infinity, 5}, not_a_number);
  check({infinity, not_a_number, 1}, not_a_number), check({not_a_number, infinity}, not_a_number);
  robagg::running far(1);
  far.add(Eigen::Matrix<double, 1, 1>(1.5e308)),
      far.add(Eigen::Matrix<double, 1, 1>(-.5e308));  // the step between them overflows
  CHECK(std::abs(far.mean()(0) - .5e308) < 1e293);
  CHECK(far.variance()(0) == infinity);
}

TEST_CASE("reports of integers and expressions") {
  robagg::running state(3), clipped(3, 1);
  state.add(Eigen::Vector3i(1, 2, 3)), state.add(Eigen::RowVector3f(3, 4, 5)), state.add(2 * Eigen::Vector3d::Ones());
  CHECK(state.mean() == Eigen::Vector3d(2, 8. / 3, 10. / 3));
  matrix const x = gauss(1, 3), one = matrix::Identity(3, 3);
  int evaluated = 0;
  auto const counted = x.unaryExpr([&](double v) { return ++evaluated, v; });
  clipped.add((counted * one).row(0));  // a product: once, although a clipped report is read three times
  CHECK(evaluated > 0);
  int const once = std::exchange(evaluated, 0);
  CHECK(matrix(counted * one) == x);
  CHECK(evaluated == once);
}

TEST_CASE("a running state that refuses has not changed") {
  auto const fresh = [] {
    robagg::running s(2);
    s.add(Eigen::Vector2d(1, 2), 3);
    return s;
  };
  robagg::running state = fresh();
  auto const before = state.pack();
  CHECK_THROWS_AS(state.add(Eigen::Vector3d::Zero()), robagg::bad_input);
  for (double const weight : {-1., not_a_number, infinity})
    CHECK_THROWS_AS(state.add(Eigen::Vector2d::Zero(), weight), robagg::bad_input);
  CHECK_THROWS_AS(state.merge(robagg::running(3)), robagg::bad_input);
  CHECK_THROWS_WITH(state.merge(robagg::running(2, 5)), Catch::Contains("running: merges with the same radius"));
  CHECK_THROWS_AS(state.score({.lambda = 1., .ddof = 1}), robagg::bad_input);
  state.add(Eigen::Vector2d(5, 5), 0);
  CHECK(state.pack() == before);
  state.add(Eigen::Vector2d(1, 2), 1e308);
  auto const heavy = state.pack();
  CHECK_THROWS_WITH(state.add(Eigen::Vector2d(1, 2), 1e308), Catch::Contains("needs weights whose sum is finite"));
  CHECK_THROWS_WITH(state.merge(state), Catch::Contains("needs weights whose sum is finite"));
  CHECK(state.pack() == heavy);
  robagg::running nothing(2);
  nothing.add(Eigen::Vector2d(1, 2), 0);
  CHECK_THROWS_WITH(nothing.mean(), Catch::Contains("needs at least one report"));
  CHECK_THROWS_AS(nothing.score({.lambda = 1.}), robagg::bad_input);
  CHECK_THROWS_AS(robagg::running(2, not_a_number), robagg::bad_input);
  CHECK_THROWS_AS(robagg::running(-1), robagg::bad_input);
}

TEST_CASE("a running state travels as bytes") {
  matrix const x = gauss(7, 4, 2);
  robagg::running all(4, 1.5), front(4, 1.5), back(4, 1.5);
  for (Index i = 0; i < 7; ++i) {
    all.add(x.row(i), static_cast<double>(i) + 1);
    if (i == 3) all = robagg::running::unpack(all.pack());
    (i < 4 ? front : back).add(x.row(i), static_cast<double>(i) + 1);
  }
  robagg::running straight(4, 1.5);
  for (Index i = 0; i < 7; ++i) straight.add(x.row(i), static_cast<double>(i) + 1);
  CHECK(all.pack() == straight.pack());
  robagg::running there = robagg::running::unpack(front.pack());
  there.merge(robagg::running::unpack(back.pack()));
  front.merge(back);
  CHECK(there.pack() == front.pack());
  CHECK(same_bits(numbers_of(there.score({.lambda = 1.})), numbers_of(front.score({.lambda = 1.}))));
}

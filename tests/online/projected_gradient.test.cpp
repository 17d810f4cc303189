// SPDX-License-Identifier: BSL-1.0
// Gradient steps on the simplex: by hand, by their definition, the theorem, and the projection.
#include "sequences.hpp"

using namespace robagg_test;

namespace {
// By bisection of the shift.
Eigen::ArrayXd slow_projection(Eigen::ArrayXd const& v, double radius = 1) {
  double low = v.minCoeff() - radius, high = v.maxCoeff();
  for (int i = 0; i < 200; ++i) {
    double const middle = low + (high - low) / 2;
    ((v - middle).max(0.).sum() > radius ? low : high) = middle;
  }
  return (v - high).max(0.);
}
struct slow_gradient {
  double exponent = .5, most = 0, rounds = 0;
  Eigen::ArrayXd w = Eigen::ArrayXd::Constant(3, 1. / 3);
  Eigen::ArrayXd weigh() const { return w; }
  void learn(Eigen::ArrayXd const& r, double own) {
    Eigen::ArrayXd const g = own - r;
    rounds += 1, most = std::max(most, std::sqrt((g * g).sum()));
    if (most > 0) w = slow_projection(w - std::pow(rounds, -exponent) / most * g);
  }
};
}  // namespace

TEST_CASE("projected gradient by hand, by its definition, and what every rule owes") {
  robagg::expert_state state(robagg::projected_gradient{}, 2);
  state.update(Eigen::Vector2d(0, .3));  // one step of length 1
  CHECK((state.weights() == Eigen::Array2d(1, 0)).all());
  state.update(Eigen::Vector2d(.3, 0));  // and one of 1 / sqrt 2
  CHECK(std::abs(state.weights()(0) - (1 - 1 / std::sqrt(8.))) <= 1e-15);
  CHECK(std::abs(state.bound(0) - (.3 * std::sqrt(2.) + .5 * (.3 + .3 / std::sqrt(2.)))) <= 1e-15);
  for (double const exponent : {0., .5, 1.}) {
    check_definition(robagg::projected_gradient{exponent}, slow_gradient{exponent});
    check_regret(robagg::projected_gradient{exponent}, 60, 4);
  }
  check_experts(robagg::projected_gradient{});
  CHECK_THROWS_WITH(robagg::expert_state(robagg::projected_gradient{-1}, 2),
                    Catch::Contains("projected_gradient: needs an exponent in [0, 1] (exponent = -1)"));
}

TEST_CASE("the nearest point of the simplex") {
  CHECK((robagg::project_simplex{}(Eigen::Vector3d(.8, .6, -.5))-Eigen::Vector3d(.6, .4, 0)).norm() <= 1e-15);
  CHECK(robagg::project_simplex{.radius = 2}(Eigen::Vector2d(5, 5)) == Eigen::Vector2d(1, 1));
  numbers random(3);
  for (int trial = 0; trial < 200; ++trial) {
    Index const n = 1 + random.below(12);
    double const radius = trial % 3 == 0 ? 1 : std::exp(static_cast<double>(random.below(9)) - 4);
    Eigen::VectorXd const v = gauss(1, n, static_cast<unsigned>(trial)).row(0).transpose() * (trial % 5);
    robagg::project_simplex const op{.radius = radius};
    Eigen::VectorXd const p = op(v);
    CHECK((p.array() - slow_projection(v.array(), radius)).abs().maxCoeff() <= 1e-12 * (1 + radius));
    CHECK(std::abs(p.sum() - radius) <= 1e-12 * radius);
    CHECK((op(p) - p).norm() <= 1e-13 * radius);
    CHECK((op((v.array() + 3).matrix()) - p).norm() <= 1e-12 * (1 + radius));
  }
  CHECK(robagg::project_simplex{}(Eigen::Vector3d(1e308, -1e308, 1e308)) == Eigen::Vector3d(.5, 0, .5));
  std::vector<float> const floats = {1, 3};
  std::vector<double> out(2);
  robagg::workspace ws;
  robagg::project_simplex{}.into(floats, std::span(out), ws);
  CHECK(out == std::vector<double>{0, 1});
  std::vector<double> const none;
  CHECK_THROWS_WITH(robagg::project_simplex{}(none), Catch::Contains("project_simplex: needs at least one value"));
  CHECK_THROWS_WITH(robagg::project_simplex{}(Eigen::Vector2d(1, not_a_number)),
                    Catch::Contains("needs finite values (place = 1"));
  CHECK_THROWS_WITH(robagg::project_simplex{}(Eigen::Vector2d(infinity, 0)), Catch::Contains("needs finite values"));
  CHECK_THROWS_WITH(robagg::project_simplex{0}(Eigen::Vector2d(1, 0)), Catch::Contains("needs a finite radius > 0"));
  Eigen::Vector3d small;
  CHECK_THROWS_WITH(robagg::project_simplex{}.into(Eigen::Vector2d(1, 0), small, ws),
                    Catch::Contains("needs an output of n values"));
}

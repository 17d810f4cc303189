// SPDX-License-Identifier: BSL-1.0
// ML-Poly: by hand, by its definition, and its bound.
#include "sequences.hpp"

using namespace robagg_test;

namespace {
struct slow_ml_poly {
  Eigen::ArrayXd regrets = Eigen::ArrayXd::Zero(3), rates = Eigen::ArrayXd::Constant(3, 1e300);
  double most = 0;
  Eigen::ArrayXd weigh() const {
    if (!(regrets.maxCoeff() > 0)) return Eigen::ArrayXd::Constant(3, 1. / 3);
    Eigen::ArrayXd const w = rates * regrets.max(0.);
    return w / w.sum();
  }
  void learn(Eigen::ArrayXd const& r, double) {
    double const now = std::max(most, (r * r).maxCoeff());
    rates = 1 / (1 / rates + r * r + now - most);
    most = now, regrets += r;
  }
};
}  // namespace

TEST_CASE("ML-Poly by hand") {
  robagg::expert_state state(robagg::ml_poly{}, 2);
  matrix const x = matrix{{1, 0}, {2, 1}, {2, 3}};
  matrix seen(4, 2);
  for (Index t = 0; t < 3; ++t) {
    seen.row(t) = state.weights().transpose();
    state.predict(x.row(t)), state.update(static_cast<double>(t + 1));
  }
  seen.row(3) = state.weights().transpose();
  CHECK((seen - matrix{{.5, .5}, {1, 0}, {1, 0}, {11. / 28, 17. / 28}}).cwiseAbs().maxCoeff() <= 1e-9);
}

TEST_CASE("ML-Poly by its definition, and what every rule owes") {
  check_definition(robagg::ml_poly{}, slow_ml_poly{});
  for (Index experts : {2, 5}) check_regret(robagg::ml_poly{}, 80, experts);
  check_experts(robagg::ml_poly{});
  // The unit of losses does not matter, however small or large.
  for (double const unit : {1e-200, 1e-30, 1e100}) {
    robagg::expert_state one(robagg::ml_poly{}, 3), other(robagg::ml_poly{}, 3);
    matrix const x = gauss(20, 3, 2);
    for (Index t = 0; t < 20; ++t) one.update(x.row(t)), other.update((x.row(t) * unit).eval());
    if (unit > 1e-100) CHECK((one.weights() - other.weights()).abs().maxCoeff() <= 1e-12);
    CHECK(std::abs(other.weights().sum() - 1) <= 1e-12);
  }
}

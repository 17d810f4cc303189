// SPDX-License-Identifier: BSL-1.0
// ML-Prod: by its definition, and its bound.
#include "sequences.hpp"

using namespace robagg_test;

namespace {
struct slow_ml_prod {
  Eigen::ArrayXd products = Eigen::ArrayXd::Zero(3), squares = Eigen::ArrayXd::Ones(3), most = Eigen::ArrayXd::Zero(3),
                 rates = Eigen::ArrayXd::Constant(3, 1e300);
  Eigen::ArrayXd weigh() const {
    Eigen::ArrayXd const w = rates * products.exp();
    return w / rates.maxCoeff() / (w / rates.maxCoeff()).sum();
  }
  void learn(Eigen::ArrayXd const& r, double) {
    squares += r * r, most = most.max(r.abs());
    for (Index k = 0; k < 3; ++k) {
      double const now = std::min(1 / (2 * most(k)), std::sqrt(std::log(3.) / squares(k)));
      products(k) = now / rates(k) * products(k) + std::log(1 + now * r(k)), rates(k) = now;
    }
  }
};
}  // namespace

TEST_CASE("ML-Prod by hand, by its definition, and what every rule owes") {
  robagg::expert_state state(robagg::ml_prod{}, 2);
  state.update(Eigen::Vector2d(0, 1));  // regrets 1/2 and -1/2, rate min(1, sqrt(ln 2 / 1.25)) for both
  double const rate = std::sqrt(std::log(2.) / 1.25), ratio = (1 - rate / 2) / (1 + rate / 2);
  CHECK(std::abs(state.weights()(0) - 1 / (1 + ratio)) <= 1e-15);
  check_definition(robagg::ml_prod{}, slow_ml_prod{});
  for (Index experts : {2, 5}) check_regret(robagg::ml_prod{}, 80, experts);
  check_experts(robagg::ml_prod{});
}

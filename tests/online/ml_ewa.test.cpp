// SPDX-License-Identifier: BSL-1.0
// ML-EWA: by hand and by its definition. There is no bound.
#include "sequences.hpp"

using namespace robagg_test;

namespace {
template <class State>
concept has_bound = requires(State const& s) { s.bound(0); };

struct slow_ml_ewa {
  Eigen::ArrayXd regrets = Eigen::ArrayXd::Zero(3), rates = Eigen::ArrayXd::Constant(3, 1e100);
  Eigen::ArrayXd weigh() const {
    Eigen::ArrayXd const x = rates * regrets, w = (x - x.maxCoeff()).exp();
    return w / w.sum();
  }
  void learn(Eigen::ArrayXd const& r, double) {
    rates = (std::log(3.) / (std::log(3.) / rates.square() + r * r)).sqrt();
    regrets += r;
  }
};
}  // namespace

TEST_CASE("ML-EWA by hand, by its definition, and what every rule owes") {
  robagg::expert_state state(robagg::ml_ewa{}, 2);
  state.update(Eigen::Vector2d(0, 1));  // eta r = sqrt(ln 2) and its opposite
  CHECK(std::abs(state.weights()(0) - 1 / (1 + std::exp(-2 * std::sqrt(std::log(2.))))) <= 1e-15);
  check_definition(robagg::ml_ewa{}, slow_ml_ewa{});
  check_regret(robagg::ml_ewa{}, 60, 3);
  check_experts(robagg::ml_ewa{});
  static_assert(!has_bound<robagg::expert_state<robagg::ml_ewa>> && has_bound<robagg::expert_state<robagg::ml_prod>>);
}

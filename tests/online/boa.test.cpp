// SPDX-License-Identifier: BSL-1.0
// Bernstein online aggregation: by hand, by its definition with experts asleep, where opera's own code is wrong, and its bound.
#include "sequences.hpp"

using namespace robagg_test;

namespace {
struct slow_boa {
  Eigen::ArrayXd prior = Eigen::ArrayXd::Constant(3, 1. / 3), q = Eigen::ArrayXd::Zero(3), v = q;
  Eigen::ArrayXd weigh() const {
    Eigen::ArrayXd w = prior;
    double kept = 0, sum = 0;
    std::vector<double> parts(3, 0);
    for (Index k = 0; k < 3; ++k) {
      auto& part = parts[static_cast<std::size_t>(k)];
      if (v(k) == 0) kept += prior(k);
      if (v(k) > 0) sum += part = prior(k) / std::sqrt(v(k)) * std::exp(q(k) / std::sqrt(v(k)));
    }
    for (Index k = 0; k < 3; ++k) {
      if (v(k) > 0) w(k) = (1 - kept) * parts[static_cast<std::size_t>(k)] / sum;
    }
    return w;
  }
  void learn(Eigen::ArrayXd const& r, double) {
    for (Index k = 0; k < 3; ++k) {
      v(k) += 2.2 * r(k) * r(k);
      if (v(k) > 0) q(k) += r(k) - r(k) * r(k) / std::sqrt(v(k));
    }
  }
};
}  // namespace

TEST_CASE("BOA by hand") {
  robagg::expert_state state(robagg::boa{}, 2);
  matrix const x = matrix{{1, 0}, {2, 1}, {2, 3}};
  matrix seen(3, 2);
  for (Index t = 0; t < 3; ++t) {
    seen.row(t) = state.weights().transpose();
    state.predict(x.row(t)), state.update(static_cast<double>(t + 1));
  }
  CHECK((seen - matrix{{.5, .5}, {.7938678797, .2061321203}, {.8733386303, .1266613697}}).cwiseAbs().maxCoeff() <= 1e-9);
}

TEST_CASE("BOA: who sleeps keeps what it has, the others share the rest") {
  robagg::expert_state state(robagg::boa{}, 3);
  // The second sleeps: the others lose 0 and 1, the mixture 1/2. Both regrets have the square 1/4, V = .55, eta r = +-.5 / sqrt
  // .55.
  CHECK(state.update(Eigen::Vector3d(0, not_a_number, 1)) == .5);
  CHECK(std::abs(state.weights()(1) - 1. / 3) <= 1e-15);
  double const step = 2 * .5 / std::sqrt(.55);
  CHECK(std::abs(state.weights()(0) - 2. / 3 / (1 + std::exp(-step))) <= 1e-15);
  CHECK(state.regrets()(1) == 0);
  // Then the first and the third sleep: the second is the mixture, and nothing moves.
  Eigen::ArrayXd const before = state.weights();
  CHECK(state.update(Eigen::Vector3d(not_a_number, 7, not_a_number)) == 7);
  CHECK((state.weights() == before).all());
}

TEST_CASE("BOA by its definition, and what every rule owes") {
  check_definition(robagg::boa{}, slow_boa{});
  for (Index experts : {2, 5}) check_regret(robagg::boa{}, 80, experts);
  check_experts(robagg::boa{});
}

TEST_CASE("there is no bound for an expert that is excluded, even where no other has a regret") {
  std::vector<double> const prior = {1, 1, 0};
  auto const check = [&](auto const& rule) {
    robagg::expert_state state(rule, 3, {.prior = prior});
    state.update(Eigen::Vector3d(2, 2, 0));
    CHECK(state.regrets()(2) == 2);
    CHECK(state.bound(2) == infinity);
    CHECK(state.bound(0) == 0);
  };
  robagg::expert_state still(robagg::boa{}, 3, {.prior = prior});
  still.update(Eigen::Vector3d(2, 2, 2));
  CHECK(still.bound(2) == infinity);
  check(robagg::hedge{});
}

// SPDX-License-Identifier: BSL-1.0
// Exponential weights: by hand, the theorem, and the rate that tunes itself.
#include "sequences.hpp"

using namespace robagg_test;

TEST_CASE("hedge by hand") {
  robagg::expert_state state(robagg::hedge{.rate = 1}, 2);
  CHECK(state.update(Eigen::Vector2d(0, 1)) == .5);
  CHECK(std::abs(state.weights()(0) - 1 / (1 + std::exp(-1.))) <= 1e-15);
  state.update(Eigen::Vector2d(0, 1));
  CHECK(std::abs(state.weights()(1) - 1 / (1 + std::exp(2.))) <= 1e-15);
  state.update(Eigen::Vector2d(1, 0));
  CHECK(std::abs(state.loss() - 1.6497384993478779) <= 1e-14);
  CHECK(std::abs(state.regret() - .6497384993478779) <= 1e-14);
  CHECK(std::abs(state.bound(0) - (std::log(2.) + 3. / 8)) <= 1e-14);
  CHECK(std::abs(robagg::hedge::bound_for(1, 2, 3) - 1.0681471805599454) <= 1e-14);
  double const best = robagg::hedge::rate_for(4, 100, 2);
  CHECK(std::abs(robagg::hedge::bound_for(best, 4, 100, 2) - 2 * std::sqrt(50 * std::log(4.))) <= 1e-12);
  CHECK(robagg::describe(state.rule()) == "hedge{.rate = 1}");
}

TEST_CASE("hedge keeps its promises and those of every rule") {
  for (double const rate : {0., .1, 1., 30.}) {
    check_regret(robagg::hedge{.rate = rate}, 60, 4);
    check_experts(robagg::hedge{.rate = rate});
  }
  CHECK_THROWS_WITH(robagg::expert_state(robagg::hedge{.rate = -1}, 2),
                    Catch::Contains("hedge: needs a rate > 0, or 0 to tune itself (rate = -1)"));
  CHECK_THROWS_WITH(robagg::expert_state(robagg::hedge{.rate = not_a_number}, 2), Catch::Contains("needs a rate"));
}

TEST_CASE("hedge looks at differences of losses, and at their sums") {
  matrix const x = gauss(30, 37, 5);  // no whole number of packets
  robagg::expert_state state(robagg::hedge{.rate = .3}, 37), shifted(robagg::hedge{.rate = .3}, 37);
  Eigen::ArrayXd sums = Eigen::ArrayXd::Zero(37);
  for (Index t = 0; t < x.rows(); ++t) {
    state.update(x.row(t)), shifted.update((x.row(t).array() + 100. * static_cast<double>(t % 7)).matrix());
    sums += x.row(t).transpose().array();
    Eigen::ArrayXd slow = (-.3 * sums).exp();
    slow /= slow.sum();
    CHECK((state.weights() - slow).abs().maxCoeff() <= 1e-14);
    CHECK((shifted.weights() - slow).abs().maxCoeff() <= 1e-12);
  }
  // Two that saw half of the rounds each.
  robagg::expert_state front(robagg::hedge{.rate = .3}, 37), back(robagg::hedge{.rate = .3}, 37);
  for (Index t = 0; t < x.rows(); ++t) (t < 11 ? front : back).update(x.row(t));
  double const bounds = front.bound(3) + back.bound(3), losses = front.loss() + back.loss();
  front.merge(back);
  CHECK((front.weights() - state.weights()).abs().maxCoeff() <= 1e-13);
  CHECK(std::abs(front.bound(3) - bounds) <= 1e-12);
  CHECK(front.loss() == losses);
  CHECK(front.rounds() == 30);
  CHECK(front.regret() <= front.bound(0));
  CHECK((decltype(front)::unpack(front.pack()).weights() == front.weights()).all());

  robagg::expert_state other(robagg::hedge{.rate = .4}, 37), fewer(robagg::hedge{.rate = .3}, 36), tuned(robagg::hedge{}, 37),
      absolute(robagg::hedge{.rate = .3}, 37, {.loss = robagg::forecast_loss::absolute});
  CHECK_THROWS_WITH(front.merge(other), Catch::Contains("merges with the same parameters, losses and prior"));
  CHECK_THROWS_WITH(front.merge(absolute), Catch::Contains("merges with the same parameters, losses and prior"));
  CHECK_THROWS_WITH(front.merge(fewer), Catch::Contains("merges with as many experts"));
  CHECK_THROWS_WITH(tuned.merge(tuned), Catch::Contains("merges with a fixed rate only"));
}

TEST_CASE("hedge that tunes itself: slowly by its definition, and in any unit") {
  // AdaHedge as its paper has it: rate ln N / D, D the sum of the mixability gaps.
  matrix const x = (gauss(50, 3, 6).array() / 4 + .5).min(1.).max(0.);
  robagg::expert_state state(robagg::hedge{}, 3), larger(robagg::hedge{}, 3);
  double gaps = 0;
  Eigen::Array3d sums = Eigen::Array3d::Zero();
  for (Index t = 0; t < x.rows(); ++t) {
    Eigen::Array3d const l = x.row(t).transpose().array();
    Eigen::Array3d w = (sums == sums.minCoeff()).cast<double>();
    double const eta = std::log(3.) / gaps;
    if (gaps > 0) w = (-eta * (sums - sums.minCoeff())).exp();
    w /= w.sum();
    CHECK((state.weights() - w).abs().maxCoeff() <= 1e-10);
    double const mixed = gaps > 0 ? -std::log((w * (-eta * l).exp()).sum()) / eta : (w > 0).select(l, infinity).minCoeff();
    gaps += std::max(0., (w * l).sum() - mixed);
    sums += l;
    state.update(l), larger.update(1e6 * l);
    CHECK((state.weights() - larger.weights()).abs().maxCoeff() <= 1e-9);
  }
  CHECK(state.bound(0) <= 2 * gaps + 1e-9);
  // A loss a million times as large as all before: weights that were no numbers count again.
  robagg::expert_state jump(robagg::hedge{}, 2);
  for (int t = 0; t < 40; ++t) jump.update(Eigen::Vector2d(0, 1e-6));
  jump.update(Eigen::Vector2d(1e6, 0));
  CHECK(jump.regret() <= jump.bound(0));
  CHECK(jump.weights()(1) > .4);
  // The bound of the best fixed rate, which knows the number of rounds, is not far below.
  robagg::expert_state hard(robagg::hedge{}, 2);
  for (int t = 0; t < 1000; ++t) hard.update(Eigen::Vector2d(t % 2, (t + 1) % 2));
  CHECK(hard.bound(0) <= 2.5 * std::sqrt(500 * std::log(2.)));
}

TEST_CASE("the gradient trick competes with every mixture") {
  // The outcome is half way between two experts: a mixture is right always, neither of them ever.
  for (bool const gradient : {false, true}) {
    robagg::expert_state state(robagg::hedge{.rate = .5}, 2, {.gradient = gradient});
    std::vector<double> const prior = {1, 9};
    robagg::expert_state from(robagg::hedge{.rate = .5}, 2, {.gradient = gradient, .prior = prior});
    for (int t = 0; t < 200; ++t) from.predict(Eigen::Vector2d(0, 1)), from.update(.5);
    CHECK((std::abs(from.predict(Eigen::Vector2d(0, 1)) - .5) < 1e-3) == gradient);
  }
  // Every loss and its slope by hand, forecasts 1 and 3, outcome 1.5, prediction 2.
  struct {
    robagg::forecast_loss loss;
    double costs, slope, first;
  } const cases[] = {{robagg::forecast_loss::square, .25, 1, .25},
                     {robagg::forecast_loss::absolute, .5, 1, .5},
                     {robagg::forecast_loss::pinball, .5 * .9, .9, .5 * .1},
                     {robagg::forecast_loss::percentage, .5 / 1.5, 1 / 1.5, .5 / 1.5}};
  for (auto const& c : cases) {
    robagg::expert_state with(robagg::hedge{.rate = 1}, 2, {.loss = c.loss, .level = .1}),
        without(robagg::hedge{.rate = 1}, 2, {.loss = c.loss, .level = .1, .gradient = false});
    CHECK(with.predict(Eigen::Vector2d(1, 3)) == 2);
    without.predict(Eigen::Vector2d(1, 3));
    CHECK(std::abs(with.update(1.5) - c.costs) <= 1e-15);
    CHECK(std::abs(without.update(1.5) - c.costs) <= 1e-15);
    CHECK(std::abs(with.regrets()(0) - c.slope) <= 1e-15);
    CHECK(std::abs(with.regrets()(1) + c.slope) <= 1e-15);
    CHECK(std::abs(without.regrets()(0) - (c.costs - c.first)) <= 1e-15);
  }
  robagg::expert_state zero(robagg::hedge{.rate = 1}, 2, {.loss = robagg::forecast_loss::percentage});
  zero.predict(Eigen::Vector2d(1, 3));
  CHECK_THROWS_WITH(zero.update(0.), Catch::Contains("needs losses"));
  CHECK(zero.update(2.) == 0);
}

TEST_CASE("what you paid instead of the mixture") {
  robagg::expert_state state(robagg::hedge{.rate = 1}, 2);
  CHECK(state.update_paid(Eigen::Vector2d(0, 1), .2) == .2);
  CHECK(std::abs(state.regrets()(0) - .2) <= 1e-15);
  CHECK(std::abs(state.weights()(0) - 1 / (1 + std::exp(-1.))) <= 1e-15);
  CHECK_THROWS_WITH(state.update_paid(Eigen::Vector2d(0, 1), infinity), Catch::Contains("needs losses"));
}

// SPDX-License-Identifier: BSL-1.0
// Vovk's aggregating algorithm: by hand, its constant regret, sleeping, densities, merging.
#include "sequences.hpp"

using namespace robagg_test;

TEST_CASE("the aggregating algorithm for the square loss") {
  robagg::expert_state state(robagg::aggregating_algorithm_square{}, 2);
  CHECK(std::abs(state.predict(Eigen::Vector2d(0, 1)) - .5) <= 1e-15);
  state.update(1.);
  CHECK(std::abs(state.predict(Eigen::Vector2d(0, 1)) - .8312506868394662) <= 1e-14);
  state.update(1.);
  CHECK(std::abs(state.predict(Eigen::Vector2d(0, 1)) - .9688869185) <= 1e-10);
  state.update(0.);
  CHECK(std::abs(state.bound(0) - std::log(2.) / 2) <= 1e-15);

  // Whatever comes, on any range, asleep or not: the constant.
  numbers random(5);
  for (double const width : {1., 10.}) {
    robagg::aggregating_algorithm_square const rule{.low = -3, .high = -3 + width};
    std::vector<double> const prior = {1, 2, 0, 5};
    robagg::expert_state one(rule, 4, {.prior = prior});
    robagg::expert_state scaled(robagg::aggregating_algorithm_square{}, 4, {.prior = prior});
    auto const uniform = [&] { return static_cast<double>(random.below(1001)) / 1000; };
    for (int t = 0; t < 300; ++t) {
      Eigen::Array4d row(uniform(), t % 3 == 0 ? not_a_number : 1 - uniform() * uniform(), uniform(), t % 2),
          awake(1, 1, 1, .5);
      double const y = t % 5 == 0 ? uniform() : (t + t / 7) % 2;
      double const p = one.predict((row * width - 3).eval(), awake), q = scaled.predict(row, awake);
      CHECK(std::abs((p + 3) / width - q) <= 1e-11);
      CHECK(p >= rule.low);
      CHECK(p <= rule.high);
      one.update(y * width - 3), scaled.update(y);
      for (Index k = 0; k < 4; ++k) CHECK(one.regrets()(k) <= one.bound(k) + 1e-9);
    }
    CHECK(one.weights()(2) == 0);
    auto back = decltype(one)::unpack(one.pack());
    CHECK(back.pack() == one.pack());
    CHECK(back.predict(Eigen::Vector4d::Constant(-3)) == one.predict(Eigen::Vector4d::Constant(-3)));
  }
  // A mean of the experts pays more than that.
  CHECK_THROWS_WITH(state.predict(Eigen::Vector2d(0, 1.1)),
                    Catch::Contains("needs forecasts and outcomes in [low, high] (value = 1.1"));
  CHECK_THROWS_WITH(state.update(Eigen::Vector2d(0, 1)), Catch::Contains("needs predictions and outcomes"));
  CHECK(std::isnan(state.predict(Eigen::Vector2d(not_a_number, not_a_number))));
  CHECK(state.predict(Eigen::Vector2d(not_a_number, .25)) == .25);
  CHECK_THROWS_WITH(state.update(-.1), Catch::Contains("needs forecasts and outcomes in [low, high]"));
  using rule = robagg::aggregating_algorithm_square;
  CHECK_THROWS_WITH(robagg::expert_state(rule{.low = 1}, 2), Catch::Contains("needs low < high (low = 1, high = 1)"));
  CHECK_THROWS_WITH(robagg::expert_state(rule{.rate = 2.1}, 2), Catch::Contains("needs a rate that the square loss allows"));
  CHECK_THROWS_WITH(robagg::expert_state(rule{}, 2, {.loss = robagg::forecast_loss::absolute}),
                    Catch::Contains("needs the square loss"));
  robagg::expert_state front(rule{}, 2), back(rule{}, 2), whole(rule{}, 2);
  for (int t = 0; t < 6; ++t) {
    for (auto* s : {t < 3 ? &front : &back, &whole}) s->predict(Eigen::Vector2d(.1, .2 * t)), s->update(.5);
  }
  front.merge(back);
  CHECK((front.weights() - whole.weights()).abs().maxCoeff() <= 1e-15);
  CHECK(front.bound(0) == 2 * whole.bound(0));
}

TEST_CASE("the aggregating algorithm for the log loss is Bayes' mixture") {
  robagg::expert_state state(robagg::aggregating_algorithm_log{}, 2);
  robagg::table<double> p(2, 2);
  p << .9, .1, .5, .5;
  CHECK((robagg::pool(state, p) - Eigen::Vector2d(.7, .3)).norm() <= 1e-15);
  CHECK(std::abs(state.update_likelihoods(p.col(0)) + std::log(.7)) <= 1e-15);
  CHECK(std::abs(robagg::pool(state, p)(0) - .75714285714285712) <= 1e-15);
  CHECK(std::abs(state.predict(p.col(0)) - .75714285714285712) <= 1e-15);
  CHECK(std::abs(state.update((-p.col(0).array().log()).eval()) + std::log(.75714285714285712)) <= 1e-15);
  CHECK(std::abs(state.loss() - .6348782724359695) <= 1e-15);
  CHECK(state.bound(0) == std::log(2.));
  CHECK_THROWS_WITH(robagg::pool(state, robagg::table<double>(3, 2)),
                    Catch::Contains("needs a row from each expert (rows = 3"));

  // The posterior in long double; outcomes that an expert held to be impossible end it; sleepers stay where they are.
  numbers random(8);
  std::vector<double> const prior = {1, 2, 3};
  robagg::expert_state bayes(robagg::aggregating_algorithm_log{}, 3, {.prior = prior});
  std::vector<long double> posterior = {1.L / 6, 2.L / 6, 3.L / 6};
  for (int t = 0; t < 200; ++t) {
    Eigen::Array3d q = Eigen::Array3d::Ones();
    for (double& v : q) v = static_cast<double>(1 + random.below(99)) / 50;
    if (t == 100) q(1) = 0;
    if (t == 50 || t == 150) q(2) = not_a_number;
    long double awake = 0, mixed = 0;
    for (int k = 0; k < 3; ++k) {
      if (!std::isnan(q(k)))
        awake += posterior[static_cast<std::size_t>(k)],
            mixed += posterior[static_cast<std::size_t>(k)] * static_cast<long double>(q(k));
    }
    for (int k = 0; k < 3; ++k) {
      if (!std::isnan(q(k))) posterior[static_cast<std::size_t>(k)] *= static_cast<long double>(q(k)) * awake / mixed;
    }
    CHECK(std::abs(bayes.update_likelihoods(q) + static_cast<double>(std::log(mixed / awake))) <= 1e-12);
    for (int k = 0; k < 3; ++k) {
      CHECK(std::abs(bayes.weights()(k) - static_cast<double>(posterior[static_cast<std::size_t>(k)])) <= 1e-12);
      CHECK(bayes.regrets()(k) <= bayes.bound(k) + 1e-9);
    }
  }
  CHECK(bayes.weights()(1) == 0);
  CHECK(bayes.regrets()(1) == -infinity);
  auto back = decltype(bayes)::unpack(bayes.pack());
  CHECK(back.pack() == bayes.pack());
  CHECK((back.weights() == bayes.weights()).all());
  auto const before = bayes.pack();
  CHECK_THROWS_WITH(bayes.update_likelihoods(Eigen::Vector3d(0, 1, 0)),
                    Catch::Contains("needs an outcome that an expert with a weight holds to be possible"));
  CHECK_THROWS_WITH(bayes.update_likelihoods(Eigen::Vector3d(0, -1, 0)), Catch::Contains("needs probabilities or densities"));
  CHECK_THROWS_WITH(bayes.update_likelihoods(Eigen::Vector3d(0, infinity, 0)),
                    Catch::Contains("needs probabilities or densities"));
  CHECK_THROWS_WITH(bayes.update(Eigen::Vector3d(0, -infinity, 0)), Catch::Contains("needs losses above -1e140"));
  CHECK(std::isnan(bayes.update_likelihoods(Eigen::Vector3d(not_a_number, not_a_number, not_a_number))));
  CHECK(bayes.pack() == before);
  // One who was all but excluded, with a weight that is no number, is the only one who held it to be possible.
  robagg::expert_state late(robagg::aggregating_algorithm_log{}, 2);
  for (int t = 0; t < 30; ++t) late.update_likelihoods(Eigen::Vector2d(1, 1e-38));
  CHECK(late.weights()(1) == 0);
  CHECK(std::abs(late.update_likelihoods(Eigen::Vector2d(0, 1)) - 30 * 38 * std::log(10.)) <= 1e-9);
  CHECK(late.weights()(1) == 1);
  CHECK(late.regrets()(1) <= late.bound(1) + 1e-9);
  // Densities of any size.
  robagg::expert_state dense(robagg::aggregating_algorithm_log{}, 2);
  CHECK(std::abs(dense.update_likelihoods(Eigen::Vector2d(1e300, 1e-300)) + std::log(.5e300)) <= 1e-12);
  // Two that saw other data have the posterior of all.
  robagg::expert_state a(robagg::aggregating_algorithm_log{}, 2), b(robagg::aggregating_algorithm_log{}, 2);
  a.update_likelihoods(Eigen::Vector2d(.2, .4)), b.update_likelihoods(Eigen::Vector2d(.9, .3));
  a.merge(b);
  CHECK(std::abs(a.weights()(0) - .18 / (.18 + .12)) <= 1e-15);
  CHECK(a.regrets().maxCoeff() <= a.bound(0));
}

// SPDX-License-Identifier: BSL-1.0
// Losses that are hard on rules for experts, and what every rule owes whatever they are.
#pragma once

#include "../inputs.hpp"

#include <robagg/online.hpp>

#include <algorithm>

namespace robagg_test {

// Rounds x experts; NaN is asleep.
inline std::vector<std::pair<std::string, matrix>> hostile_losses(Index rounds, Index experts) {
  std::vector<std::pair<std::string, matrix>> all;
  numbers random(91);
  matrix x(rounds, experts);
  auto const add = [&](std::string name, auto value) {
    for (Index t = 0; t < rounds; ++t) {
      for (Index k = 0; k < experts; ++k) x(t, k) = value(t, k);
    }
    all.emplace_back(std::move(name), x);
  };
  auto const uniform = [&] { return static_cast<double>(random.below(1000)) / 999; };
  add("alternating", [](Index t, Index k) { return static_cast<double>((t + k) % 2); });
  add("alternating after a half",
      [](Index t, Index k) { return t == 0 ? (k == 0 ? .5 : 0.) : static_cast<double>((t + k) % 2); });
  add("all equal", [](Index t, Index) { return t % 3 == 0 ? 1. : 0.; });
  add("all zero", [](Index, Index) { return 0.; });
  add("one always wrong", [](Index, Index k) { return k == 0 ? 1. : 0.; });
  add("one always right", [](Index, Index k) { return k == 1 ? 0. : 1.; });
  add("one far off", [](Index, Index k) { return k == 0 ? 1e30 : 0.; });
  add("the best changes", [rounds](Index t, Index k) { return k == (t < rounds / 2 ? 0 : 1) ? 0. : 1.; });
  add("any", [&](Index, Index) { return uniform(); });
  add("sleeping", [&](Index, Index) { return uniform() < .4 ? not_a_number : uniform(); });
  add("the good one sleeps", [](Index t, Index k) { return k == 0 ? (t % 10 == 0 ? 0. : not_a_number) : k == 1 ? 1. : .9; });
  add("one is awake at a time", [experts](Index t, Index k) { return t % experts == k ? 1. : not_a_number; });
  return all;
}

// For every expert: what was paid over it is no more than the bound, and is what was lost less what it lost.
template <class Rule>
void check_regret(Rule const& rule, Index rounds, Index experts) {
  for (auto const& [what, losses] : hostile_losses(rounds, experts)) {
    INFO(robagg::describe(rule) << ", " << what);
    robagg::expert_state state(rule, experts);
    Eigen::ArrayXd paid = Eigen::ArrayXd::Zero(experts);
    double all = 0;
    Index count = 0;
    for (Index t = 0; t < rounds; ++t) {
      double const own = state.update(losses.row(t));
      if (std::isnan(own)) continue;  // nobody was awake
      ++count;
      for (Index k = 0; k < experts; ++k) paid(k) += std::isnan(losses(t, k)) ? 0 : own - losses(t, k);
      all += own;
      CHECK(std::abs(state.weights().sum() - 1) <= 1e-12);
      CHECK(state.weights().minCoeff() >= 0);
      if constexpr (requires { state.bound(0); }) {
        for (Index k = 0; k < experts; ++k) CHECK(state.regrets()(k) <= state.bound(k) + 1e-9 * (1 + std::abs(state.bound(k))));
      }
    }
    CHECK(state.rounds() == count);
    CHECK(std::abs(state.loss() - all) <= 1e-12 * std::abs(all));
    CHECK((state.regrets() - paid).abs().maxCoeff() <= 1e-12 * (1 + paid.abs().maxCoeff()));
  }
}

// The same weights as a slow reading of the definition: weigh() -> weights with sum 1, learn(r, loss of the mixture).
template <class Rule, class Slow>
void check_definition(Rule const& rule, Slow slow, double tolerance = 1e-12) {
  for (auto const& [what, losses] : hostile_losses(40, 3)) {
    if (what == "one far off") continue;  // where a slow reading overflows
    INFO(robagg::describe(rule) << ", " << what);
    robagg::expert_state state(rule, 3);
    Slow by_definition = slow;
    for (Index t = 0; t < losses.rows(); ++t) {
      Eigen::ArrayXd const w = by_definition.weigh();
      CHECK((state.weights() - w).abs().maxCoeff() <= tolerance);
      double const own = state.update(losses.row(t));
      if (std::isnan(own)) continue;
      Eigen::ArrayXd r(3);
      for (Index k = 0; k < 3; ++k) r(k) = std::isnan(losses(t, k)) ? 0 : own - losses(t, k);
      by_definition.learn(r, own);
    }
  }
}

// What is asked of every rule: experts in another order, experts that sleep, bytes, refusals.
template <class Rule>
void check_experts(Rule const& rule) {
  INFO(robagg::describe(rule));
  Index const n = 5;
  using state_type = robagg::expert_state<Rule>;
  matrix const losses = (gauss(12, n, 4).array() / 8 + .5).min(1.).max(0.);
  std::vector<Index> const order = {3, 0, 4, 1, 2};
  state_type state(rule, n), permuted(rule, n);
  CHECK((state.weights() == state.weights()(0)).all());
  CHECK(std::abs(state.weights()(0) - .2) <= 1e-15);
  for (Index t = 0; t < losses.rows(); ++t) {
    Eigen::ArrayXd const before = state.weights();
    Eigen::ArrayXd other(n), awake = Eigen::ArrayXd::Ones(n), row = losses.row(t).transpose().array();
    if (t % 4 == 2) awake(t % n) = 0, awake((t + 1) % n) = .5, row(t % n) = not_a_number;
    for (Index k = 0; k < n; ++k) other(k) = row(order[static_cast<std::size_t>(k)]);
    Eigen::ArrayXd other_awake(n);
    for (Index k = 0; k < n; ++k) other_awake(k) = awake(order[static_cast<std::size_t>(k)]);
    state.update(row, awake), permuted.update(other, other_awake);
    for (Index k = 0; k < n; ++k) {  // the order of sums differs
      CHECK(std::abs(permuted.weights()(k) - state.weights()(order[static_cast<std::size_t>(k)])) <= 1e-9);
    }
    // Of the mixture those asleep have nothing, and the others their shares.
    Eigen::ArrayXd const shares = before * awake / (before * awake).sum();
    if ((before * awake).sum() > 1e-100) CHECK((state.mixture() - shares).abs().maxCoeff() <= 1e-13);
  }
  {  // half awake: half of the weight, half of the regret
    state_type half(rule, 2);
    CHECK(std::abs(half.update(Eigen::Vector2d(0, 1), Eigen::Vector2d(1, .5)) - 1. / 3) <= 1e-15);
    CHECK((half.regrets() - Eigen::Array2d(1, -1) / 3).abs().maxCoeff() <= 1e-15);
  }
  {  // floats, integers, expressions, arrays
    state_type a(rule, 3), b(rule, 3), c(rule, 3);
    std::vector<float> const floats = {1, 0, 1};
    Eigen::Matrix<int, 3, 3> const ints = Eigen::Matrix<int, 3, 3>{{1, 4, 4}, {0, 4, 4}, {1, 4, 4}}.transpose();
    a.update(floats), b.update(ints.row(0)), c.update(Eigen::Vector3d(2, 0, 2) / 2);
    CHECK((a.weights() == b.weights()).all());
    CHECK((a.weights() == c.weights()).all());
  }
  {  // nobody awake
    state_type idle(rule, 2);
    CHECK(std::isnan(idle.update(Eigen::Vector2d(not_a_number, not_a_number))));
    CHECK(idle.rounds() == 0);
    CHECK(std::isnan(idle.predict(Eigen::Vector2d(1, 1), Eigen::Vector2d(0, 0))));
    CHECK(std::isnan(idle.update(1)));
    CHECK((idle.weights() == .5).all());
    // Somebody without any weight is alone.
    state_type alone(rule, 2);
    for (int t = 0; t < 2000; ++t) alone.update(Eigen::Vector2d(0, 1));
    CHECK(std::abs(alone.predict(Eigen::Vector2d(not_a_number, 7)) - 7) <= 1e-14);
    CHECK(std::abs(alone.mixture()(1) - 1) <= 1e-15);
  }
  {  // one expert
    state_type one(rule, 1);
    CHECK(one.predict(Eigen::VectorXd::Constant(1, 3)) == 3);
    one.update(1);
    CHECK(one.weights()(0) == 1);
    CHECK(one.regret() == 0);
    CHECK(one.loss() == 4);
    if constexpr (requires { one.bound(0); }) CHECK(one.bound(0) >= 0);
  }
  {  // bytes, with a prediction under way
    Eigen::ArrayXd const row = gauss(1, n, 7).row(0).transpose().array();
    state.predict(row);
    auto const bytes = state.pack();
    auto back = state_type::unpack(bytes);
    CHECK(back.pack() == bytes);
    CHECK((back.weights() == state.weights()).all());
    CHECK(back.update(.25) == state.update(.25));
    CHECK(back.pack() == state.pack());
    for (std::size_t b = 0; b < bytes.size(); b += 7) {
      auto broken = bytes;
      broken[b] ^= std::byte{4};
      CHECK_THROWS_AS(state_type::unpack(broken), robagg::bad_input);
      CHECK_THROWS_AS(state_type::unpack(std::span(bytes).first(b)), robagg::bad_input);
    }
    // Bytes of somebody who knows the checksum: refused, or a state that works.
    numbers random(17);
    for (int trial = 0; trial < 400; ++trial) {
      auto forged = bytes;
      for (int change = 0; change <= trial % 2; ++change) {
        double const values[] = {not_a_number, infinity, -infinity, 1e308, -1, 0, 1e-310, 2};
        auto const bits = std::bit_cast<std::uint64_t>(values[random.below(8)]);
        auto const at = 9 + static_cast<std::size_t>(random.below(static_cast<Index>(bytes.size()) - 26));
        for (std::size_t i = 0; i < 8; ++i) forged[at + i] = static_cast<std::byte>(bits >> 8 * i & 0xff);
      }
      std::size_t const body = forged.size() - 8;
      auto const sum = robagg::detail::checksum(std::span(forged).first(body));
      for (std::size_t i = 0; i < 8; ++i) forged[body + i] = static_cast<std::byte>(sum >> 8 * i & 0xff);
      try {
        auto odd = state_type::unpack(forged);
        if (odd.experts() != n) continue;
        odd.update(losses.row(0)), odd.predict(row);
        CHECK(odd.weights().isFinite().all());
        state_type::unpack(odd.pack());
      } catch (robagg::bad_input const&) {}
    }
  }
  {  // refusals change nothing
    auto const before = state.pack();
    double const bad = infinity;
    CHECK_THROWS_WITH(state.update(Eigen::Vector2d(1, 2)),
                      Catch::Contains("needs a number from each expert (numbers = 2, experts = 5)"));
    CHECK_THROWS_WITH(state.predict(Eigen::Vector2d(1, 2)), Catch::Contains("needs a number from each expert"));
    CHECK_THROWS_WITH(state.update(1), Catch::Contains("needs a prediction before its outcome"));
    CHECK_THROWS_WITH(state.update(Eigen::VectorXd::Constant(n, bad)),
                      Catch::Contains("needs losses between -1e140 and 1e140"));
    CHECK_THROWS_WITH(state.update(Eigen::VectorXd::Constant(n, -1e141)), Catch::Contains("needs losses between"));
    CHECK_THROWS_WITH(state.predict(Eigen::VectorXd::Constant(n, -bad)), Catch::Contains("needs finite forecasts"));
    CHECK_THROWS_WITH(state.update(losses.row(0), Eigen::VectorXd::Constant(n, 1.5)),
                      Catch::Contains("needs awake in [0, 1] (awake = 1.5)"));
    CHECK_THROWS_WITH(state.update(losses.row(0), Eigen::VectorXd::Constant(n, not_a_number)),
                      Catch::Contains("needs awake in [0, 1]"));
    CHECK_THROWS_WITH(state.update(losses.row(0), Eigen::Vector2d(1, 1)), Catch::Contains("needs awake for each expert"));
    CHECK(state.pack() == before);
    state.predict(losses.row(0));
    CHECK_THROWS_WITH(state.update(bad), Catch::Contains("needs a finite outcome"));
    CHECK_THROWS_WITH(state.update(1e200), Catch::Contains("needs losses"));
    state.update(1.);
    CHECK_THROWS_WITH(state_type(rule, 0), Catch::Contains("needs at least one expert (experts = 0)"));
    CHECK_THROWS_WITH(state_type(rule, 2, {.level = 1}), Catch::Contains("needs 0 < level < 1"));
    if constexpr (requires { state.bound(0); })
      CHECK_THROWS_WITH(state.bound(n), Catch::Contains("needs one of its experts (expert = 5, experts = 5)"));
  }
  std::vector<double> const prior = {0, 3, 1}, short_prior = {1}, bad_prior = {1, -1, 1}, no_prior = {0, 0, 0};
  if constexpr (Rule::takes_prior) {
    state_type some(rule, 3, {.prior = prior});
    CHECK(some.weights()(0) == 0);
    CHECK(std::abs(some.weights()(1) - .75) <= 1e-15);
    for (int t = 0; t < 5; ++t) some.update(Eigen::Vector3d(-1e3, 1, 1));
    CHECK(some.weights()(0) == 0);
    CHECK(std::abs(some.weights()(1) - .75) <= 1e-12 + (requires { rule.share; } ? .25 : 0.));
    CHECK((state_type::unpack(some.pack()).weights() == some.weights()).all());
    CHECK_THROWS_WITH(state_type(rule, 3, {.prior = short_prior}), Catch::Contains("needs a prior for each expert"));
    CHECK_THROWS_WITH(state_type(rule, 3, {.prior = bad_prior}), Catch::Contains("needs a finite prior >= 0"));
    CHECK_THROWS_WITH(state_type(rule, 3, {.prior = no_prior}), Catch::Contains("needs a prior with a weight above 0"));
  } else {
    CHECK_THROWS_WITH(state_type(rule, 3, {.prior = prior}), Catch::Contains("starts from equal weights"));
  }
}

}  // namespace robagg_test

// SPDX-License-Identifier: BSL-1.0
// Fixed share: by hand, and against every sequence of experts with so many switches.
#include "sequences.hpp"

using namespace robagg_test;

namespace {
// The least that a sequence of experts with at most so many switches loses: by dynamic programming.
double best_sequence(matrix const& losses, Index switches) {
  std::vector<Eigen::ArrayXd> best(static_cast<std::size_t>(switches + 1), Eigen::ArrayXd::Zero(losses.cols()));
  for (Index t = 0; t < losses.rows(); ++t) {
    for (std::size_t s = best.size(); s-- > 0;) {
      Eigen::ArrayXd from = best[s];
      if (s > 0) from = from.min(best[s - 1].minCoeff());
      best[s] = from + losses.row(t).transpose().array();
    }
  }
  return best.back().minCoeff();
}
}  // namespace

TEST_CASE("fixed share by hand") {
  robagg::expert_state state(robagg::fixed_share{.rate = 1, .share = .1}, 2, {.gradient = false});
  state.predict(Eigen::Vector2d(0, 1));
  state.update(0.);
  double const v = 1 / (1 + std::exp(-1.));
  CHECK(std::abs(state.weights()(0) - (.05 + .9 * v)) <= 1e-15);
  CHECK(std::abs(state.weights()(0) - .7079527208) <= 1e-9);
  CHECK(std::abs(state.bound(0) - (std::log(2.) + 1. / 8)) <= 1e-14);
  state.predict(Eigen::Vector2d(0, 1)), state.update(0.);
  CHECK(std::abs(state.bound(1, 1) - (2 * std::log(2.) + std::log(10.) + 2. / 8)) <= 1e-14);
  CHECK(std::abs(state.bound(1, 0) - (std::log(2.) - std::log(.9) + 2. / 8)) <= 1e-14);
  CHECK_THROWS_WITH(state.bound(0, -1), Catch::Contains("needs switches >= 0"));
}

TEST_CASE("fixed share follows experts that change, for no more than the bound") {
  for (double const share : {0., .001, .05, 1.}) {
    robagg::fixed_share const rule{.rate = .8, .share = share};
    check_regret(rule, 60, 4);
    check_experts(rule);
    for (auto const& [what, losses] : hostile_losses(60, 4)) {
      if (!(losses.array() == losses.array()).all()) continue;
      INFO(what << ", share " << share);
      robagg::expert_state state(rule, 4);
      for (Index t = 0; t < losses.rows(); ++t) state.update(losses.row(t));
      for (Index switches : {0, 1, 5}) {
        double const least = best_sequence(losses, switches), bound = state.bound(0, switches);
        CHECK(state.loss() - least <= bound + 1e-9 * (1 + bound));
      }
    }
  }
  // Without sharing it is hedge.
  robagg::expert_state none(robagg::fixed_share{.rate = .3, .share = 0}, 3);
  robagg::expert_state hedge(robagg::hedge{.rate = .3}, 3);
  matrix const x = gauss(9, 3, 1);
  for (Index t = 0; t < 9; ++t) none.update(x.row(t)), hedge.update(x.row(t));
  CHECK((none.weights() - hedge.weights()).abs().maxCoeff() <= 1e-14);
  CHECK_THROWS_WITH(robagg::expert_state(robagg::fixed_share{.rate = 0}, 2),
                    Catch::Contains("fixed_share: needs a rate > 0 (rate = 0)"));
  CHECK_THROWS_WITH(robagg::expert_state(robagg::fixed_share{.rate = 1, .share = 1.5}, 2),
                    Catch::Contains("needs a share in [0, 1]"));
}

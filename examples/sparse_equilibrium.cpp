// SPDX-License-Identifier: BSL-1.0
// Sparse equilibria (Foster, Golowich and Kakade, Hardness of independent learning and sparse equilibrium computation in Markov
// games, 2023): a correlated policy that is a mixture of few product policies is no harder to answer than by one who predicts
// his opponents. At the beginning of an episode one of `policies` product policies is drawn and kept secret. The player pools
// them by the log-loss aggregating algorithm, action after action, and so predicts almost as well as somebody who knows which
// was drawn.
#include <robagg/online.hpp>

#include <fmt/format.h>

#include <cmath>

namespace {

double uniform(std::uint64_t& state) {  // SplitMix64
  std::uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9, z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

}  // namespace

int main() {
  constexpr int policies = 6, actions = 3, episodes = 400;
  std::uint64_t random = 7;
  fmt::print("{} product policies of {} actions; means over {} episodes\n", policies, actions, episodes);
  bool below = true;
  double last = 2;
  for (int const horizon : {10, 100, 1000}) {
    // policy t in step h plays an action with probabilities of its own, whatever happened before.
    double divergences = 0, variations = 0;
    for (int episode = 0; episode < episodes; ++episode) {
      auto const drawn = static_cast<Eigen::Index>(uniform(random) * policies);
      robagg::expert_state player(robagg::aggregating_algorithm_log{}, policies);
      double variation = 0, divergence = 0;
      for (int h = 0; h < horizon; ++h) {
        robagg::table<double> plays(policies, actions);
        for (int t = 0; t < policies; ++t) {
          for (int a = 0; a < actions; ++a) plays(t, a) = .2 + uniform(random);
          plays.row(t) /= plays.row(t).sum();
        }
        Eigen::VectorXd const predicted = robagg::pool(player, plays);
        auto const truth = plays.row(drawn).transpose();
        variation += (predicted - truth).cwiseAbs().sum() / 2;
        divergence += (truth.array() * (truth.array() / predicted.array()).log()).sum();
        double place = uniform(random);
        int action = 0;
        while (action + 1 < actions && place >= plays(drawn, action)) place -= plays(drawn, action++);
        player.update_likelihoods(plays.col(action));
      }
      below = below && player.regret() <= player.bound(drawn) + 1e-9;  // in every episode, whatever was played
      divergences += divergence / episodes, variations += variation / horizon / episodes;
    }
    // Expected divergences sum to ln T at most; by Pinsker and Jensen the mean total variation is no more than this.
    double const bound = std::sqrt(std::log(policies) / (2 * horizon));
    fmt::print("{:5} steps: divergence {:.3f} in all (at most {:.3f}), total variation {:.4f} a step (at most {:.4f})\n",
               horizon, divergences, std::log(policies), variations, bound);
    below = below && divergences <= std::log(policies) && variations <= bound && variations < last;
    last = variations;
  }
  return below ? 0 : 1;
}

// SPDX-License-Identifier: BSL-1.0
// What are more samples worth? From one pool: the expected reward and the expected truth of best-of-n, pass@k, and how many
// samples it takes to have a right one.
#include <robagg/core.hpp>
#include <robagg/estimate/best_of_n_curve.hpp>
#include <robagg/estimate/draws_for_hits.hpp>
#include <robagg/estimate/pass_at_k.hpp>

#include <fmt/format.h>

int main() {
  using namespace robagg;
  // The reward model likes the fourth answer best, which is the worst.
  std::vector<double> const reward = {.1, .4, .2, .9, .5}, truth = {1, 3, 2, 0, 4};
  std::vector<Index> const ns = {1, 2, 3, 4, 5};
  auto const by_reward = best_of_n_curve{.ns = ns}(reward, reward), in_truth = best_of_n_curve{.ns = ns}(reward, truth);
  fmt::print("{:>2} {:>8} {:>8} {:>12}\n", "n", "reward", "truth", "nats at most");
  for (Index j = 0; j < 5; ++j) {
    fmt::print("{:>2} {:>8.2f} {:>8.2f} {:>12.2f}\n", j + 1, by_reward(j), in_truth(j), best_of_n_divergence(j + 1));
  }
  fmt::print("the reward rises, the truth falls: over-optimisation\n\n");

  fmt::print("12 of 100 samples are right: pass@1 {:.2f}, pass@10 {:.2f}; the highest of 3 rewards is {:.2f} on average\n",
             pass_at_k(100, 12, 1), pass_at_k(100, 12, 10), max_at_k{.k = 3}(reward));
  auto const draws = draws_for_hits{.safety = .95}(100, 12);
  fmt::print("to have a right one with 95 %: {} samples; two right ones: {}\n", *draws,
             *draws_for_hits{.safety = .95, .hits = 2}(100, 12));
  return in_truth(0) > in_truth(4) && by_reward(4) > by_reward(0) && *draws == 21 ? 0 : 1;
}

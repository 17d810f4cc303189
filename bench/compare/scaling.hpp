// SPDX-License-Identifier: BSL-1.0
// What more samples are worth: majority, best-of-n and best-of-majority on simulated problems where the right answer is
// neither the most frequent nor, among rare answers that the reward overrates, the best rewarded.
#pragma once

#include "plot.hpp"

#include <robagg/core.hpp>

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace robagg_compare {

using robagg::Index;

/// One kind of problem: answer 0 is right, 1 to 3 are wrong and more frequent, the others rare.
struct simulated_problem {
  static constexpr Index frequent = 3, rare = 400, overrated = 8, answers = 1 + frequent + rare;
  static constexpr double right = .1, wrong = .15;  ///< probabilities; the rare answers share the rest evenly
  static double reward(Index answer);
  static Index answer(double uniform);  ///< the answer that a uniform number in (0, 1) draws
  static std::string name(Index answer);
};

struct scaling_options {
  Index problems = 5000;
  std::vector<Index> ns = {10, 20, 50, 100, 200, 500, 1000, 2000};  ///< samples, increasing
  std::vector<Index> ks = {1, 3};                                   ///< answers that may be submitted
  double alpha = .075;                                              ///< of best_of_majority
  std::uint64_t seed = 1;
};

/// Throws usage_error for options that make no sense together.
void check(scaling_options const& options);

struct scaling_result {
  struct line {
    std::string rule;
    Index k = 1;
    std::vector<double> success;  ///< per n: the share of problems with the right answer among the k submitted
  };
  scaling_options options;
  std::vector<line> lines;
  double error = 0;  ///< the largest standard error of a share
};

/// Every rule sees the same samples; more samples are the fewer ones and others.
scaling_result compare_scaling(scaling_options const& options);

/// The first `samples` samples of the first `problems` problems as a file for `robagg-compare samples`.
std::string simulated_samples(scaling_options const& options, Index problems, Index samples);

std::string as_text(scaling_result const& result);
nlohmann::ordered_json as_json(scaling_result const& result);
std::string as_csv(scaling_result const& result);
plot_spec as_plot(scaling_result const& result);

}  // namespace robagg_compare

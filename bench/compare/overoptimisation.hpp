// SPDX-License-Identifier: BSL-1.0
// What conservative ensembles are worth: the true ("gold") reward of the best of n candidates, as reward models that err
// now and then choose them. The simulation follows Coste et al., Reward model ensembles help mitigate overoptimization.
#pragma once

#include "plot.hpp"

#include <robagg/core.hpp>

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace robagg_compare {

using robagg::Index;

struct overoptimisation_options {
  Index prompts = 2000, candidates = 1024, members = 5;
  double lambda = .5, beta = 2;  ///< of uncertainty_weighted and soft_min
  std::uint64_t seed = 1;
};

/// Throws usage_error for options that make no sense together.
void check(overoptimisation_options const& options);

/// Candidates' qualities are standard normal. A member adds noise (standard deviation 0.5) and overrates 2 % of the candidates,
/// each member others, by an exponential amount of mean 4. 1 % have a flaw that no member sees and that costs 3 gold.
struct simulated_prompt {
  robagg::table<double> rewards;  ///< members x candidates
  Eigen::VectorXd gold;
};

struct overoptimisation_result {
  struct line {
    std::string label, description;
    std::vector<double> gold, error;  ///< per n: the mean over prompts, and its standard error
  };
  overoptimisation_options options;
  std::vector<Index> ns;  ///< powers of two up to the number of candidates
  std::vector<line> lines;
};

/// Every rule sees the same rewards; the curves are exact expectations over subsets of a prompt's candidates.
overoptimisation_result compare_overoptimisation(overoptimisation_options const& options);

std::string as_text(overoptimisation_result const& result);
nlohmann::ordered_json as_json(overoptimisation_result const& result);
std::string as_csv(overoptimisation_result const& result);
plot_spec as_plot(overoptimisation_result const& result);

}  // namespace robagg_compare

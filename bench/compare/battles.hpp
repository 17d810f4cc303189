// SPDX-License-Identifier: BSL-1.0
// A leaderboard from battles of two: Bradley and Terry's strengths, what may have swayed the outcomes, and rules that count
// majorities.
#pragma once

#include "ranks.hpp"

namespace robagg_compare {

struct battles_options : ranks_options {
  robagg::tie_model ties = robagg::tie_model::half_wins;
  double ridge = 0;
};

struct battles_result : leaderboard {
  using leaderboard::leaderboard;
  robagg::tie_model ties = robagg::tie_model::half_wins;
  Index battles = 0, tied = 0;
  robagg::strengths strengths;
  Eigen::VectorXd rating, low, high;  ///< 400 points are odds of 10 to 1; of mean 1000
  std::vector<double> fought, win_rate;
  struct coefficient {
    std::string name;
    double value, error;  ///< log odds for a unit, and their standard error
  };
  std::vector<coefficient> coefficients;
  Index lost_draws = 0;  ///< of the bootstrap: somebody won or lost all
};

battles_result compare_battles(battle_file const& battles, battles_options const& options);
std::string as_text(battles_result const& result);
nlohmann::ordered_json as_json(battles_result const& result);
/// Ratings instead of ranks, where all are on one scale.
interval_spec as_plot(battles_result const& result);

}  // namespace robagg_compare

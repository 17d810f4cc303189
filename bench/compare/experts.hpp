// SPDX-License-Identifier: BSL-1.0
// Experts who forecast the same outcomes, weighed round after round by every rule: what that costs beside the best of them.
#pragma once

#include "forecasts.hpp"
#include "plot.hpp"

#include <robagg/online/forecast_loss.hpp>

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace robagg_compare {

using robagg::Index;
using robagg::table;

struct expert_file {
  std::string file;
  std::vector<std::string> names;
  table<double> forecasts;  ///< rounds x experts; NaN: asleep
  Eigen::VectorXd outcomes;
  std::vector<std::string> explained, said;
};

/// CSV or JSON lines in the order of time: the column outcome (truth, target, actual, y, value), perhaps time (date, t), and
/// every other column of numbers an expert; an empty field is asleep.
expert_file read_experts(std::filesystem::path const& file);
/// The medians of forecasts of one horizon.
expert_file experts_of(forecast_set const& set, std::string const& horizon);

struct experts_options {
  robagg::forecast_loss loss = robagg::forecast_loss::square;
  double level = .5;
  bool gradient = true;
};

struct experts_result {
  experts_options options;
  std::string file;
  Index rounds = 0;
  struct expert {
    std::string name;
    double loss = 0;  ///< a round
    Index awake = 0;
  };
  std::vector<expert> experts;
  Index best = 0;  ///< the expert that lost least of those who were awake most
  struct line {
    std::string rule;
    double loss = 0;              ///< a round
    double regret = 0;            ///< to the best expert, over the rounds in which that one was awake
    std::optional<double> bound;  ///< what theory allows for it
    Eigen::VectorXd weights;      ///< at the end; empty for rules that have none
    std::vector<double> regrets;  ///< so far, after each round
  };
  std::vector<line> lines;
  std::vector<std::string> explained, said;
};

experts_result compare_experts(expert_file const& file, experts_options const& options);

std::string as_text(experts_result const& result);
nlohmann::ordered_json as_json(experts_result const& result);
/// A line for every rule: loss, regret, bound and final weights.
std::string as_csv(experts_result const& result);
/// Regret to the best expert over time.
plot_spec as_plot(experts_result const& result);

}  // namespace robagg_compare

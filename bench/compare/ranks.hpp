// SPDX-License-Identifier: BSL-1.0
// A leaderboard from a table of scores: systems ranked by every rule, how sure the ranks are, and which task decides.
#pragma once

#include <robagg/rank.hpp>

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace robagg_compare {

using robagg::Index;
using robagg::table;

struct score_file {
  std::vector<std::string> systems, tasks;
  table<double> scores;  ///< tasks x systems; NaN: there is none
  std::vector<std::string> explained, said;
};

/// One of these, as CSV or JSON lines:
///   a line a system: its name (column system, model, method or name, or the first one), and a column of numbers for each task
///   a line a score: the columns system (model, method), task (dataset, benchmark, metric) and score (value, result)
/// `lower`: the tasks in which the smaller score is the better.
score_file read_scores(std::filesystem::path const& file, std::vector<std::string> const& lower);

struct ranks_options {
  robagg::unranked unranked = robagg::unranked::ignored;
  Index resamples = 1000;
  double level = .95;
  std::uint64_t seed = 1;
};

struct ranks_result {
  struct line {
    std::string rule;
    Eigen::VectorXd scores, ranks;
    double tau = 0;  ///< Kendall's tau b to the first rule
  };
  ranks_options options;
  std::string file;
  std::vector<std::string> systems, tasks;
  Index missing = 0;
  std::vector<line> lines;
  robagg::uncertain_ranks sure;  ///< of the first rule
  double kemeny_cost = 0, kemeny_bound = 0;
  /// Without this task another system would be first: names of both.
  std::vector<std::pair<std::string, std::string>> decisive;
  std::vector<std::string> explained, said;
};

ranks_result compare_ranks(score_file const& scores, std::string const& file, ranks_options const& options);

std::string as_text(ranks_result const& result);
nlohmann::ordered_json as_json(ranks_result const& result);
/// A line for every system and rule.
std::string as_csv(ranks_result const& result);

}  // namespace robagg_compare

// SPDX-License-Identifier: BSL-1.0
// What leaderboards are made from, read from delimited text or JSON lines: scores, battles or the marks of judges.
#pragma once

#include <robagg/core.hpp>

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace robagg_compare {

using robagg::Index;
using robagg::table;

/// What every kind of file has: how it was understood, and what its reader ought to know.
struct file_notes {
  std::string file;
  std::vector<std::string> explained, said;
};

struct score_file : file_notes {
  std::vector<std::string> systems, tasks;
  table<double> scores;  ///< tasks x systems; NaN: there is none
};

struct battle_file : file_notes {
  std::vector<std::string> systems, covariates;
  std::vector<Index> winners, losers;  ///< of a tie: either way
  std::vector<bool> tied;
  table<double> z;  ///< battles x covariates, of the winner less of the loser
  Index ties = 0;
};

struct judgement_file : file_notes {
  std::vector<std::string> judges, axes, items;
  std::vector<table<double>> marks;  ///< for each axis judges x items; NaN: there is none
};

struct ranks_reading {
  std::vector<std::string> lower = {};  ///< tasks in which the smaller score is the better
  std::vector<std::string> covariates =
      {};                 ///< of battles: columns of numbers, or NAME_a and NAME_b, that may have swayed them
  bool position = false;  ///< of battles: being named first may have, too
};

using ranks_file = std::variant<score_file, battle_file, judgement_file>;

/// Decides by the columns:
///   winner and loser, or model_a, model_b and winner             battles
///   judge, item (system, model) and score, perhaps axis          judges
///   system, task and score; or a line a system, a column a task  scores
ranks_file read_ranks(std::filesystem::path const& file, ranks_reading const& reading);

}  // namespace robagg_compare

// SPDX-License-Identifier: BSL-1.0
// Elections from a file: what models said of inputs, with certificates, and certified accuracy where the truth is known.
#pragma once

#include "plot.hpp"

#include <robagg/vote/election.hpp>

#include <nlohmann/json_fwd.hpp>

#include <robagg/reports.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace robagg_compare {

using robagg::Index;
using robagg::table;

/// What the models said of one input: a row of scores for each that said something.
struct voted_input {
  std::string name;
  table<double> scores;       ///< models that voted x classes
  std::vector<Index> models;  ///< those of the rows
  Index label = -1;           ///< the right class; -1: not known
};

struct vote_file {
  std::vector<std::string> classes, models;
  std::vector<voted_input> inputs;
  bool ranked = false;  ///< scores, not first choices alone: a run-off can ask for second ones
  std::vector<std::string> explained, said;
};

/// One of these:
///   a line a vote: the columns input, model and class (or prediction), with or without score; with or without label
///   a line an input: the column label, maybe input, and a column for each model, of classes
///   a .npy array: inputs x models of classes (whole numbers), or inputs x models x classes of scores
/// `labels`: a file of the right classes, one a line or an array, where the votes do not say them.
vote_file read_votes(std::filesystem::path const& votes, std::filesystem::path const& labels);

struct elections_options {
  std::vector<Index> budgets = {0, 1, 2, 5, 10, 20};  ///< of changed models
  std::vector<std::pair<std::string, double>> weights = {};
};

struct elections_result {
  struct line {
    std::string rule;
    std::vector<robagg::election> votes;
    double accuracy = 0;        ///< of the inputs with a label
    std::vector<double> curve;  ///< certified accuracy for the budgets 0, 1, ..., until it is 0
    double certified(Index budget) const {
      return budget < static_cast<Index>(curve.size()) ? curve[static_cast<std::size_t>(budget)] : 0;
    }
    Index median_radius = 0;
    Index ties = 0;  ///< inputs whose first two have the same votes: the lower class wins
  };
  elections_options options;
  std::string file;
  std::vector<std::string> classes, names;
  Index models = 0, labelled = 0;
  std::vector<Index> labels;
  std::vector<line> lines;
  std::vector<std::string> explained, said;
};

elections_result compare_elections(vote_file const& votes, std::string const& file, elections_options const& options);

std::string as_text(elections_result const& result);
nlohmann::ordered_json as_json(elections_result const& result);
/// A line for every input and rule.
std::string as_csv(elections_result const& result);
plot_spec as_plot(elections_result const& result);

}  // namespace robagg_compare

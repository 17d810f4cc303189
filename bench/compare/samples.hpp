// SPDX-License-Identifier: BSL-1.0
// Which answer to take of many: every vote rule on samples of yours, scored by the right answers.
#pragma once

#include <robagg/core.hpp>

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace robagg_compare {

using robagg::Index;

/// The samples of one problem, in the order of the file. Answers are numbered as they appear.
struct sampled_problem {
  std::string name;
  std::vector<int> labels;  ///< -1: no answer
  std::vector<double> scores;
  std::vector<bool> right;  ///< per answer: is any sample with it marked correct?

  bool solved_by(int label) const { return label >= 0 && right[static_cast<std::size_t>(label)]; }
};

/// CSV as in RFC 4180. The header names the columns problem, answer, score and correct, in any order; others are ignored.
/// `score` may be empty or nan, which is none; `correct` is 1, 0, true, false or empty, which is no mark. An answer with
/// both marks is an error, and so is an empty answer that is marked correct. `file` is for messages.
std::vector<sampled_problem> parse_samples(std::string const& text, std::string const& file);
std::vector<sampled_problem> read_samples(std::filesystem::path const& file);

struct samples_options {
  std::vector<Index> ks = {1, 3};  ///< answers that may be submitted
  std::vector<Index> ns = {};      ///< random subsets of so many samples; all samples are always compared
  Index draws = 20;                ///< subsets of each problem
  Index resamples = 1000;          ///< of the bootstrap
  double alpha = -1;               ///< of best_of_majority; below 0: answers that came at least twice
  std::uint64_t seed = 1;
};

/// Throws usage_error for options that make no sense together.
void check(samples_options const& options);

struct share {
  double value = 0, low = 0, high = 0;  ///< a mean over problems, and the 95 % interval of the percentile bootstrap
};

/// The columns' means; each resample draws as many rows as there are. The same rows for every column.
std::vector<share> bootstrap(robagg::table<double> const& outcomes, Index resamples, std::uint64_t seed);

struct samples_result {
  struct line {
    std::string rule;
    std::vector<share> success;  ///< per k: problems with a right answer among the k submitted
  };
  struct part {
    Index n = 0;  ///< samples of each problem; 0: all
    std::vector<line> lines;
    share one, oracle;  ///< a sample chosen at random is right; any of the samples is
  };
  samples_options options;
  std::string file;
  Index problems = 0, samples = 0, fewest = 0, most = 0, invalid = 0, unscored = 0;
  std::vector<part> parts;
  std::vector<std::pair<std::string, std::string>> rules;  ///< and what they are
  std::vector<std::pair<std::string, std::string>> unfit;  ///< rules that these scores do not suit, and why
};

samples_result compare_samples(std::vector<sampled_problem> const& problems, std::string const& file,
                               samples_options const& options);

std::string as_text(samples_result const& result);
nlohmann::ordered_json as_json(samples_result const& result);
std::string as_csv(samples_result const& result);

}  // namespace robagg_compare

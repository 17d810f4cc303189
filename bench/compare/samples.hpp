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

/// A file of samples, and how it was understood.
struct sampled_file {
  std::vector<sampled_problem> problems;
  std::string format = {};
  std::vector<std::string> columns = {};  ///< the headings of problem, answer, score and correct; empty: there is none
  bool has_answers = true, has_scores = true;
  Index mixed = 0;  ///< answers that are equal only when they are normalised, and were marked both right and wrong: right
};

/// Delimited text or JSON lines with the columns problem, answer, score and correct (or problem_id, task_id, question_id,
/// question; prediction, response; reward, confidence; is_correct, passed), in any order; others are ignored. Answers and
/// scores may be missing as columns and as values; `correct` is 1, 0, true, false, yes, no or absent, which is no mark. An
/// answer with both marks is an error, and so is an empty answer that is marked correct. `normalise`: answers are compared
/// without case, blanks around them and a full stop behind, numbers as numbers. `file` is for messages.
sampled_file parse_sample_file(std::string const& text, std::string const& file, bool normalise = false);
sampled_file read_sample_file(std::filesystem::path const& file, bool normalise = false);
std::vector<sampled_problem> parse_samples(std::string const& text, std::string const& file);
std::vector<sampled_problem> read_samples(std::filesystem::path const& file);
/// An answer as it is compared then.
std::string normalised(std::string const& answer);

struct samples_options {
  std::vector<Index> ks = {1, 3};  ///< answers that may be submitted
  std::vector<Index> ns = {};      ///< subsets of so many samples, of all where there are fewer; all are always compared
  Index draws = 20;                ///< random subsets of each problem, for rules that are not computed over all of them
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
    std::vector<share> success;  ///< per k: problems with a right answer among the k submitted, expected over ties
    Index ties = 0;              ///< of all samples: problems in which the first place is tied
    bool exact = true;           ///< not over random subsets, or orders of samples whose scores are equal
  };
  struct part {
    Index n = 0;  ///< samples of each problem; 0: all
    std::vector<line> lines;
    share one, oracle;  ///< a sample chosen at random is right (avg@n); any of the samples is (pass@n)
    Index fewer = 0;    ///< problems that have fewer samples, all of which count
  };
  samples_options options;
  std::string file;
  Index problems = 0, samples = 0, fewest = 0, most = 0, invalid = 0, unscored = 0;
  std::vector<part> parts;
  std::vector<std::pair<std::string, std::string>> rules;  ///< and what they are
  std::vector<std::pair<std::string, std::string>> unfit;  ///< rules that these scores do not suit, and why
  std::vector<std::string> explained, said;
};

/// Is one of the k best answers right? Among equals all orders are alike; where `weights` differ, one of weight 2 comes first
/// twice as often as one of weight 1.
struct ranked_answer {
  double total = 0, weight = 1;
  bool right = false;
};
double chance_of_right(std::vector<ranked_answer> answers, Index k);
/// The chance that the most frequent answer of n samples, drawn without replacement, is right, with ties shared alike:
/// by counts of the right and of the wrong answers, and how many samples have none.
double chance_of_majority(std::vector<Index> const& right, std::vector<Index> const& wrong, Index without, Index n);

samples_result compare_samples(sampled_file const& samples, std::string const& file, samples_options const& options);
samples_result compare_samples(std::vector<sampled_problem> const& problems, std::string const& file,
                               samples_options const& options);

std::string as_text(samples_result const& result);
nlohmann::ordered_json as_json(samples_result const& result);
std::string as_csv(samples_result const& result);

}  // namespace robagg_compare

// SPDX-License-Identifier: BSL-1.0
#include "samples.hpp"

#include "csv.hpp"
#include "error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <unordered_map>

namespace robagg_compare {

std::vector<sampled_problem> parse_samples(std::string const& text, std::string const& file) {
  csv_records records(text, file);
  std::vector<std::string> fields;
  if (!records.next(fields)) throw usage_error(fmt::format("{}: is empty", file));
  constexpr std::array names = {"problem", "answer", "score", "correct"};
  std::array<std::size_t, names.size()> column{};
  std::size_t const width = fields.size();
  for (std::size_t c = 0; c < names.size(); ++c) {
    std::size_t found = width;
    for (std::size_t i = 0; i < width; ++i) {
      if (trimmed(fields[i]) != names[c]) continue;
      if (found < width)
        throw usage_error(fmt::format("{}: line {}: two columns are named '{}'", file, records.line(), names[c]));
      found = i;
    }
    if (found == width) {
      throw usage_error(fmt::format("{}: line {}: no column is named '{}'; problem, answer, score and correct are needed", file,
                                    records.line(), names[c]));
    }
    column[c] = found;
  }

  struct marked {
    int label;
    Index yes = 0, no = 0;  // the first lines that say so; 0: none
  };
  std::vector<sampled_problem> problems;
  std::unordered_map<std::string, std::size_t> number;           // of a problem
  std::vector<std::unordered_map<std::string, marked>> answers;  // per problem
  while (records.next(fields)) {
    Index const line = records.line();
    if (fields.size() != width) {
      throw usage_error(fmt::format("{}: line {} has {} field{}, the header has {}", file, line, fields.size(),
                                    fields.size() == 1 ? "" : "s", width));
    }
    auto const value = [&](std::size_t c) { return trimmed(fields[column[c]]); };
    auto const name = value(0), answer = value(1), score = value(2);
    auto mark = value(3);
    std::transform(mark.begin(), mark.end(), mark.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    bool const yes = mark == "1" || mark == "true", no = mark == "0" || mark == "false";
    if (!yes && !no && !mark.empty()) {
      throw usage_error(fmt::format("{}: line {}: correct is '{}'; 1, 0, true or false is needed", file, line, shown(mark)));
    }
    if (yes && answer.empty()) throw usage_error(fmt::format("{}: line {}: an empty answer is marked correct", file, line));
    auto const number_read = score.empty() ? std::numeric_limits<double>::quiet_NaN() : as_number(score);
    if (!number_read) {
      throw usage_error(fmt::format("{}: line {}: the score '{}' is not a number", file, line, shown(score)));
    }

    auto const [at, fresh] = number.try_emplace(name, problems.size());
    if (fresh) problems.push_back({name, {}, {}, {}}), answers.emplace_back();
    auto& problem = problems[at->second];
    int label = -1;
    if (!answer.empty()) {
      auto& known = answers[at->second].try_emplace(answer, marked{static_cast<int>(problem.right.size())}).first->second;
      label = known.label;
      if (static_cast<std::size_t>(label) == problem.right.size()) problem.right.push_back(false);
      if (yes && known.yes == 0) known.yes = line;
      if (no && known.no == 0) known.no = line;
      if (known.yes > 0 && known.no > 0) {
        throw usage_error(fmt::format("{}: line {}: the answer '{}' of problem '{}' is marked {}, but {} on line {}", file,
                                      line, shown(answer), shown(name), yes ? "correct" : "wrong", yes ? "wrong" : "correct",
                                      yes ? known.no : known.yes));
      }
      if (yes) problem.right[static_cast<std::size_t>(label)] = true;
    }
    problem.labels.push_back(label);
    problem.scores.push_back(*number_read);
  }
  if (problems.empty()) throw usage_error(fmt::format("{}: holds no samples", file));
  return problems;
}

std::vector<sampled_problem> read_samples(std::filesystem::path const& path) {
  return parse_samples(file_content(path), path.string());
}

}  // namespace robagg_compare

// SPDX-License-Identifier: BSL-1.0
#include "samples.hpp"

#include "error.hpp"
#include "records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <unordered_map>

namespace robagg_compare {
namespace {

using names = std::vector<std::string>;

struct marked {
  int label;
  Index yes = 0, no = 0;  // the first lines that say so; 0: none
};

// The mark of a sample: right, wrong or none.
std::optional<bool> mark_of(named_records const& row, std::size_t column) {
  auto const& text = row[column];
  if (absent(text)) return std::nullopt;
  if (auto const mark = as_mark(text)) return mark;
  throw row.wrong(fmt::format("correct is '{}'; 1, 0, true, false, yes or no is needed", shown(lower(text))));
}

}  // namespace

std::string normalised(std::string const& answer) {
  std::string plain;
  for (char const c : answer) {
    bool const blank = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (blank && (plain.empty() || plain.back() == ' ')) continue;
    plain += blank ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  while (!plain.empty() && (plain.back() == ' ' || plain.back() == '.')) plain.pop_back();
  std::string digits;  // 1,234.50 is 1234.5
  for (std::size_t i = 0; i < plain.size(); ++i) {
    bool const thousands =
        plain[i] == ',' && i > 0 && i + 3 < plain.size() &&
        std::all_of(plain.begin() + static_cast<std::ptrdiff_t>(i) + 1, plain.begin() + static_cast<std::ptrdiff_t>(i) + 4,
                    [](char c) { return c >= '0' && c <= '9'; });
    if (!thousands) digits += plain[i];
  }
  auto const number = as_number(digits);
  return number ? fmt::format("{}", *number == 0 ? 0. : *number) : plain;
}

sampled_file parse_sample_file(std::string const& text, std::string const& file, bool normalise) {
  named_records row(text, file);
  auto const problem = row.needed({"problem", "problem_id", "task_id", "question_id", "question"});
  auto const correct = row.needed({"correct", "is_correct", "passed"});
  auto const answer = row.find({"answer", "prediction", "response"}), score = row.find({"score", "reward", "confidence"});
  sampled_file out;
  out.format = row.format(), out.has_answers = answer != named_records::none, out.has_scores = score != named_records::none;
  for (auto const column : {problem, answer, score, correct})
    out.columns.push_back(column == named_records::none ? "" : row.headings()[column]);
  std::unordered_map<std::string, std::size_t> number;           // of a problem
  std::vector<std::unordered_map<std::string, marked>> answers;  // per problem
  while (row.next()) {
    auto const mark = mark_of(row, correct);
    bool const yes = mark && *mark, no = mark && !*mark;
    auto const value = row.number(score, "score");
    auto const [at, fresh] = number.try_emplace(row[problem], out.problems.size());
    if (fresh) out.problems.push_back({row[problem], {}, {}, {}}), answers.emplace_back();
    auto& p = out.problems[at->second];
    auto& known_answers = answers[at->second];
    // Without a column of answers each sample has one of its own.
    auto const given = out.has_answers ? row[answer] : fmt::format("{}", p.labels.size());
    int label = -1;
    if (absent(given)) {
      if (yes) throw row.wrong("an empty answer is marked correct");
    } else {
      auto const text_of = normalise && out.has_answers ? normalised(given) : given;
      auto& known = known_answers.try_emplace(text_of, marked{static_cast<int>(p.right.size())}).first->second;
      label = known.label;
      if (static_cast<std::size_t>(label) == p.right.size()) p.right.push_back(false);
      if (yes && known.yes == 0) known.yes = row.line();
      if (no && known.no == 0) known.no = row.line();
      if (known.yes > 0 && known.no > 0 && !normalise) {
        throw row.wrong(fmt::format("the answer '{}' of problem '{}' is marked {}, but {} on line {}", shown(given),
                                    shown(row[problem]), yes ? "correct" : "wrong", yes ? "wrong" : "correct",
                                    yes ? known.no : known.yes));
      }
      if (yes) p.right[static_cast<std::size_t>(label)] = true;
    }
    p.labels.push_back(label);
    p.scores.push_back(value.value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  if (out.problems.empty()) throw usage_error(fmt::format("{}: holds no samples", file));
  for (auto const& known_answers : answers) {
    for (auto const& [text_of, m] : known_answers) out.mixed += m.yes > 0 && m.no > 0;
  }
  return out;
}

sampled_file read_sample_file(std::filesystem::path const& path, bool normalise) {
  return parse_sample_file(file_content(path), path.string(), normalise);
}

std::vector<sampled_problem> parse_samples(std::string const& text, std::string const& file) {
  return parse_sample_file(text, file).problems;
}

std::vector<sampled_problem> read_samples(std::filesystem::path const& path) { return read_sample_file(path).problems; }

}  // namespace robagg_compare

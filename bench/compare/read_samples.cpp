// SPDX-License-Identifier: BSL-1.0
#include "samples.hpp"

#include "error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <unordered_map>

namespace robagg_compare {
namespace {

// The records of a CSV file: quoted fields may hold separators, doubled quotes and line ends.
class record_reader {
 public:
  record_reader(std::string_view text, std::string const& file) : rest_(text), file_(file) {
    if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
  }
  // The next record that is not an empty line; false at the end.
  bool next(std::vector<std::string>& fields) {
    do {
      if (rest_.empty()) return false;
      line_ = next_line_;
      fields.clear();
      while (field(fields.emplace_back())) {
      }
    } while (fields.size() == 1 && fields.front().empty());
    return true;
  }
  Index line() const { return line_; }  // on which the record begins

 private:
  // Reads one field; false if it was the last one of its record.
  bool field(std::string& value) {
    bool const quoted = rest_.starts_with('"');
    if (quoted) {
      for (rest_.remove_prefix(1);; rest_.remove_prefix(1)) {
        if (rest_.empty()) throw usage_error(fmt::format("{}: line {}: a quote is not closed", file_, line_));
        if (rest_.starts_with("\"\""))
          rest_.remove_prefix(1);
        else if (rest_.front() == '"')
          break;
        next_line_ += rest_.front() == '\n';
        value += rest_.front();
      }
      rest_.remove_prefix(1);
    }
    auto const end = std::min(rest_.find_first_of(",\n"), rest_.size());
    auto more = rest_.substr(0, end);
    bool const last = end == rest_.size() || rest_[end] == '\n';
    if (last && more.ends_with('\r')) more.remove_suffix(1);
    if (quoted && !more.empty()) {
      throw usage_error(fmt::format("{}: line {}: text follows a closing quote", file_, next_line_));
    }
    value += more;
    next_line_ += last;
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return !last;
  }

  std::string_view rest_;
  std::string const& file_;
  Index line_ = 1, next_line_ = 1;
};

std::string shown(std::string const& text) { return text.size() > 24 ? text.substr(0, 24) + "..." : text; }

// Blanks around a value are none of it.
std::string trimmed(std::string const& text) {
  auto const first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
  return first == text.npos ? std::string() : text.substr(first, last - first + 1);
}

}  // namespace

std::vector<sampled_problem> parse_samples(std::string const& text, std::string const& file) {
  record_reader records(text, file);
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
    char* end = nullptr;
    double const number_read = score.empty() ? std::numeric_limits<double>::quiet_NaN() : std::strtod(score.c_str(), &end);
    if (!score.empty() && end != score.c_str() + score.size()) {
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
    problem.scores.push_back(number_read);
  }
  if (problems.empty()) throw usage_error(fmt::format("{}: holds no samples", file));
  return problems;
}

std::vector<sampled_problem> read_samples(std::filesystem::path const& path) {
  std::string const file = path.string();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) throw usage_error(fmt::format("{}: there is no such file", file));
  if (std::filesystem::is_directory(path, error)) throw usage_error(fmt::format("{}: is a folder, not a file", file));
  std::ifstream in(path, std::ios::binary);
  std::string const text{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw usage_error(fmt::format("{}: cannot be read", file));
  return parse_samples(text, file);
}

}  // namespace robagg_compare

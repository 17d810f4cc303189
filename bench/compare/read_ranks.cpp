// SPDX-License-Identifier: BSL-1.0
#include "read_ranks.hpp"

#include "error.hpp"
#include "records.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

namespace robagg_compare {
namespace {

using names = std::vector<std::string>;
constexpr auto none = named_records::none;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

names const system_names = {"system", "model", "model_name", "method", "submission", "name"},
            task_names = {"task", "dataset", "benchmark", "metric", "test"}, score_names = {"score", "value", "result"},
            first_names = {"model_a", "system_a", "player_a", "a", "left"},
            second_names = {"model_b", "system_b", "player_b", "b", "right"},
            winner_names = {"winner", "outcome", "preference", "result", "label"}, loser_names = {"loser"},
            judge_names = {"judge", "annotator", "rater", "grader", "reviewer"},
            axis_names = {"axis", "criterion", "aspect", "dimension", "rubric", "metric", "task"},
            item_names = {"item", "system", "model", "model_name", "method", "submission", "answer", "name"};

// A line a score.
void read_long(score_file& to, named_records& rows, std::size_t system, std::size_t task, std::size_t score) {
  numbering systems, tasks;
  std::map<std::pair<Index, Index>, std::pair<double, Index>> seen;  // the score and its line
  while (rows.next()) {
    if (rows[system].empty() || rows[task].empty()) throw rows.wrong("a score needs a system and a task");
    std::pair const at(tasks.of(rows[task]), systems.of(rows[system]));
    auto const [before, fresh] = seen.try_emplace(at, rows.number(score, "score").value_or(missing), rows.line());
    if (!fresh) {
      throw rows.wrong(fmt::format("'{}' has a score for '{}' already, on line {}", shown(rows[system]), shown(rows[task]),
                                   before->second.second));
    }
  }
  to.systems = std::move(systems.all), to.tasks = std::move(tasks.all);
  to.scores.setConstant(static_cast<Index>(to.tasks.size()), static_cast<Index>(to.systems.size()), missing);
  for (auto const& [at, score_and_line] : seen) to.scores(at.first, at.second) = score_and_line.first;
  to.explained.push_back(fmt::format("a line a score: system '{}', task '{}', score '{}'", rows.title(system), rows.title(task),
                                     rows.title(score)));
}

// A line a system. Columns that hold a text are no tasks.
void read_wide(score_file& to, named_records& rows, std::size_t system) {
  std::size_t const columns = rows.headings().size();
  std::vector<std::vector<double>> values;
  std::vector<std::string> text(columns);
  std::vector<Index> text_line(columns, 0), lines;
  numbering systems;
  while (rows.next()) {
    auto const name = rows[system];
    if (name.empty()) throw rows.wrong("a line without a name");
    auto const place = static_cast<std::size_t>(systems.of(name));
    if (place < lines.size()) { throw rows.wrong(fmt::format("'{}' has a line already, line {}", shown(name), lines[place])); }
    lines.push_back(rows.line());
    auto& own = values.emplace_back(columns, missing);
    for (std::size_t c = 0; c < columns; ++c) {
      if (c == system || absent(rows[c])) continue;
      auto const number = as_number(rows[c]);
      if (number) {
        own[c] = *number;
      } else if (text_line[c] == 0) {
        text[c] = rows[c], text_line[c] = rows.line();
      }
    }
  }
  to.systems = std::move(systems.all);
  std::vector<std::size_t> tasks;
  for (std::size_t c = 0; c < columns; ++c) {
    if (c == system) continue;
    bool const any = std::any_of(values.begin(), values.end(), [&](auto const& own) { return !std::isnan(own[c]); });
    if (text_line[c] != 0 && any)
      throw usage_error(fmt::format("{}: line {}: '{}' in the column '{}' is not a number", rows.file(), text_line[c],
                                    shown(text[c]), rows.title(c)));
    if (!any) {
      to.said.push_back(fmt::format("The column '{}' has no numbers and is no task.", rows.title(c)));
      continue;
    }
    tasks.push_back(c), to.tasks.push_back(rows.title(c));
  }
  to.scores.resize(static_cast<Index>(tasks.size()), static_cast<Index>(values.size()));
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    for (std::size_t s = 0; s < values.size(); ++s)
      to.scores(static_cast<Index>(t), static_cast<Index>(s)) = values[s][tasks[t]];
  }
  to.explained.push_back(
      fmt::format("a line a system, named by '{}'; tasks: {}", rows.title(system), fmt::join(to.tasks, ", ")));
}

score_file read_scores(named_records& rows, names const& lower_is_better) {
  score_file to;
  auto const system = rows.find(system_names), task = rows.find(task_names), score = rows.find(score_names);
  if (system != none && task != none && score != none) {
    read_long(to, rows, system, task, score);
  } else {
    read_wide(to, rows, system != none ? system : 0);
  }
  if (to.systems.size() < 2) {
    throw usage_error(fmt::format("{}: holds {}, and a ranking needs two", rows.file(),
                                  counted(static_cast<Index>(to.systems.size()), "system")));
  }
  if (to.tasks.empty()) throw usage_error(fmt::format("{}: holds no column of numbers beside the names", rows.file()));
  for (auto const& name : lower_is_better) {
    auto const found = std::find(to.tasks.begin(), to.tasks.end(), name);
    if (found == to.tasks.end()) {
      auto const like = nearest(name, to.tasks);
      throw usage_error(fmt::format("--lower: there is no task '{}'{}", name,
                                    like.empty() ? "" : fmt::format("; the nearest is '{}'", like)));
    }
    to.scores.row(found - to.tasks.begin()) *= -1;
  }
  for (Index t = 0; t < to.scores.rows(); ++t) {
    if ((to.scores.row(t).array() == to.scores.row(t).array()).count() < 2) {
      to.said.push_back(fmt::format("The task '{}' has a score for fewer than two systems and ranks nobody.",
                                    to.tasks[static_cast<std::size_t>(t)]));
    }
  }
  for (Index s = 0; s < to.scores.cols(); ++s) {
    if (to.scores.col(s).array().isNaN().all()) {
      to.said.push_back(fmt::format("'{}' has no score at all.", to.systems[static_cast<std::size_t>(s)]));
    }
  }
  return to;
}

// Of a battle: who won, or that nobody did; none where the field is empty.
enum class outcome { first, second, tie };
std::optional<outcome> outcome_of(std::string const& given, std::string const& a, std::string const& b,
                                  named_records const& rows, std::string const& title) {
  if (absent(given)) return {};
  if (given == a) return outcome::first;
  if (given == b) return outcome::second;
  auto const word = lower(given);
  for (auto const* first : {"model_a", "system_a", "player_a", "a", "left", "1", "1.0", "first"}) {
    if (word == first) return outcome::first;
  }
  for (auto const* second : {"model_b", "system_b", "player_b", "b", "right", "0", "0.0", "2", "second"}) {
    if (word == second) return outcome::second;
  }
  if (word == "0.5" || word == ".5" || word == "draw" || word == "both" || word == "neither" || word == "bothbad" ||
      word == "both_bad" || word.starts_with("tie"))
    return outcome::tie;
  throw rows.wrong(fmt::format("'{}' in the column '{}' is no outcome: the name of either, model_a, model_b, tie, 1, 0.5, 0",
                               shown(given), title));
}

// Where the numbers of a covariate are: of the one, of the other; or both in one, of the first less of the second.
struct covariate_columns {
  std::string name;
  std::size_t first, second;
};

battle_file read_battles(named_records& rows, ranks_reading const& reading) {
  battle_file to;
  auto const loser = rows.find(loser_names);
  auto const a = rows.find(loser != none ? names{"winner"} : first_names), b = loser != none ? loser : rows.find(second_names);
  auto const winner = loser != none ? none : rows.needed(winner_names);
  std::vector<covariate_columns> columns;
  for (auto const& name : reading.covariates) {
    auto const own = lower(name);
    auto const first = rows.find({own + "_a"}), second = rows.find({own + "_b"});
    bool const pair = first != none && second != none;
    columns.push_back(pair ? covariate_columns{name, first, second} : covariate_columns{name, rows.needed({own}), none});
  }
  if (reading.position && loser != none)
    throw usage_error("--position needs the columns model_a and model_b, whose order is that of the showing");
  numbering systems;
  std::vector<double> z;
  Index open = 0;
  while (rows.next()) {
    if (rows[a].empty() || rows[b].empty()) throw rows.wrong("a battle needs two names");
    if (rows[a] == rows[b]) throw rows.wrong(fmt::format("'{}' against itself", shown(rows[a])));
    auto const found = winner == none ? outcome::first : outcome_of(rows[winner], rows[a], rows[b], rows, rows.title(winner));
    if (!found) {
      ++open;
      continue;
    }
    Index const first = systems.of(rows[a]), second = systems.of(rows[b]);
    bool const turned = *found == outcome::second;
    to.winners.push_back(turned ? second : first), to.losers.push_back(turned ? first : second);
    to.tied.push_back(*found == outcome::tie), to.ties += *found == outcome::tie;
    double const sign = turned ? -1 : 1;
    if (reading.position) z.push_back(sign);
    for (auto const& covariate : columns) {
      auto const of = [&](std::size_t column) {
        auto const value = rows.number(column, covariate.name.c_str());
        if (!value || !std::isfinite(*value))
          throw rows.wrong(fmt::format("the battle has no finite '{}'", rows.title(column)));
        return *value;
      };
      z.push_back(sign * (of(covariate.first) - (covariate.second == none ? 0 : of(covariate.second))));
    }
  }
  to.systems = std::move(systems.all);
  if (reading.position) to.covariates.push_back("position");
  for (auto const& column : columns) to.covariates.push_back(column.name);
  auto const n = static_cast<Index>(to.winners.size()), p = static_cast<Index>(to.covariates.size());
  if (n == 0) throw usage_error(fmt::format("{}: holds no battle with an outcome", rows.file()));
  to.z = Eigen::Map<table<double> const>(z.data(), n, p);
  to.explained.push_back(winner == none ? fmt::format("a line a battle: '{}' beat '{}'", rows.title(a), rows.title(b))
                                        : fmt::format("a line a battle: '{}' against '{}', outcome '{}'", rows.title(a),
                                                      rows.title(b), rows.title(winner)));
  if (open > 0) to.said.push_back(fmt::format("{} without an outcome left out.", counted(open, "battle")));
  return to;
}

judgement_file read_judgements(named_records& rows, std::size_t judge, std::size_t item, std::size_t score) {
  judgement_file to;
  auto const axis = rows.find(axis_names);
  numbering judges, items, axes;
  std::map<std::array<Index, 3>, std::pair<double, Index>> seen;  // the mark and its line
  while (rows.next()) {
    if (rows[judge].empty() || rows[item].empty() || (axis != none && rows[axis].empty()))
      throw rows.wrong(axis == none ? "a mark needs a judge and an item" : "a mark needs a judge, an item and an axis");
    auto const mark = rows.number(score, "score").value_or(missing);
    std::array const at = {axes.of(axis == none ? "score" : rows[axis]), judges.of(rows[judge]), items.of(rows[item])};
    auto const [before, fresh] = seen.try_emplace(at, mark, rows.line());
    if (!fresh) {
      throw rows.wrong(fmt::format("'{}' has marked '{}' already, on line {}", shown(rows[judge]), shown(rows[item]),
                                   before->second.second));
    }
  }
  to.judges = std::move(judges.all), to.items = std::move(items.all), to.axes = std::move(axes.all);
  if (to.items.size() < 2) {
    throw usage_error(fmt::format("{}: holds marks of {}, and a ranking needs two", rows.file(),
                                  counted(static_cast<Index>(to.items.size()), "item")));
  }
  table<double> const blank =
      table<double>::Constant(static_cast<Index>(to.judges.size()), static_cast<Index>(to.items.size()), missing);
  to.marks.assign(to.axes.size(), blank);
  for (auto const& [at, mark_and_line] : seen) to.marks[static_cast<std::size_t>(at[0])](at[1], at[2]) = mark_and_line.first;
  to.explained.push_back(fmt::format("a line a mark: judge '{}', item '{}', score '{}'{}", rows.title(judge), rows.title(item),
                                     rows.title(score), axis == none ? "" : fmt::format(", axis '{}'", rows.title(axis))));
  return to;
}

}  // namespace

ranks_file read_ranks(std::filesystem::path const& file, ranks_reading const& reading) {
  named_records rows(file);
  auto const finished = [&](auto to) -> ranks_file {
    to.file = rows.file();
    to.explained.insert(to.explained.begin(), fmt::format("{}: {}", rows.file(), rows.format()));
    return to;
  };
  auto const has = [&](names const& columns) { return rows.find(columns) != none; };
  bool const battles = (has({"winner"}) && has(loser_names)) || (has({"model_a"}) && has({"model_b"})) ||
                       (has(first_names) && has(second_names) && has(winner_names));
  if (!battles && (reading.position || !reading.covariates.empty()))
    throw usage_error(
        fmt::format("{}: --position and --covariates need battles: the columns model_a, model_b and winner", rows.file()));
  if (battles && !reading.lower.empty())
    throw usage_error(fmt::format("{}: --lower needs scores, and this file holds battles", rows.file()));
  if (battles) return finished(read_battles(rows, reading));
  auto const judge = rows.find(judge_names), item = rows.find(item_names), score = rows.find(score_names);
  if (judge != none && item != none && score != none) { return finished(read_judgements(rows, judge, item, score)); }
  return finished(read_scores(rows, reading.lower));
}

}  // namespace robagg_compare

// SPDX-License-Identifier: BSL-1.0
#include "ranks.hpp"

#include "error.hpp"
#include "records.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <robagg/location/mean.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace robagg_compare {
namespace {

using names = std::vector<std::string>;
constexpr auto none = named_records::none;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

names const system_names = {"system", "model", "model_name", "method", "submission", "name"},
            task_names = {"task", "dataset", "benchmark", "metric", "test"}, score_names = {"score", "value", "result"};

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

std::string rank_text(double rank) { return std::isnan(rank) ? "-" : fmt::format("{:g}", rank); }

}  // namespace

score_file read_scores(std::filesystem::path const& file, std::vector<std::string> const& lower) {
  named_records rows(file);
  score_file to;
  to.explained.push_back(fmt::format("{}: {}", file.string(), rows.format()));
  auto const system = rows.find(system_names), task = rows.find(task_names), score = rows.find(score_names);
  if (system != none && task != none && score != none) {
    read_long(to, rows, system, task, score);
  } else {
    read_wide(to, rows, system != none ? system : 0);
  }
  if (to.systems.size() < 2) {
    throw usage_error(fmt::format("{}: holds {}, and a ranking needs two", file.string(),
                                  counted(static_cast<Index>(to.systems.size()), "system")));
  }
  if (to.tasks.empty()) throw usage_error(fmt::format("{}: holds no column of numbers beside the names", file.string()));
  for (auto const& name : lower) {
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

ranks_result compare_ranks(score_file const& scores, std::string const& file, ranks_options const& options) {
  ranks_result to;
  to.options = options, to.file = file, to.systems = scores.systems, to.tasks = scores.tasks;
  to.explained = scores.explained, to.said = scores.said;
  auto const& x = scores.scores;
  to.missing = x.array().isNaN().count();
  auto const way = options.unranked;
  auto const add = [&](std::string const& name, Eigen::VectorXd values) {
    auto const ranks = robagg::order{}(values);
    Eigen::VectorXd const places = Eigen::Map<Eigen::VectorXd const>(ranks.data(), values.size());
    double const tau = to.lines.empty() ? 1 : robagg::kendall(to.lines[0].ranks, places).tau_b();
    to.lines.push_back({name, std::move(values), places, tau});
  };
  robagg::borda const borda{way};
  add("borda", borda(x));
  add("copeland", robagg::copeland{way}(x));
  add("schulze", robagg::schulze{way}(x));
  add("ranked_pairs", robagg::ranked_pairs{way}(x));
  robagg::kemeny const kemeny{way, 22};
  auto const consensus = kemeny.solve(x);
  Eigen::VectorXd places(x.cols());
  robagg::detail::score_order(consensus.items.data(), x.cols(), places.data());
  add("kemeny", places);
  to.kemeny_cost = consensus.cost, to.kemeny_bound = consensus.lower_bound;
  add("median_rank", robagg::median_rank{way}(x));
  add("mean score", robagg::mean{}(robagg::skip_nan(x)));
  to.sure = robagg::rank_intervals{options.resamples, options.level, options.seed}(borda, x);
  if (x.rows() > 1) {
    auto const without = robagg::ranks_without_each(borda, x);
    Index leader = 0;
    to.sure.rank.minCoeff(&leader);
    for (Index t = 0; t < x.rows(); ++t) {
      Index first = 0;
      if (without.row(t).minCoeff(&first) < without(t, leader)) {
        to.decisive.emplace_back(to.tasks[static_cast<std::size_t>(t)], to.systems[static_cast<std::size_t>(first)]);
      }
    }
  }
  return to;
}

std::string as_text(ranks_result const& result) {
  std::string text =
      fmt::format("{}: {} x {}, {} missing\n", result.file, counted(static_cast<Index>(result.systems.size()), "system"),
                  counted(static_cast<Index>(result.tasks.size()), "task"), counted(result.missing, "score"));
  for (auto const& sentence : result.said) text += wrapped(sentence);
  text += wrapped(fmt::format(
      "Ranks by every rule, 1 for the best; a missing score is {}. low, high: between which borda's rank lies in {:g} % of {} draws of the tasks; "
      "first: the share of them in which the system is first; group: what cannot be told apart from the first of its group.",
      result.options.unranked == robagg::unranked::ignored ? "ignored" : "a last place", 100 * result.options.level,
      result.options.resamples));
  text += "\n";
  names headings = {"system", "borda", "low", "high", "first", "group"};
  for (std::size_t r = 1; r < result.lines.size(); ++r) headings.push_back(result.lines[r].rule);
  text_table lines(headings);
  std::vector<std::size_t> by_rank(result.systems.size());
  std::iota(by_rank.begin(), by_rank.end(), std::size_t{0});
  std::stable_sort(by_rank.begin(), by_rank.end(), [&](std::size_t a, std::size_t b) {
    return result.sure.rank(static_cast<Index>(a)) < result.sure.rank(static_cast<Index>(b));
  });
  for (std::size_t const s : by_rank) {
    auto const i = static_cast<Index>(s);
    names cells = {result.systems[s],
                   rank_text(result.sure.rank(i)),
                   rank_text(result.sure.low(i)),
                   rank_text(result.sure.high(i)),
                   fmt::format("{:.0f} %", 100 * result.sure.first(i)),
                   fmt::format("{}", result.sure.group[s] + 1)};
    for (std::size_t r = 1; r < result.lines.size(); ++r) cells.push_back(rank_text(result.lines[r].ranks(i)));
    lines.add(std::move(cells));
  }
  names agreement = {"Kendall's tau to borda", "", "", "", "", ""};
  for (std::size_t r = 1; r < result.lines.size(); ++r)
    agreement.push_back(std::isnan(result.lines[r].tau) ? "-" : fmt::format("{:.2f}", result.lines[r].tau));
  lines.add(std::move(agreement));
  text += lines.text() + "\n";
  bool const proved = result.kemeny_cost <= result.kemeny_bound * (1 + 1e-12);
  text += wrapped(fmt::format("Kemeny's order contradicts the tasks on {:g} pairs; {}.", result.kemeny_cost,
                              proved ? "no order on fewer" : fmt::format("none does on fewer than {:g}", result.kemeny_bound)));
  if (result.decisive.empty()) {
    text += "No single task decides who is first.\n";
  } else {
    for (auto const& [task, system] : result.decisive)
      text += wrapped(fmt::format("Without '{}' {} would be first.", task, system));
  }
  return text;
}

nlohmann::ordered_json as_json(ranks_result const& result) {
  auto const number = [](double v) { return std::isfinite(v) ? nlohmann::ordered_json(v) : nlohmann::ordered_json(nullptr); };
  nlohmann::ordered_json json = {
      {"command", "ranks"},
      {"file", result.file},
      {"tasks", result.tasks},
      {"missing", result.missing},
      {"unranked", robagg::enumerators(result.options.unranked)[static_cast<std::size_t>(result.options.unranked)]},
      {"resamples", result.options.resamples},
      {"level", result.options.level},
      {"systems", nlohmann::ordered_json::array()}};
  for (std::size_t s = 0; s < result.systems.size(); ++s) {
    auto const i = static_cast<Index>(s);
    nlohmann::ordered_json entry = {{"system", result.systems[s]},
                                    {"low", result.sure.low(i)},
                                    {"high", result.sure.high(i)},
                                    {"first", result.sure.first(i)},
                                    {"group", result.sure.group[s] + 1}};
    for (auto const& line : result.lines)
      entry["rules"][line.rule] = {{"score", number(line.scores(i))}, {"rank", line.ranks(i)}};
    json["systems"].push_back(std::move(entry));
  }
  for (auto const& line : result.lines) json["tau"][line.rule] = number(line.tau);
  json["kemeny"] = {{"cost", result.kemeny_cost}, {"lower_bound", result.kemeny_bound}};
  json["decisive"] = nlohmann::ordered_json::array();
  for (auto const& [task, system] : result.decisive) json["decisive"].push_back({{"without", task}, {"first", system}});
  json["said"] = result.said;
  return json;
}

std::string as_csv(ranks_result const& result) {
  std::string text = csv_line({"system", "rule", "score", "rank", "low", "high", "first", "group"});
  for (std::size_t s = 0; s < result.systems.size(); ++s) {
    auto const i = static_cast<Index>(s);
    for (std::size_t r = 0; r < result.lines.size(); ++r) {
      auto const& line = result.lines[r];
      names cells = {result.systems[s], line.rule, csv_number(line.scores(i)), csv_number(line.ranks(i))};
      if (r == 0) {
        for (double const v : {result.sure.low(i), result.sure.high(i), result.sure.first(i)}) cells.push_back(csv_number(v));
        cells.push_back(fmt::format("{}", result.sure.group[s] + 1));
      } else {
        cells.insert(cells.end(), 4, "");
      }
      text += csv_line(cells);
    }
  }
  return text;
}

}  // namespace robagg_compare

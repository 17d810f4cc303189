// SPDX-License-Identifier: BSL-1.0
// From rows of forecasts to the set that is scored: tasks, levels, and who forecast what.
#include "forecast_rows.hpp"

#include "error.hpp"
#include "terminal.hpp"
#include "numbers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace robagg_compare {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
Index size_of(auto const& list) { return static_cast<Index>(list.size()); }
std::string join_key(names const& parts) { return fmt::format("{}", fmt::join(parts, "\x1f")); }

// Which columns tell forecasts apart.
struct keys {
  std::vector<bool> column, constant;  // of the other columns: in the key; one value in all files
  bool made = true, due = true;
  names dropped = {};  // why others are not
};

class task_builder {
 public:
  task_builder(raw_forecasts& raw, reading_options const& options, forecast_set& set)
      : raw_(raw), options_(options), set_(set) {
    for (auto const& column : raw_.columns) set_.columns.push_back(column.name);
    choose_keys();
    name_rounds();
    number_tasks();
  }

  // Canonical values of a raw task that are in its key.
  names key_of(raw_task const& task) const {
    names parts;
    for (std::size_t c = 0; c < raw_.columns.size(); ++c) parts.push_back(keys_.column[c] ? text_of(task, c) : "");
    parts.push_back(keys_.made && task.made ? fmt::format("{}", round_of(*task.made)) : "");
    parts.push_back(keys_.due && task.due ? fmt::format("{}", *task.due) : "");
    return parts;
  }
  std::vector<Index> const& numbers() const { return numbers_; }  // of raw tasks
  keys const& chosen() const { return keys_; }
  bool same_round(std::uint32_t a, std::uint32_t b) const {
    auto const &x = raw_.tasks[a].made, &y = raw_.tasks[b].made;
    return options_.every > 0 && keys_.made && x && y && *x != *y;
  }
  // The columns in which two raw tasks of one task differ.
  names differing(std::uint32_t a, std::uint32_t b) const {
    names out;
    auto const &x = raw_.tasks[a], &y = raw_.tasks[b];
    for (std::size_t c = 0; c < raw_.columns.size(); ++c) {
      if (text_of(x, c) != text_of(y, c)) out.push_back(raw_.columns[c].name);
    }
    if (x.made != y.made) out.push_back("the forecast date");
    if (x.due != y.due) out.push_back("the target date");
    return out;
  }
  void explain() const;

 private:
  std::string text_of(raw_task const& task, std::size_t column) const {
    auto const id = column < task.ids.size() ? task.ids[column] : -1;
    return id < 0 ? std::string() : texts_[column][at(id)];
  }
  double round_of(double made) const { return options_.every > 0 ? std::floor((made - anchor_) / options_.every) : made; }

  void choose_keys() {
    auto const p = raw_.models.size(), d = raw_.columns.size();
    texts_.resize(d);
    keys_.column.assign(d, true), keys_.constant.assign(d, false);
    std::vector<std::vector<bool>> has(d + 2, std::vector<bool>(p, false));  // the last two: made, due
    std::vector<std::set<std::string>> values(d);
    for (auto const* cells : {&raw_.quantiles, &raw_.samples, &raw_.categories}) {
      std::uint32_t last_task = ~0u, last_model = ~0u;
      for (auto const& cell : *cells) {
        if (cell.task == last_task && cell.model == last_model) continue;
        last_task = cell.task, last_model = cell.model;
        auto const& task = raw_.tasks[cell.task];
        for (std::size_t c = 0; c < task.ids.size(); ++c) {
          if (task.ids[c] < 0) continue;
          auto& texts = texts_[c];
          for (auto n = texts.size(); n <= at(task.ids[c]); ++n)
            texts.push_back(raw_.columns[c].canonical(static_cast<std::uint32_t>(n)));
          auto const& text = texts[at(task.ids[c])];
          if (text.empty()) continue;
          has[c][cell.model] = true;
          if (values[c].size() < 2) values[c].insert(text);
        }
        has[d][cell.model] = has[d][cell.model] || task.made, has[d + 1][cell.model] = has[d + 1][cell.model] || task.due;
      }
    }
    auto const lacking = [&](std::size_t c) -> std::string {
      auto const all = std::count(has[c].begin(), has[c].end(), true);
      if (all == 0 || all == static_cast<std::ptrdiff_t>(p)) return "";
      return raw_.models[at(std::find(has[c].begin(), has[c].end(), false) - has[c].begin())];
    };
    for (std::size_t c = 0; c < d; ++c) {
      auto const& name = raw_.columns[c].name;
      keys_.constant[c] = values[c].size() < 2;
      if (keys_.constant[c])
        keys_.dropped.push_back(
            fmt::format("{} ({})", name, values[c].empty() ? "always empty" : fmt::format("always '{}'", *values[c].begin())));
      else if (auto const model = lacking(c); !model.empty())
        keys_.dropped.push_back(fmt::format("{} (not in the files of '{}')", name, model)), lacked_.push_back(name);
      else
        continue;
      keys_.column[c] = false;
    }
    if (auto const model = lacking(d); !model.empty()) keys_.made = false, lacked_.push_back("the forecast date");
    if (auto const model = lacking(d + 1); !model.empty()) keys_.due = false, lacked_.push_back("the target date");
    if (!options_.key.empty()) keys_as_told();
  }

  // --key: the columns, and both dates unless one of them is named.
  void keys_as_told() {
    auto const is = [&](std::string const& name, role r, char const* plain) {
      return name == plain || std::find(known_names[r].begin(), known_names[r].end(), name) != known_names[r].end();
    };
    bool named_made = false, named_due = false;
    keys_.column.assign(raw_.columns.size(), false), keys_.dropped.clear();
    for (auto const& given : options_.key) {
      auto const name = lower(trimmed(given));
      if (auto const c = raw_.column_of(name); c >= 0) {
        keys_.column[at(c)] = true;
      } else if (is(name, made, "made")) {
        named_made = true;
      } else if (is(name, due, "due")) {
        named_due = true;
      } else {
        auto const like = nearest(name, set_.columns);
        throw usage_error(fmt::format("--key: there is no column '{}'{}; there are {}, made and due", name,
                                      like.empty() ? "" : fmt::format(" (did you mean '{}'?)", like),
                                      fmt::join(set_.columns, ", ")));
      }
    }
    keys_.made = named_made || !named_due, keys_.due = named_due || !named_made;
    for (std::size_t c = 0; c < raw_.columns.size(); ++c) {
      if (!keys_.column[c]) keys_.dropped.push_back(fmt::format("{} (not in --key)", raw_.columns[c].name));
    }
    lacked_.clear();
  }

  // Rounds of so many days begin after the longest stretch of them in which no forecast was made.
  void name_rounds() {
    if (!(options_.every > 0)) return;
    std::map<double, Index> days;  // within a round: how many forecasts
    for (auto const& task : raw_.tasks) {
      if (task.made) ++days[*task.made - std::floor(*task.made / options_.every) * options_.every];
    }
    if (days.empty()) throw usage_error("--every: the forecasts have no dates");
    double before = days.rbegin()->first - options_.every, widest = 0;
    for (auto const& [day, count] : days) {
      if (day - before > widest + 1e-9) widest = day - before, anchor_ = day;
      before = day;
    }
    if (widest < 1 + 1e-9 && days.size() > 1) {  // every day: a round ends on the busiest
      auto const busiest =
          std::max_element(days.begin(), days.end(), [](auto const& a, auto const& b) { return a.second < b.second; });
      anchor_ = busiest->first + 1;
    }
  }

  void number_tasks() {
    std::unordered_map<std::string, Index> known;
    std::vector<std::vector<std::uint32_t>> members;
    for (std::uint32_t t = 0; t < raw_.tasks.size(); ++t) {
      auto const [place, fresh] = known.try_emplace(join_key(key_of(raw_.tasks[t])), size_of(members));
      if (fresh) members.emplace_back();
      members[at(place->second)].push_back(t), numbers_.push_back(place->second);
    }
    if (options_.every > 0) {
      for (auto const& task : raw_.tasks) {
        if (!task.made) continue;
        auto& first = first_of_round_.try_emplace(round_of(*task.made), *task.made).first->second;
        first = std::min(first, *task.made);
      }
    }
    for (auto const& of_task : members) set_.tasks.push_back(task_of(of_task));
    if (!raw_.due_given && raw_.timed) date_by_horizon();
  }

  // What raw tasks with one key have in common; an id is empty where they differ.
  forecast_task task_of(std::vector<std::uint32_t> const& members) {
    forecast_task task;
    for (std::size_t c = 0; c < raw_.columns.size(); ++c) {
      std::set<std::string> texts;
      for (auto const t : members) texts.insert(text_of(raw_.tasks[t], c));
      texts.erase("");
      task.id.push_back(texts.size() == 1 ? *texts.begin() : "");
    }
    std::optional<double> first, target;
    for (auto const t : members) {
      auto const &m = raw_.tasks[t].made, &d = raw_.tasks[t].due;
      if (m) first = std::min(first.value_or(*m), options_.every > 0 ? first_of_round_[round_of(*m)] : *m);
      if (d && target && *d != *target) {
        throw usage_error(fmt::format("forecasts of {} have different target dates, but nothing else tells them apart",
                                      fmt::join(task.id, ", ")));
      }
      if (d) target = d;
      double const y = raw_.outcomes[t];
      if (!std::isfinite(y)) continue;
      if (std::isfinite(task.outcome) && task.outcome != y) {
        auto const place = raw_.outcome_places[t];
        throw usage_error(fmt::format("{}: the outcome is {}, but {} in another line about the same",
                                      raw_.place(static_cast<std::uint32_t>(place >> 32), static_cast<std::uint32_t>(place)), y,
                                      task.outcome));
      }
      task.outcome = y;
    }
    auto const order = static_cast<double>(set_.tasks.size());
    task.due = target ? *target : first.value_or(order), task.made = first.value_or(task.due);
    due_known.push_back(target.has_value());
    return task;
  }

  // Without target dates, a horizon counts in rounds.
  void date_by_horizon() {
    auto const column = raw_.column_of("horizon");
    if (column < 0) return;
    std::vector<double> rounds;
    for (auto const& task : set_.tasks) rounds.push_back(task.made);
    std::sort(rounds.begin(), rounds.end());
    double step = std::numeric_limits<double>::infinity();
    for (std::size_t i = 1; i < rounds.size(); ++i) {
      if (rounds[i] > rounds[i - 1]) step = std::min(step, rounds[i] - rounds[i - 1]);
    }
    if (!std::isfinite(step)) return;
    for (std::size_t t = 0; t < set_.tasks.size(); ++t) {
      auto const h = as_number(set_.tasks[t].id[at(column)]);
      if (h) set_.tasks[t].due = set_.tasks[t].made + *h * step, due_known[t] = true;
    }
    set_.said.push_back(
        fmt::format("Target dates are the forecast dates and the horizon times {:g}, the time from round to round.", step));
  }

  raw_forecasts& raw_;
  reading_options const& options_;
  forecast_set& set_;
  keys keys_;
  names lacked_;
  std::vector<names> texts_;  // canonical, of the columns' values
  std::vector<Index> numbers_;
  double anchor_ = 0;
  std::map<double, double> first_of_round_;

 public:
  std::vector<bool> due_known;
};

void task_builder::explain() const {
  names in;
  for (std::size_t c = 0; c < raw_.columns.size(); ++c) {
    if (keys_.column[c]) in.push_back(raw_.columns[c].name + (raw_.columns[c].codes() ? " (codes)" : ""));
  }
  bool const any_made = std::any_of(raw_.tasks.begin(), raw_.tasks.end(), [](auto const& t) { return t.made.has_value(); });
  bool const any_due = std::any_of(raw_.tasks.begin(), raw_.tasks.end(), [](auto const& t) { return t.due.has_value(); });
  if (keys_.made && any_made)
    in.push_back(options_.every > 0 ? fmt::format("the forecast date (rounds of {:g} days)", options_.every)
                                    : "the forecast date");
  if (keys_.due && any_due) in.push_back("the target date");
  set_.explained.push_back(
      fmt::format("forecasts are told apart by: {}", in.empty() ? "nothing" : fmt::format("{}", fmt::join(in, ", "))));
  if (!keys_.dropped.empty()) set_.explained.push_back(fmt::format("and not by: {}", fmt::join(keys_.dropped, ", ")));
  set_.said.push_back(fmt::format(
      "Forecasts are told apart by {}{}.", in.empty() ? "nothing" : fmt::format("{}", fmt::join(in, ", ")),
      lacked_.empty() ? "" : fmt::format(", not by {}, which the files of some models lack", fmt::join(lacked_, ", "))));
  for (auto const& column : raw_.columns) {
    if (auto const code = column.ambiguous(); !code.empty())
      set_.said.push_back(fmt::format("In {} '{}' and the same without its zero are different values.", column.name, code));
  }
}

// Cells of quantiles, samples or categories with the tasks that they belong to.
class table_filler {
 public:
  table_filler(raw_forecasts& raw, task_builder const& tasks, reading_options const& options, forecast_set& set)
      : raw_(raw), tasks_(tasks), options_(options), set_(set) {
    set_.models = raw_.models, set_.accounts.resize(set_.models.size());
    Index late = 0;
    for (auto* cells : {&raw_.quantiles, &raw_.samples, &raw_.categories}) late += supersede(*cells), sort(*cells);
    if (late > 0)
      set_.said.push_back(fmt::format("{} gave way to later ones of the same model and round.", counted(late, "forecast")));
    choose_levels();
    fill();
    fill_samples();
    fill_categories();
  }

 private:
  auto place(raw_cell const& c) const { return std::tuple(tasks_.numbers()[c.task], c.model); }
  static std::string percent(Index part, Index all) {
    return fmt::format("{:.3g} %", 100 * static_cast<double>(part) / static_cast<double>(all));
  }

  // In a round of several dates a model's last forecast counts.
  Index supersede(std::vector<raw_cell>& cells) const {
    if (!(options_.every > 0)) return 0;
    std::map<std::tuple<Index, std::uint32_t>, std::uint32_t> last;
    for (auto const& c : cells) {
      auto& task = last.try_emplace(place(c), c.task).first->second;
      if (tasks_.same_round(c.task, task) && *raw_.tasks[c.task].made > *raw_.tasks[task].made) task = c.task;
    }
    std::set<std::pair<std::uint32_t, std::uint32_t>> late;
    std::erase_if(cells, [&](raw_cell const& c) {
      bool const old = tasks_.same_round(c.task, last[place(c)]);
      if (old) late.emplace(c.task, c.model);
      return old;
    });
    return size_of(late);
  }

  // By task, model and level; no model may say one thing twice.
  void sort(std::vector<raw_cell>& cells) const {
    auto const order = [&](raw_cell const& c) {
      return std::tuple(tasks_.numbers()[c.task], c.model, c.level, c.file, c.line);
    };
    std::sort(cells.begin(), cells.end(), [&](auto const& a, auto const& b) { return order(a) < order(b); });
    for (std::size_t i = 1; i < cells.size(); ++i) {
      auto const &a = cells[i - 1], &b = cells[i];
      if (place(a) != place(b) || a.level != b.level) continue;
      auto const places = fmt::format("{} and {}", raw_.place(a.file, a.line), raw_.place(b.file, b.line));
      auto const differing = tasks_.differing(a.task, b.task);
      if (!differing.empty()) {
        throw usage_error(fmt::format(
            "two forecasts of model '{}' differ in {} alone, which does not tell forecasts apart ({}); --key says what does",
            raw_.models[a.model], fmt::join(differing, ", "), places));
      }
      bool const quantile = &cells == &raw_.quantiles;
      throw usage_error(fmt::format("model '{}' gives {} twice for {}: {}", raw_.models[a.model],
                                    quantile ? fmt::format("the level {}", a.level) : "a sample or category",
                                    fmt::join(set_.tasks[at(tasks_.numbers()[a.task])].id, ", "), places));
    }
  }

  // Those that half of the forecasts have, in pairs around the median.
  void choose_levels() {
    std::map<double, Index> count;
    Index forecasts = 0;
    for (std::size_t i = 0; i < raw_.quantiles.size(); ++i) {
      forecasts += i == 0 || place(raw_.quantiles[i]) != place(raw_.quantiles[i - 1]);
      ++count[raw_.quantiles[i].level];
    }
    if (forecasts == 0 && !raw_.samples.empty()) {
      set_.levels = {.01, .025, .05, .1, .15, .2, .25, .3, .35, .4,   .45, .5,
                     .55, .6,   .65, .7, .75, .8, .85, .9, .95, .975, .99};
      return;
    }
    auto const common = [&](double tau) {
      auto const found = count.lower_bound(tau - 1.5e-9);
      return found != count.end() && found->first < tau + 1.5e-9 && 2 * found->second >= forecasts;
    };
    names left;
    for (auto const& [tau, times] : count) {
      if (common(tau) && common(1 - tau)) {
        set_.levels.push_back(tau);
      } else {
        left.push_back(fmt::format("{} (in {} of the forecasts{})", tau, percent(times, forecasts),
                                   common(tau) ? fmt::format(", but {:g} is not", 1 - tau) : ""));
      }
    }
    if (set_.levels.empty() && forecasts > 0)
      throw usage_error("no two levels tau and 1 - tau are given by half of the forecasts");
    if (left.empty()) return;
    set_.explained.push_back(fmt::format("levels that are left out: {}", fmt::join(left, ", ")));
    set_.said.push_back(
        fmt::format("Left out: {} that not half of the forecasts have, or whose counterpart they do not have ({}{}).",
                    counted(size_of(left), "level"), left.front(), left.size() > 1 ? ", ..." : ""));
  }

  void fill() {
    auto const p = size_of(set_.models), d = size_of(set_.levels);
    set_.quantiles.setConstant(size_of(set_.tasks) * p, d, nan);
    given_.assign(at(set_.quantiles.rows()), false);
    auto const& cells = raw_.quantiles;
    for (std::size_t i = 0; i < cells.size();) {
      std::size_t const first = i;
      auto const [task, model] = place(cells[first]);
      auto row = set_.quantiles.row(task * p + static_cast<Index>(model));
      for (; i < cells.size() && place(cells[i]) == place(cells[first]); ++i) {
        auto const k = std::lower_bound(set_.levels.begin(), set_.levels.end(), cells[i].level) - set_.levels.begin();
        if (k < d && set_.levels[at(k)] == cells[i].level) row(k) = cells[i].value;
      }
      auto& account = set_.accounts[model];
      ++account.given, given_[at(task * p + static_cast<Index>(model))] = true;
      if (row.allFinite()) {
        if (!std::is_sorted(row.data(), row.data() + d)) ++set_.crossing, std::sort(row.data(), row.data() + d);
        continue;
      }
      Index k = 0;
      while (std::isfinite(row(k))) ++k;
      if (account.incomplete++ == 0) account.missing = fmt::format("{}", set_.levels[at(k)]);
      ++set_.incomplete, row.setConstant(nan);
    }
  }

  // Quantiles of samples as most programs compute them by default (type 7).
  void fill_samples() {
    auto const p = size_of(set_.models), d = size_of(set_.levels);
    auto const& cells = raw_.samples;
    std::vector<double> sorted;
    Index few = 0, made = 0;
    for (std::size_t i = 0; i < cells.size();) {
      std::size_t const first = i;
      auto const [task, model] = place(cells[first]);
      sorted.clear();
      for (; i < cells.size() && place(cells[i]) == place(cells[first]); ++i) sorted.push_back(cells[i].value);
      auto const at_row = task * p + static_cast<Index>(model);
      if (given_[at(at_row)]) continue;
      auto& account = set_.accounts[model];
      ++account.given;
      if (!std::all_of(sorted.begin(), sorted.end(), [](double v) { return std::isfinite(v); })) {
        if (account.incomplete++ == 0) account.missing = "a sample";
        ++set_.incomplete;
        continue;
      }
      ++account.sampled, ++made, few += sorted.size() < 20;
      std::sort(sorted.begin(), sorted.end());
      for (Index k = 0; k < d; ++k) {
        double const spot = set_.levels[at(k)] * static_cast<double>(sorted.size() - 1);
        auto const low = at(std::floor(spot)), high = std::min(low + 1, sorted.size() - 1);
        set_.quantiles(at_row, k) = sorted[low] + (spot - static_cast<double>(low)) * (sorted[high] - sorted[low]);
      }
    }
    if (made == 0) return;
    set_.said.push_back(
        fmt::format("{} made of samples{}.",
                    made == 1 ? "The quantiles of 1 forecast are" : fmt::format("The quantiles of {} forecasts are", made),
                    few > 0 ? fmt::format(", {} of fewer than 20", few) : ""));
  }

  // Probabilities whose sum is 1, of all categories.
  void fill_categories() {
    auto& pmf = set_.pmf;
    auto const& cells = raw_.categories;
    if (cells.empty()) return;
    auto const p = size_of(set_.models);
    std::map<std::string, Index> number;
    for (auto const& c : cells) number.try_emplace(raw_.category_names.canonical(static_cast<std::uint32_t>(c.level)), 0);
    for (auto& [category, n] : number) n = size_of(pmf.categories), pmf.categories.push_back(category);
    std::map<Index, Index> rows;
    for (auto const& c : cells) {
      if (rows.try_emplace(std::get<0>(place(c)), size_of(pmf.tasks)).second) {
        pmf.tasks.push_back(set_.tasks[at(std::get<0>(place(c)))]);
        pmf.tasks.back().outcome = nan;
      }
    }
    pmf.shares.setConstant(size_of(pmf.tasks) * p, size_of(pmf.categories), nan);
    Index refused = 0;
    for (std::size_t i = 0; i < cells.size();) {
      std::size_t const first = i;
      auto const [task, model] = place(cells[first]);
      auto row = pmf.shares.row(rows[task] * p + static_cast<Index>(model));
      row.setZero();
      for (; i < cells.size() && place(cells[i]) == place(cells[first]); ++i)
        row(number[raw_.category_names.canonical(static_cast<std::uint32_t>(cells[i].level))]) = cells[i].value;
      if (std::abs(row.sum() - 1) > .01)
        ++refused, row.setConstant(nan);
      else
        row /= row.sum();
    }
    if (refused > 0)
      set_.said.push_back(fmt::format("Left out: {} whose probabilities do not sum to 1.", counted(refused, "pmf forecast")));
  }

  raw_forecasts& raw_;
  task_builder const& tasks_;
  reading_options const& options_;
  forecast_set& set_;
  std::vector<bool> given_;
};

// Drops the tasks of which no quantiles are: those of probabilities alone.
void drop_empty_tasks(forecast_set& set, raw_forecasts const& raw, task_builder& tasks) {
  std::vector<bool> used(set.tasks.size(), false);
  for (auto const* cells : {&raw.quantiles, &raw.samples}) {
    for (auto const& c : *cells) used[at(tasks.numbers()[c.task])] = true;
  }
  auto const p = size_of(set.models);
  Index to = 0;
  for (Index t = 0; t < size_of(set.tasks); ++t) {
    if (!used[at(t)]) continue;
    if (to != t) {
      set.tasks[at(to)] = std::move(set.tasks[at(t)]), tasks.due_known[at(to)] = tasks.due_known[at(t)];
      set.quantiles.middleRows(to * p, p) = set.quantiles.middleRows(t * p, p).eval();
    }
    ++to;
  }
  set.tasks.resize(at(to)), tasks.due_known.resize(at(to)), set.quantiles.conservativeResize(to * p, set.quantiles.cols());
}

void explain_models(forecast_set& set) {
  auto const p = size_of(set.models);
  for (Index j = 0; j < p; ++j) {
    auto const& a = set.accounts[at(j)];
    auto text = fmt::format("model {}: {}", set.models[at(j)], counted(a.given, "forecast"));
    if (a.sampled > 0) text += fmt::format(", {} made of samples", a.sampled);
    if (a.incomplete > 0)
      text += fmt::format("; {} left out, without {}{}", a.incomplete, a.missing == "a sample" ? "" : "the level ", a.missing);
    set.explained.push_back(text);
  }
  std::map<Index, Index> count;
  for (Index t = 0; t < size_of(set.tasks); ++t) {
    Index there = 0;
    for (Index j = 0; j < p && set.levels.size() > 0; ++j) there += !std::isnan(set.of(t)(j, 0));
    ++count[there];
  }
  if (count.empty()) return;
  Index below = 0, median = 0;
  for (auto const& [models, tasks] : count) {
    if (2 * below < size_of(set.tasks)) median = models;
    below += tasks;
  }
  auto const least = count.begin()->first, most = count.rbegin()->first;
  set.said.push_back(least == most ? fmt::format("Models per forecast: {}, of {}.", most, p)
                                   : fmt::format("Models per forecast: {} to {}, median {}, of {}.", least, most, median, p));
}

}  // namespace

void check(reading_options const& o) {
  if (!(o.every >= 0) || !std::isfinite(o.every)) throw usage_error("--every must be above 0");
  if (o.sum < 0) throw usage_error("--sum must be at least 1");
}

forecast_set read_forecasts(std::vector<fs::path> const& files, std::vector<fs::path> const& truth, names const& where,
                            reading_options const& options) {
  check(options);
  raw_forecasts raw;
  forecast_set set;
  std::map<std::string, Index> skipped;
  conditions wanted(where);
  auto inputs = all_files(files, skipped);
  bool const by_folder = name_models(inputs);
  auto const truth_files = all_files(truth, skipped);
  row_reader rows(raw, wanted, options);
  {
    progress shown(inputs.size());
    for (auto const& input : inputs) shown.step(input.path.string()), rows.read(input);
  }
  wanted.check(), rows.check_models();
  if (raw.quantiles.empty() && raw.samples.empty() && raw.categories.empty())
    throw usage_error("the files hold no quantile forecasts");
  truth_reader outcomes(raw, wanted, options);
  for (auto const& file : truth_files) outcomes.read(file.path);

  set.explained = rows.explained(), set.dates = raw.dates;
  if (by_folder) set.explained.push_back("models are named after folders");
  if (rows.at_the_ends > 0)
    set.said.push_back(fmt::format("Left out: {} of the levels 0 and 1.", counted(rows.at_the_ends, "row")));
  names others;
  for (auto const& [kind_of_row, count] : rows.rows_of_kind) {
    if (kind_of_row != "quantile" && kind_of_row != "sample" && kind_of_row != "pmf")
      others.push_back(fmt::format("{} {}", count, kind_of_row));
  }
  if (!others.empty()) set.said.push_back(fmt::format("Rows that are not read: {}.", fmt::join(others, ", ")));
  names kinds;
  for (auto const& [kind_of_file, count] : skipped)
    kinds.push_back(fmt::format("{} {}", count, kind_of_file.empty() ? "without extension" : kind_of_file));
  if (!kinds.empty()) set.said.push_back(fmt::format("Files that are not read: {}.", fmt::join(kinds, ", ")));

  task_builder tasks(raw, options, set);
  tasks.explain();
  table_filler(raw, tasks, options, set);
  drop_empty_tasks(set, raw, tasks);
  explain_models(set);
  std::vector<bool> join;
  for (std::size_t c = 0; c < raw.columns.size(); ++c) join.push_back(tasks.chosen().column[c] || tasks.chosen().constant[c]);
  outcomes.join(set, join, tasks.due_known);
  return set;
}

}  // namespace robagg_compare

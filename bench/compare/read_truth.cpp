// SPDX-License-Identifier: BSL-1.0
// What came, from files of its own.
#include "forecast_rows.hpp"

#include "error.hpp"
#include "numbers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace robagg_compare {
namespace {

// The difference between times that follow each other that is most frequent; 0: there are none.
double usual_step(std::vector<std::vector<double>>& series) {
  std::map<double, Index> count;
  for (auto& times : series) {
    std::sort(times.begin(), times.end());
    for (std::size_t i = 1; i < times.size(); ++i) {
      if (times[i] > times[i - 1]) ++count[times[i] - times[i - 1]];
    }
  }
  auto const most =
      std::max_element(count.begin(), count.end(), [](auto const& a, auto const& b) { return a.second < b.second; });
  return most == count.end() ? 0 : most->first;
}

std::string key_of(names const& parts, std::optional<double> due) {
  return fmt::format("{}\x1f{}", fmt::join(parts, "\x1f"), due ? fmt::format("{}", *due) : "");
}

}  // namespace

void truth_reader::read(fs::path const& path) {
  named_records row(path);
  forecast_header const h(row);
  file f{.name = row.file()};
  std::size_t const column = h.has(outcome) ? h.column[outcome] : h.column[value];
  if (column == named_records::none) {
    auto wanted = known_names[outcome];
    wanted.push_back("value");
    row.needed(wanted);
  }
  std::size_t as_of = named_records::none;
  std::vector<std::size_t> places;
  for (auto const& [name, place] : h.others) {
    if (name == "as_of") as_of = place;
    if (auto const c = raw_.column_of(name); c >= 0) f.columns.push_back(c), places.push_back(place);
  }
  f.has_due = h.has(due);
  if (!f.has_due && f.columns.empty()) throw usage_error(fmt::format("{}: shares no column with the forecasts", f.name));
  auto const time = [&](std::size_t place, char const* what) -> std::optional<double> {
    if (absent(row[place])) return std::nullopt;
    if (auto const t = as_time(row[place])) return t;
    throw row.wrong(fmt::format("the {} '{}' is neither a date (YYYY-MM-DD) nor a number", what, shown(row[place])));
  };
  while (row.next()) {
    if (!where_.met_where_there(row)) continue;
    auto const type = h.has(kind) ? lower(row[h.column[kind]]) : std::string();
    if (type == "cdf") continue;  // shares, not outcomes
    auto const y = row.number(column, "outcome");
    if (!y || (type == "pmf" && *y != 1)) continue;
    observed o{{}, {}, {}, *y, static_cast<std::uint32_t>(row.line()), {}};
    for (std::size_t i = 0; i < places.size(); ++i) o.ids.push_back(raw_.columns[at(f.columns[i])].number_of(row[places[i]]));
    o.due = time(h.column[due], "date"), o.version = time(as_of, "version");
    if (type == "pmf") o.category = row[h.column[level]];
    f.rows.push_back(std::move(o));
  }
  f.step = step_of(f);
  files_.push_back(std::move(f));
}

double truth_reader::step_of(file const& f) const {
  std::map<std::vector<std::uint32_t>, std::vector<double>> series;
  for (auto const& o : f.rows) {
    if (o.due) series[o.ids].push_back(*o.due);
  }
  std::vector<std::vector<double>> times;
  for (auto& [ids, of_series] : series) times.push_back(std::move(of_series));
  return usual_step(times);
}

// The last version of each outcome; two of one version that differ are refused.
truth_reader::by_key truth_reader::latest(file const& f, std::vector<bool> const& used, bool pmf) const {
  by_key out;
  for (auto const& o : f.rows) {
    if (o.category.empty() == pmf) continue;
    names key;
    for (std::size_t i = 0; i < f.columns.size(); ++i) {
      if (used[i]) key.push_back(raw_.columns[at(f.columns[i])].canonical(o.ids[i]));
    }
    auto const [place, fresh] = out.try_emplace(key_of(key, o.due), &o);
    auto const*& known = place->second;
    if (fresh) continue;
    if (o.version == known->version && (known->value != o.value || known->category != o.category)) {
      if (f.has_due) key.insert(key.begin(), o.due ? (raw_.dates ? date_text(*o.due) : fmt::format("{}", *o.due)) : "");
      throw usage_error(fmt::format(
          "{}: line {}: the outcome for {} is {}, but {} before, on line {}: no column that the forecasts have tells them apart (--where does)",
          f.name, o.line, fmt::join(key, ", "), o.value, known->value, known->line));
    }
    if (o.version && (!known->version || *o.version > *known->version)) known = &o;
  }
  return out;
}

// Truth that is finer than what was forecast is not an outcome of it.
void truth_reader::refuse_finer(forecast_set const& set, file const& f, std::vector<bool> const& due_known) const {
  if (options_.sum > 0 || !(f.step > 0)) return;
  std::map<double, Index> steps;  // of a horizon
  std::map<double, Index> weekdays;
  std::set<double> due;
  auto const horizon = raw_.column_of("horizon");
  bool weeks = false;
  for (std::size_t t = 0; t < set.tasks.size(); ++t) {
    auto const& task = set.tasks[t];
    if (!due_known[t]) continue;
    if (due.insert(task.due).second) ++weekdays[task.due - 7 * std::floor(task.due / 7)];
    auto const h = horizon < 0 ? std::nullopt : as_number(task.id[at(horizon)]);
    if (h && *h != 0 && (task.due - task.made) / *h > 0) ++steps[(task.due - task.made) / *h];
    for (auto const& text : task.id) weeks = weeks || text.find("wk") != text.npos || text.find("week") != text.npos;
  }
  auto const most = [](std::map<double, Index> const& count) {
    return std::max_element(count.begin(), count.end(), [](auto const& a, auto const& b) { return a.second < b.second; });
  };
  double step = steps.empty() ? 0 : most(steps)->first;
  bool const one_weekday = due.size() > 1 && 10 * most(weekdays)->second >= 9 * static_cast<Index>(due.size());
  if (steps.empty() && set.dates && (weeks || one_weekday)) step = 7;
  if (!(step >= 2 * f.step)) return;
  throw usage_error(fmt::format(
      "{}: has a value every {:g} {}, the forecasts are about {:g}: --sum {:.0f} adds up the values that end on the target date, --sum 1 takes the one of that date",
      f.name, f.step, set.dates ? (f.step == 1 ? "day" : "days") : "units of time", step, step / f.step));
}

names truth_reader::task_key(matching const& m, forecast_task const& task) const {
  names key;
  for (std::size_t i = 0; i < m.from.columns.size(); ++i) {
    if (m.used[i]) key.push_back(task.id[at(m.from.columns[i])]);
  }
  return key;
}

// What a task is about, in messages.
std::string truth_reader::about(forecast_task const& task, bool due_known) const {
  names parts;
  if (due_known) parts.push_back(raw_.dates ? date_text(task.due) : fmt::format("{}", task.due));
  for (auto const& text : task.id) {
    if (!text.empty()) parts.push_back(text);
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

// The outcome of a task, in a file: of its target date, or the sum of those that end there.
void truth_reader::match(matching& m, forecast_task const& task, bool due_known, std::optional<found>& out) const {
  if (m.by_date && !due_known) return;
  auto const key = task_key(m, task);
  Index const days = std::max<Index>(options_.sum, 1);
  double const step = m.from.step > 0 ? m.from.step : 1;
  found sum;
  Index there = 0;
  for (Index day = 0; day < days; ++day) {
    auto const o =
        m.all.find(key_of(key, m.by_date ? std::optional(task.due - step * static_cast<double>(day)) : std::nullopt));
    if (o == m.all.end()) continue;
    auto const& seen = *o->second;
    ++there, sum.value += seen.value;
    if (day == 0) sum.version = seen.version, sum.place = fmt::format("{}: line {}", m.from.name, seen.line);
    if (m.categories == nullptr) continue;
    auto const c = std::find(m.categories->begin(), m.categories->end(), raw_.category_names.canonical(seen.category));
    sum.value =
        c == m.categories->end() ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(c - m.categories->begin());
  }
  m.gaps += there > 0 && there < days;
  if (there < days) return;
  ++m.matched;
  if (out && out->value != sum.value && out->version == sum.version) {
    throw usage_error(fmt::format("{}: the outcome for {} is {}, but {} in {}", sum.place, about(task, due_known), sum.value,
                                  out->value, out->place));
  }
  if (!out || (sum.version && (!out->version || *sum.version > *out->version))) out = sum;
}

void truth_reader::join(forecast_set& set, std::vector<bool> const& join, std::vector<bool> const& due_known) {
  bool const has_due = std::any_of(due_known.begin(), due_known.end(), [](bool known) { return known; });
  std::vector<std::optional<found>> outcomes(set.tasks.size()), categories(set.pmf.tasks.size());
  Index gaps = 0;
  for (auto const& f : files_) {
    refuse_finer(set, f, due_known);
    std::vector<bool> used;
    names by;
    for (auto const c : f.columns) {
      used.push_back(join[at(c)]);
      if (join[at(c)]) by.push_back(raw_.columns[at(c)].name);
    }
    if (f.has_due) by.push_back("the target date");
    matching numbers{f, used, f.has_due && has_due, nullptr, latest(f, used, false)};
    for (std::size_t t = 0; t < set.tasks.size(); ++t) match(numbers, set.tasks[t], due_known[t], outcomes[t]);
    matching shares{f, used, f.has_due && has_due, &set.pmf.categories, latest(f, used, true)};
    for (std::size_t t = 0; t < set.pmf.tasks.size(); ++t) match(shares, set.pmf.tasks[t], true, categories[t]);
    gaps += numbers.gaps;
    set.explained.push_back(fmt::format(
        "truth {}: {}{}, matched by {}: {} of {}", f.name, counted(static_cast<Index>(f.rows.size()), "row"),
        f.step > 0 ? fmt::format(", every {:g} {}", f.step, set.dates ? "days" : "units of time") : "", fmt::join(by, ", "),
        numbers.matched + shares.matched, counted(static_cast<Index>(set.tasks.size() + set.pmf.tasks.size()), "forecast")));
  }
  if (gaps > 0)
    set.said.push_back(fmt::format("{} no outcome, since values that are to be summed are missing.",
                                   gaps == 1 ? "1 forecast has" : fmt::format("{} forecasts have", gaps)));
  for (std::size_t t = 0; t < set.tasks.size(); ++t) {
    auto& y = set.tasks[t].outcome;
    if (!outcomes[t]) continue;
    if (std::isfinite(y) && y != outcomes[t]->value)
      throw usage_error(fmt::format("{}: the outcome for {} is {}, but {} in the files of forecasts", outcomes[t]->place,
                                    about(set.tasks[t], due_known[t]), outcomes[t]->value, y));
    y = outcomes[t]->value;
  }
  for (std::size_t t = 0; t < set.pmf.tasks.size(); ++t) {
    if (categories[t]) set.pmf.tasks[t].outcome = categories[t]->value;
  }
  refuse_unmatched(set, join, due_known);
}

void truth_reader::refuse_unmatched(forecast_set const& set, std::vector<bool> const& join,
                                    std::vector<bool> const& due_known) const {
  auto const known = [](auto const& tasks) {
    return std::any_of(tasks.begin(), tasks.end(), [](auto const& task) { return std::isfinite(task.outcome); });
  };
  if (known(set.tasks) || known(set.pmf.tasks)) return;
  if (files_.empty()) throw usage_error("the forecasts have no outcomes: --truth names a file of them");
  auto const& f = files_.front();
  if (f.rows.empty()) throw usage_error(fmt::format("{}: holds no outcomes that are wanted", f.name));
  auto const time = [&](std::optional<double> due) {
    return !due ? std::string() : set.dates ? date_text(*due) : fmt::format("{}", *due);
  };
  names ours, theirs{time(f.rows.front().due)};
  auto const& tasks = set.tasks.empty() ? set.pmf.tasks : set.tasks;
  if (f.has_due) ours.push_back(set.tasks.empty() || due_known.front() ? time(tasks.front().due) : "");
  if (!f.has_due) theirs.clear();
  for (std::size_t i = 0; i < f.columns.size(); ++i) {
    if (!join[at(f.columns[i])]) continue;
    ours.push_back(tasks.front().id[at(f.columns[i])]);
    theirs.push_back(raw_.columns[at(f.columns[i])].canonical(f.rows.front().ids[i]));
  }
  throw usage_error(fmt::format("no forecast has an outcome: the first forecast is about '{}', the first outcome about '{}'",
                                fmt::join(ours, " "), fmt::join(theirs, " ")));
}

}  // namespace robagg_compare

// SPDX-License-Identifier: BSL-1.0
#include "csv.hpp"
#include "error.hpp"
#include "forecasts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>

namespace robagg_compare {
namespace {

namespace fs = std::filesystem;

enum role : std::size_t { level, value, kind, model, made, due, outcome, roles };
using names = std::vector<std::string>;
std::array<names, roles> const known = {{{"output_type_id", "quantile_level", "quantile", "level"},
                                         {"value", "predicted", "prediction"},
                                         {"output_type", "type"},
                                         {"model_id", "model", "team_model"},
                                         {"reference_date", "origin_date", "forecast_date", "origin"},
                                         {"target_end_date", "target_date", "date", "time"},
                                         {"oracle_value", "observed", "observation", "true_value", "truth"}}};
constexpr auto none = std::string::npos;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}
bool absent(std::string const& text) {
  return text.empty() || lower(text) == "na" || lower(text) == "nan" || lower(text) == "null";
}

// A header: which column has which role, and what the others are called.
struct header {
  std::array<std::size_t, roles> column;
  std::vector<std::pair<std::string, std::size_t>> others;
  names all;
  std::size_t width;

  header(names const& fields, std::string const& file) : width(fields.size()) {
    column.fill(none);
    std::vector<bool> used(width, false);
    for (std::size_t r = 0; r < roles; ++r) {
      for (auto const& name : known[r]) {  // the first name that is there has the role
        for (std::size_t i = 0; i < width && column[r] == none; ++i) {
          if (lower(trimmed(fields[i])) == name && !used[i]) column[r] = i, used[i] = true;
        }
      }
    }
    for (std::size_t i = 0; i < width; ++i) {
      auto const name = all.emplace_back(lower(trimmed(fields[i])));
      if (used[i] || name.empty() || name.ends_with("_name")) continue;
      for (auto const& [other, at] : others) {
        if (other == name) throw usage_error(fmt::format("{}: two columns are named '{}'", file, name));
      }
      others.emplace_back(name, i);
    }
  }
  bool has(role r) const { return column[r] != none; }
};

// Where a file has a date in its name, and what is left without it.
std::pair<std::string, std::string> date_and_rest(fs::path const& file) {
  std::string const stem = file.stem().string();
  if (stem.size() < 10 || !as_time(stem.substr(0, 10)) || stem[4] != '-') return {"", stem};
  std::string const rest = stem.size() > 11 ? stem.substr(11) : "";
  return {stem.substr(0, 10), rest.empty() ? file.parent_path().filename().string() : rest};
}

std::vector<fs::path> all_files(std::vector<fs::path> const& given) {
  std::vector<fs::path> files;
  for (auto const& path : given) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    auto const before = files.size();
    for (auto const& entry : fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied)) {
      if (entry.is_regular_file() && lower(entry.path().extension().string()) == ".csv") files.push_back(entry.path());
    }
    if (files.size() == before) throw usage_error(fmt::format("{}: holds no CSV files", path.string()));
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
  }
  return files;
}

std::optional<double> number_or_none(std::string const& text, char const* what, std::string const& file, Index line) {
  if (absent(text)) return std::nullopt;
  if (auto const number = as_number(text)) return number;
  throw usage_error(fmt::format("{}: line {}: the {} '{}' is not a number", file, line, what, shown(text)));
}

std::string key_of(names const& parts) { return fmt::format("{}", fmt::join(parts, "\x1f")); }

// Every record of a file with as many fields as its header.
void for_records(fs::path const& path, auto&& begin, auto&& visit) {
  std::string const file = path.string(), text = file_content(path);
  csv_records records(text, file);
  names fields;
  if (!records.next(fields)) throw usage_error(fmt::format("{}: is empty", file));
  header const head(fields, file);
  begin(head, file);
  while (records.next(fields)) {
    if (fields.size() != head.width) {
      throw usage_error(fmt::format("{}: line {} has {} field{}, the header has {}", file, records.line(), fields.size(),
                                    fields.size() == 1 ? "" : "s", head.width));
    }
    for (auto& field : fields) field = trimmed(field);
    visit(head, fields, file, records.line());
  }
}

struct cell {
  Index task, model;
  double level, value;
};

class reader {
 public:
  explicit reader(std::vector<std::string> const& where) {
    for (auto const& text : where) {
      auto const sign = text.find_first_of("=~");
      if (sign == none || sign == 0)
        throw usage_error(fmt::format("--where '{}': column=value or column~text is needed", text));
      where_.push_back({text, lower(trimmed(text.substr(0, sign))), trimmed(text.substr(sign + 1)), text[sign] == '~'});
    }
  }

  void read(fs::path const& path) {
    std::string date, name;
    std::tie(date, name) = date_and_rest(path);
    std::vector<Index> place;  // of the file's other columns among all
    for_records(
        path,
        [&](header const& h, std::string const& file) {
          for (role const r : {level, value}) {
            if (!h.has(r)) throw usage_error(fmt::format("{}: needs a column named {}", file, fmt::join(known[r], " or ")));
          }
          timed_ = timed_ || h.has(made) || h.has(due) || !date.empty(), dated_ = dated_ || h.has(due);
          for (auto const& [column, at] : h.others) place.push_back(column_of(column));
        },
        [&](header const& h, names const& fields, std::string const& file, Index line) {
          if (h.has(kind) && lower(fields[h.column[kind]]) != "quantile") return;
          if (!h.has(kind) && absent(fields[h.column[level]])) return;
          if (!wanted(h, fields)) return;
          auto const get = [&](role r) { return h.has(r) ? fields[h.column[r]] : std::string(); };
          forecast_task task;
          task.id.resize(set.columns.size());
          for (std::size_t i = 0; i < h.others.size(); ++i)
            task.id[static_cast<std::size_t>(place[i])] = fields[h.others[i].second];
          auto const tau = number_or_none(get(level), "level", file, line);
          if (!tau || !(*tau > 0 && *tau < 1))
            throw usage_error(fmt::format("{}: line {}: the level '{}' is not between 0 and 1", file, line, shown(get(level))));
          auto const none_if_absent = [](std::string text) { return absent(text) ? std::string() : text; };
          std::string const made_at = none_if_absent(h.has(made) ? get(made) : date), due_at = none_if_absent(get(due));
          names key = task.id;
          while (!key.empty() && key.back().empty()) key.pop_back();  // columns that came with later files
          key.push_back(made_at), key.push_back(due_at);
          auto const [number, fresh] = tasks_.try_emplace(key_of(key), static_cast<Index>(set.tasks.size()));
          if (fresh) {
            auto const order = static_cast<double>(set.tasks.size());
            task.due = !due_at.empty() ? time_of(due_at, "target date", file, line) : order;
            task.made = !made_at.empty() ? time_of(made_at, "forecast date", file, line) : task.due;
            if (due_at.empty()) task.due = task.made;
            set.dates = set.dates || (made_at + due_at).find('-', 1) != none;
            set.tasks.push_back(task), due_text.push_back(due_at);
          }
          auto& known_task = set.tasks[static_cast<std::size_t>(number->second)];
          if (auto const y = number_or_none(get(outcome), "outcome", file, line)) {
            if (std::isfinite(known_task.outcome) && known_task.outcome != *y) {
              throw usage_error(fmt::format("{}: line {}: the outcome is {}, but {} in another line about the same", file, line,
                                            *y, known_task.outcome));
            }
            known_task.outcome = *y;
          }
          auto const q = number_or_none(get(value), "value", file, line);
          cells.push_back({number->second, model_of(h.has(model) ? get(model) : name), *tau,
                           q ? *q : std::numeric_limits<double>::quiet_NaN()});
        });
  }

  void finish() {
    for (auto const& c : where_) {
      if (!c.met) throw usage_error(fmt::format("--where {}: no row is so", c.text));
    }
    if (cells.empty()) throw usage_error("the files hold no quantile forecasts");
    for (auto& task : set.tasks) task.id.resize(set.columns.size());
    if (!dated_ && timed_) date_by_horizon();
    choose_levels();
    fill();
  }

  forecast_set set;
  std::vector<cell> cells;
  names due_text;  // of each task

 private:
  // Conditions on one column are alternatives; those on several have all to hold.
  struct condition {
    std::string text, column, value;
    bool contains, met = false;
  };
  bool wanted(header const& h, names const& fields) {
    bool all = true;
    for (auto& c : where_) {
      auto const found = std::find(h.all.begin(), h.all.end(), c.column);
      auto const is = [&](condition const& other) {
        auto const& field = fields[static_cast<std::size_t>(found - h.all.begin())];
        return other.column == c.column && (other.contains ? field.find(other.value) != none : field == other.value);
      };
      if (found == h.all.end()) return false;
      c.met = c.met || is(c);
      all = all && std::any_of(where_.begin(), where_.end(), is);
    }
    return all;
  }

  Index column_of(std::string const& name) {
    auto const found = std::find(set.columns.begin(), set.columns.end(), name);
    if (found == set.columns.end()) return set.columns.push_back(name), static_cast<Index>(set.columns.size()) - 1;
    return found - set.columns.begin();
  }
  Index model_of(std::string const& name) {
    auto const [at, fresh] = models_.try_emplace(name, static_cast<Index>(set.models.size()));
    if (fresh) set.models.push_back(name);
    return at->second;
  }

  // Without target dates, a horizon counts in rounds.
  void date_by_horizon() {
    auto const column = std::find(set.columns.begin(), set.columns.end(), "horizon");
    if (column == set.columns.end()) return;
    std::vector<double> rounds;
    for (auto const& task : set.tasks) rounds.push_back(task.made);
    std::sort(rounds.begin(), rounds.end());
    double step = std::numeric_limits<double>::infinity();
    for (std::size_t i = 1; i < rounds.size(); ++i) {
      if (rounds[i] > rounds[i - 1]) step = std::min(step, rounds[i] - rounds[i - 1]);
    }
    for (auto& task : set.tasks) {
      auto const h = as_number(task.id[static_cast<std::size_t>(column - set.columns.begin())]);
      if (h && std::isfinite(step)) task.due = task.made + *h * step;
    }
  }

  // Those that half of the forecasts have, in pairs around the median.
  void choose_levels() {
    std::sort(cells.begin(), cells.end(), [](cell const& a, cell const& b) {
      return std::tie(a.task, a.model, a.level) < std::tie(b.task, b.model, b.level);
    });
    std::map<double, Index> count;
    Index forecasts = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      bool const same = i > 0 && cells[i].task == cells[i - 1].task && cells[i].model == cells[i - 1].model;
      if (same && cells[i].level == cells[i - 1].level) {
        auto const& task = set.tasks[static_cast<std::size_t>(cells[i].task)];
        throw usage_error(fmt::format("model '{}' gives the level {} twice for {}",
                                      set.models[static_cast<std::size_t>(cells[i].model)], cells[i].level,
                                      fmt::join(task.id, ", ")));
      }
      forecasts += !same, ++count[cells[i].level];
    }
    auto const common = [&](double tau) {
      auto const found =
          std::find_if(count.begin(), count.end(), [&](auto const& c) { return std::abs(c.first - tau) < 1e-9; });
      return found != count.end() && 2 * found->second >= forecasts;
    };
    for (auto const& [tau, times] : count) {
      if (common(tau) && common(1 - tau)) set.levels.push_back(tau);
    }
    if (set.levels.empty()) throw usage_error("no two levels tau and 1 - tau are given by half of the forecasts");
  }

  void fill() {
    auto const p = static_cast<Index>(set.models.size()), d = static_cast<Index>(set.levels.size());
    set.quantiles.setConstant(static_cast<Index>(set.tasks.size()) * p, d, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < cells.size();) {
      auto row = set.quantiles.row(cells[i].task * p + cells[i].model);
      std::size_t const first = i;
      for (; i < cells.size() && cells[i].task == cells[first].task && cells[i].model == cells[first].model; ++i) {
        for (Index k = 0; k < d; ++k) {
          if (std::abs(set.levels[static_cast<std::size_t>(k)] - cells[i].level) < 1e-9) row(k) = cells[i].value;
        }
      }
      if (!row.allFinite()) {
        ++set.incomplete, row.setConstant(std::numeric_limits<double>::quiet_NaN());
      } else if (!std::is_sorted(row.data(), row.data() + d)) {
        ++set.crossing, std::sort(row.data(), row.data() + d);
      }
    }
  }

  std::vector<condition> where_;
  std::unordered_map<std::string, Index> tasks_, models_;
  bool timed_ = false, dated_ = false;
};

// Outcomes from files of their own, by the columns that both have.
void join_truth(forecast_set& set, names const& due_text, std::vector<fs::path> const& files) {
  struct observed {
    double value;
    std::string as_of;
  };
  std::string first, of_forecast;
  for (auto const& path : files) {
    std::unordered_map<std::string, observed> outcomes;
    std::vector<std::pair<std::size_t, std::size_t>> shared;  // columns of the file, of the set
    std::size_t outcome_column = none, as_of = none;
    for_records(
        path,
        [&](header const& h, std::string const& file) {
          outcome_column = h.has(outcome) ? h.column[outcome] : h.column[value];
          if (outcome_column == none)
            throw usage_error(fmt::format("{}: needs a column named {} or value", file, fmt::join(known[outcome], " or ")));
          for (auto const& [name, at] : h.others) {
            if (name == "as_of") as_of = at;
            auto const found = std::find(set.columns.begin(), set.columns.end(), name);
            if (found != set.columns.end()) shared.emplace_back(at, static_cast<std::size_t>(found - set.columns.begin()));
          }
          if (!h.has(due) && shared.empty()) throw usage_error(fmt::format("{}: shares no column with the forecasts", file));
        },
        [&](header const& h, names const& fields, std::string const& file, Index line) {
          auto const type = h.has(kind) ? lower(fields[h.column[kind]]) : std::string();
          if (type == "cdf" || type == "pmf") return;  // those are shares, not outcomes
          auto const y = number_or_none(fields[outcome_column], "outcome", file, line);
          if (!y) return;
          names key{h.has(due) ? fields[h.column[due]].substr(0, 10) : ""};
          for (auto const& [at, column] : shared) key.push_back(fields[at]);
          if (first.empty()) first = fmt::format("{}", fmt::join(key, " "));
          std::string const version = as_of == none ? "" : fields[as_of];
          auto const [place, fresh] = outcomes.try_emplace(key_of(key), observed{*y, version});
          auto& there = place->second;
          if (fresh || version > there.as_of) {
            there = {*y, version};
          } else if (version == there.as_of && there.value != *y) {
            throw usage_error(fmt::format(
                "{}: line {}: the outcome for {} is {}, but {} before (--where tells apart what the columns do not)", file,
                line, fmt::join(key, ", "), *y, there.value));
          }
        });
    bool const has_due = std::any_of(due_text.begin(), due_text.end(), [](auto const& text) { return !text.empty(); });
    for (std::size_t t = 0; t < set.tasks.size(); ++t) {
      names key{has_due ? due_text[t].substr(0, 10) : ""};
      for (auto const& [at, column] : shared) key.push_back(set.tasks[t].id[column]);
      if (of_forecast.empty()) of_forecast = fmt::format("{}", fmt::join(key, " "));
      if (auto const found = outcomes.find(key_of(key)); found != outcomes.end()) set.tasks[t].outcome = found->second.value;
    }
  }
  bool const some =
      std::any_of(set.tasks.begin(), set.tasks.end(), [](auto const& task) { return std::isfinite(task.outcome); });
  if (!some && files.empty()) throw usage_error("the forecasts have no outcomes: --truth names a file of them");
  if (!some)
    throw usage_error(fmt::format("no forecast has an outcome: the first forecast is about '{}', the first outcome about '{}'",
                                  of_forecast, first));
}

}  // namespace

std::optional<double> as_time(std::string const& text) {
  int year = 0, month = 0, day = 0, used = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &used) == 3 && used == 10) {
    auto const date = std::chrono::year(year) / std::chrono::month(static_cast<unsigned>(month)) /
                      std::chrono::day(static_cast<unsigned>(day));
    bool const time_follows = text.size() == 10 || text[10] == 'T' || text[10] == ' ';
    if (!date.ok() || !time_follows) return std::nullopt;
    return static_cast<double>(std::chrono::sys_days(date).time_since_epoch().count());
  }
  auto const number = as_number(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

double time_of(std::string const& text, char const* what, std::string const& file, Index line) {
  if (auto const time = as_time(text)) return *time;
  throw usage_error(
      fmt::format("{}: line {}: the {} '{}' is neither a date (YYYY-MM-DD) nor a number", file, line, what, shown(text)));
}

forecast_set read_forecasts(std::vector<fs::path> const& files, std::vector<fs::path> const& truth,
                            std::vector<std::string> const& where) {
  reader all(where);
  for (auto const& file : all_files(files)) all.read(file);
  all.finish();
  join_truth(all.set, all.due_text, all_files(truth));
  return std::move(all.set);
}

}  // namespace robagg_compare

// SPDX-License-Identifier: BSL-1.0
#include "forecast_rows.hpp"

#include "error.hpp"
#include "terminal.hpp"
#include "numbers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

namespace robagg_compare {

std::array<names, roles> const known_names = {{{"output_type_id", "quantile_level", "quantile", "level"},
                                               {"value", "predicted", "prediction"},
                                               {"output_type", "type"},
                                               {"model_id", "model", "team_model"},
                                               {"reference_date", "origin_date", "forecast_date", "origin"},
                                               {"target_end_date", "target_date", "date", "time"},
                                               {"oracle_value", "observed", "observation", "true_value", "truth"}}};

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr auto none = named_records::none;
Index size_of(auto const& list) { return static_cast<Index>(list.size()); }

// The same nine digits: levels as programs print them differ in the last bits.
double snapped(double level) { return std::round(level * 1e9) / 1e9; }

bool is_date(std::string const& text) { return text.find_first_of("-/.", 1) != none && as_date(text).has_value(); }

}  // namespace

std::uint32_t column_values::number_of(std::string const& raw) {
  auto const [place, fresh] = numbers_.try_emplace(raw, static_cast<std::uint32_t>(raw_.size()));
  if (fresh) raw_.push_back(raw), codes_ = codes_ || is_code(raw), dates_ = dates_ || is_date(raw);
  return place->second;
}

std::string column_values::canonical(std::string const& raw) const {
  if (absent(raw)) return "";
  if (dates_) {
    if (auto const date = as_date(raw)) return date_text(*date);
  }
  if (codes_) return raw;
  auto const number = as_number(raw);
  return number && std::isfinite(*number) ? fmt::format("{}", *number == 0 ? 0 : *number) : raw;
}

std::string column_values::ambiguous() const {
  for (auto const& text : raw_) {
    if (!is_code(text)) continue;
    auto const without = text.substr(std::min(text.find_first_not_of('0'), text.size() - 1));
    if (numbers_.contains(without)) return text;
  }
  return "";
}

forecast_header::forecast_header(named_records const& records) {
  auto const& all = records.headings();
  std::vector<bool> used(all.size(), false);
  for (std::size_t r = 0; r < roles; ++r) {
    column[r] = records.find(known_names[r]);
    if (column[r] != none) used[column[r]] = true;
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (used[i]) continue;
    bool const unnamed = all[i].empty() || all[i].starts_with("unnamed:");
    if (unnamed || all[i].ends_with("_name")) {
      unread.push_back(unnamed ? "one without a name" : all[i]);
      continue;
    }
    records.find({all[i]});  // refuses two of that name
    others.emplace_back(all[i], i);
  }
}

conditions::conditions(names const& where) {
  for (auto const& text : where) {
    auto const sign = text.find_first_of("=~");
    if (sign == none || sign == 0) throw usage_error(fmt::format("--where '{}': column=value or column~text is needed", text));
    all_.push_back({text, lower(trimmed(text.substr(0, sign))), trimmed(text.substr(sign + 1)), text[sign] == '~'});
  }
}

bool conditions::condition::is(std::string const& field) const {
  if (contains) return field.find(value) != none;
  if (field == value) return true;
  if (is_code(field) || is_code(value)) return false;
  auto const a = as_date(field), b = as_date(value);
  if (a || b) return a == b;
  auto const x = as_number(field), y = as_number(value);
  return x && y && *x == *y;
}

bool conditions::met(named_records const& row) {
  bool all = true;
  for (auto& c : all_) {
    std::size_t const column = row.find({c.column});
    if (column == none) return columns_.insert(row.headings().begin(), row.headings().end()), false;
    c.column_seen = true;
    auto const& field = row[column];
    if (c.values.size() < 200) c.values.insert(field);
    c.met = c.met || c.is(field);
    all = all && std::any_of(all_.begin(), all_.end(),
                             [&](condition const& other) { return other.column == c.column && other.is(field); });
  }
  return all;
}

bool conditions::met_where_there(named_records const& row) const {
  return std::all_of(all_.begin(), all_.end(), [&](condition const& c) {
    std::size_t const column = row.find({c.column});
    if (column == none) return true;
    return std::any_of(all_.begin(), all_.end(),
                       [&](condition const& other) { return other.column == c.column && other.is(row[column]); });
  });
}

void conditions::check() const {
  for (auto const& c : all_) {
    if (c.column_seen && c.met) continue;
    if (!c.column_seen) {
      names const known(columns_.begin(), columns_.end());
      auto const like = nearest(c.column, known);
      throw usage_error(fmt::format("--where {}: there is no column '{}'{}; there are {}", c.text, c.column,
                                    like.empty() ? "" : fmt::format(" (did you mean '{}'?)", like), fmt::join(known, ", ")));
    }
    names some(c.values.begin(), c.values.end());
    if (some.size() > 8) some.resize(8), some.push_back("...");
    throw usage_error(fmt::format("--where {}: no row is so; the column has {}", c.text, fmt::join(some, ", ")));
  }
  if (read_ > 0 || unread_.empty() || all_.empty()) return;
  names kinds;
  for (auto const& [name, count] : unread_) kinds.push_back(fmt::format("{} of '{}'", count, name));
  throw usage_error(
      fmt::format("--where: rows are so, but none of them is a quantile, a sample or a pmf ({})", fmt::join(kinds, ", ")));
}

std::string raw_forecasts::place(std::uint32_t file, std::uint32_t line) const {
  return fmt::format("{}: line {}", files[file], line);
}

Index raw_forecasts::column_of(std::string const& name) const {
  auto const found = std::find_if(columns.begin(), columns.end(), [&](auto const& c) { return c.name == name; });
  return found == columns.end() ? -1 : found - columns.begin();
}

Index raw_forecasts::add_column(std::string const& name) {
  if (auto const known = column_of(name); known >= 0) return known;
  columns.emplace_back(name);
  return size_of(columns) - 1;
}

namespace {

// The stem of a file, without .csv or .csv.gz, and the date at one of its ends.
std::pair<std::string, std::string> date_and_rest(fs::path file) {
  if (lower(file.extension().string()) == ".gz") file = file.stem();
  std::string const stem = file.stem().string();
  for (std::size_t const length : {std::size_t{10}, std::size_t{8}}) {
    if (stem.size() < length) continue;
    auto const dated = [&](std::string const& part) {
      return as_date(part) && (length == 10) == (part.find('-') != none) && part.find_first_of(" T") == none;
    };
    auto const head = stem.substr(0, length), tail = stem.substr(stem.size() - length);
    auto const bare = [](std::string rest) {
      auto const first = rest.find_first_not_of("-_ ."), last = rest.find_last_not_of("-_ .");
      return first == none ? std::string() : rest.substr(first, last - first + 1);
    };
    if (dated(head)) return {head, bare(stem.substr(length))};
    if (dated(tail)) return {tail, bare(stem.substr(0, stem.size() - length))};
  }
  return {"", stem};
}

bool is_text_file(fs::path path) {
  if (lower(path.extension().string()) == ".gz") path = path.stem();
  auto const extension = lower(path.extension().string());
  return extension == ".csv" || extension == ".tsv" || extension == ".jsonl" || extension == ".ndjson";
}

}  // namespace

std::vector<input_file> all_files(std::vector<fs::path> const& given, std::map<std::string, Index>& skipped) {
  std::vector<input_file> files;
  for (auto const& path : given) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      files.push_back({path, {}, {}});
      continue;
    }
    auto const before = files.size();
    std::map<std::string, Index> others;
    for (auto const& entry : fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied)) {
      if (!entry.is_regular_file() || entry.path().filename().string().starts_with('.')) continue;
      if (is_text_file(entry.path()))
        files.push_back({entry.path(), {}, {}});
      else
        ++others[lower(entry.path().extension().string())];
    }
    if (files.size() == before) {
      names kinds;
      for (auto const& [kind, count] : others)
        kinds.push_back(fmt::format("{} {}", count, kind.empty() ? "without extension" : kind));
      throw usage_error(fmt::format("{}: holds no CSV files{}", path.string(),
                                    kinds.empty() ? "" : fmt::format(" (but {})", fmt::join(kinds, ", "))));
    }
    for (auto const& [kind, count] : others) skipped[kind] += count;
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end(),
              [](auto const& a, auto const& b) { return a.path < b.path; });
  }
  for (auto& file : files) std::tie(file.date, file.model) = date_and_rest(file.path);
  return files;
}

bool name_models(std::vector<input_file>& files) {
  std::map<std::string, std::set<fs::path>> folders_of;
  std::map<fs::path, std::set<std::string>> names_in;
  for (auto const& file : files) {
    auto const folder = fs::absolute(file.path).lexically_normal().parent_path();
    folders_of[file.model].insert(folder), names_in[folder].insert(file.model);
  }
  bool renamed = false;
  for (auto& file : files) {
    auto const& folders = folders_of[file.model];
    auto folder = fs::absolute(file.path).lexically_normal().parent_path();
    bool const repeated = folders.size() > 1 && std::all_of(folders.begin(), folders.end(), [&](auto const& f) {
                            return names_in[f].size() == 1 && !as_time(f.filename().string());
                          });
    if (!file.model.empty() && !repeated) continue;
    // The last part of the path in which such folders differ.
    auto others = std::vector<fs::path>(folders.begin(), folders.end());
    while (folders.size() > 1 && folder.has_relative_path() &&
           std::all_of(others.begin(), others.end(), [&](auto const& f) { return f.filename() == folder.filename(); })) {
      folder = folder.parent_path();
      for (auto& other : others) other = other.parent_path();
    }
    file.model = folder.filename().string(), renamed = true;
  }
  return renamed;
}

void row_reader::read(input_file const& input) {
  named_records row(input.path);
  forecast_header const h(row);
  for (role const r : {level, value}) {
    if (!h.has(r)) row.needed(known_names[r]);
  }
  file_ = static_cast<std::uint32_t>(raw_.files.size());
  raw_.files.push_back(row.file());
  raw_.timed = raw_.timed || h.has(made) || h.has(due) || !input.date.empty(), raw_.due_given = raw_.due_given || h.has(due);
  place_.clear();
  for (auto const& [column, where] : h.others) place_.push_back(raw_.add_column(column));
  ++formats_[row.format()];
  for (std::size_t r = 0; r < roles; ++r) {
    if (h.has(static_cast<role>(r))) roles_[r].insert(row.headings()[h.column[r]]);
  }
  for (auto const& name : h.unread) unread_.insert(name);
  while (row.next()) read_row(row, h, input);
}

std::vector<std::string> row_reader::explained() const {
  std::vector<std::string> explained_;
  for (auto const& [format, count] : formats_) explained_.push_back(fmt::format("{}: {}", counted(count, "file"), format));
  static constexpr std::array words = {"level", "value", "kind of row", "model", "made", "due", "outcome"};
  for (std::size_t r = 0; r < roles; ++r) {
    if (!roles_[r].empty()) explained_.push_back(fmt::format("{}: {}", words[r], fmt::join(roles_[r], ", ")));
  }
  if (!unread_.empty()) explained_.push_back(fmt::format("columns that are not read: {}", fmt::join(unread_, ", ")));
  for (auto const& [kind_of_row, count] : rows_of_kind)
    explained_.push_back(fmt::format("rows of '{}': {}", kind_of_row, count));
  return explained_;
}

void row_reader::check_models() const {
  names const known(seen_models_.begin(), seen_models_.end());
  for (auto const* list : {&options_.models, &options_.without}) {
    for (auto const& name : *list) {
      if (seen_models_.contains(name)) continue;
      auto const like = nearest(name, known);
      throw usage_error(fmt::format("{}: there is no model '{}'{}; there are {}",
                                    list == &options_.models ? "--models" : "--without", name,
                                    like.empty() ? "" : fmt::format(" (did you mean '{}'?)", like), fmt::join(known, ", ")));
    }
  }
}

void row_reader::read_row(named_records const& row, forecast_header const& h, input_file const& input) {
  if (!where_.met(row)) return;
  bool const has_level = !absent(row[h.column[level]]);
  std::string const said = h.has(kind) ? lower(row[h.column[kind]]) : has_level ? "quantile" : "without a level";
  ++rows_of_kind[said];
  bool const quantile = said == "quantile", sample = said == "sample", pmf = said == "pmf";
  if (!quantile && !sample && !pmf) return where_.not_read(said);
  std::string const& name = h.has(model) ? row[h.column[model]] : input.model;
  seen_models_.insert(name);
  if (!chosen(name)) return;
  where_.read_one();
  double place = 0;
  if (quantile) {
    auto const tau = as_number(row[h.column[level]]);
    if (!tau || !(*tau >= 0 && *tau <= 1))
      throw row.wrong(fmt::format("the level '{}' is not between 0 and 1", shown(row[h.column[level]])));
    place = snapped(*tau);
    if (place <= 0 || place >= 1) return void(++at_the_ends);
  } else if (sample) {
    place = static_cast<double>(samples_.number_of(row[h.column[level]]));
  } else {
    place = static_cast<double>(raw_.category_names.number_of(row[h.column[level]]));
  }
  auto const task = task_of(row, h, input);
  raw_cell const cell{task,  model_of(name),
                      file_, static_cast<std::uint32_t>(row.line()),
                      place, row.number(h.column[value], "value").value_or(nan)};
  (quantile ? raw_.quantiles : sample ? raw_.samples : raw_.categories).push_back(cell);
  if (pmf && !(cell.value >= 0 && cell.value <= 1 + 1e-9))
    throw row.wrong(fmt::format("the probability '{}' is not between 0 and 1", shown(row[h.column[value]])));
  if (h.has(outcome) && !pmf) set_outcome(row, h, task);
}

std::uint32_t row_reader::task_of(named_records const& row, forecast_header const& h, input_file const& input) {
  raw_task task{std::vector<std::int32_t>(raw_.columns.size(), -1), {}, {}};
  for (std::size_t i = 0; i < place_.size(); ++i)
    task.ids[at(place_[i])] = static_cast<std::int32_t>(raw_.columns[at(place_[i])].number_of(row[h.others[i].second]));
  task.made = time_of(row, h.has(made) ? row[h.column[made]] : input.date, "forecast date");
  task.due = time_of(row, row[h.column[due]], "target date");
  auto const bytes = [](auto const& v) { return std::string_view(reinterpret_cast<char const*>(&v), sizeof v); };
  key_.clear();
  std::size_t used = task.ids.size();
  while (used > 0 && task.ids[used - 1] < 0) --used;  // columns that came with later files
  for (std::size_t i = 0; i < used; ++i) key_ += bytes(task.ids[i]);
  for (auto const& time : {task.made, task.due}) key_ += bytes(time.value_or(nan));
  auto const [place, fresh] = tasks_.try_emplace(key_, static_cast<std::uint32_t>(raw_.tasks.size()));
  if (fresh) raw_.tasks.push_back(std::move(task)), raw_.outcomes.push_back(nan), raw_.outcome_places.push_back(0);
  return place->second;
}

std::optional<double> row_reader::time_of(named_records const& row, std::string const& text, char const* what) {
  if (absent(text)) return std::nullopt;
  auto const time = as_time(text);
  if (!time) throw row.wrong(fmt::format("the {} '{}' is neither a date (YYYY-MM-DD) nor a number", what, shown(text)));
  raw_.dates = raw_.dates || as_date(text);
  return time;
}

void row_reader::set_outcome(named_records const& row, forecast_header const& h, std::uint32_t task) {
  auto const y = row.number(h.column[outcome], "outcome");
  if (!y) return;
  auto& known = raw_.outcomes[task];
  if (std::isfinite(known) && known != *y)
    throw row.wrong(fmt::format("the outcome is {}, but {} in another line about the same", *y, known));
  known = *y, raw_.outcome_places[task] = (static_cast<std::uint64_t>(file_) << 32) | static_cast<std::uint64_t>(row.line());
}

bool row_reader::chosen(std::string const& name) const {
  auto const among = [&](names const& list) { return std::find(list.begin(), list.end(), name) != list.end(); };
  return (options_.models.empty() || among(options_.models)) && !among(options_.without);
}

std::uint32_t row_reader::model_of(std::string const& name) {
  auto const [place, fresh] = models_.try_emplace(name, static_cast<std::uint32_t>(raw_.models.size()));
  if (fresh) raw_.models.push_back(name);
  return place->second;
}

}  // namespace robagg_compare

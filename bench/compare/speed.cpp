// SPDX-License-Identifier: BSL-1.0
#include "speed.hpp"

#include "../../tests/reference.hpp"
#include "../tables.hpp"

#include "draws.hpp"
#include "error.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>

namespace robagg_compare {
namespace {

using robagg::table;
namespace reference = robagg_test::reference;

constexpr double radius = 3.6;  // of clip: about the length of the rows that answers are checked on, so that some are clipped
constexpr std::uint64_t bucketing_seed = 1;

Index liars_of(Index rows) { return rows / 5; }

rule_setting setting_of(Index rows) { return {liars_of(rows), radius, bucketing_seed, rows}; }

// The answer of slow and obvious code, where there is some.
std::optional<robagg_test::matrix> slow_answer(std::string const& label, robagg_test::matrix const& x, Index f) {
  std::map<std::string, std::function<robagg_test::matrix()>> const slow = {
      {"mean", [&] { return reference::mean(x); }},
      {"median", [&] { return reference::median(x); }},
      {"trimmed_mean", [&] { return reference::trimmed_mean(x, f); }},
      {"krum", [&] { return reference::krum(x, f); }},
      {"geometric_median", [&] { return reference::geometric_median(x); }},
      {"clip | mean", [&] { return reference::mean(reference::clip(x, radius)); }},
      {"bucketing | median",
       [&] { return reference::median(robagg_test::matrix(robagg::bucketing{.size = 2, .seed = bucketing_seed}(x))); }},
      {"nnm | trimmed_mean", [&] { return reference::trimmed_mean(reference::nearest_neighbour_mixing(x, f), f); }},
      {"nnm | krum", [&] { return reference::krum(reference::nearest_neighbour_mixing(x, f), f); }},
      {"nnm | geo_median", [&] { return reference::geometric_median(reference::nearest_neighbour_mixing(x, f)); }},
  };
  auto const found = slow.find(label);
  return found == slow.end() ? std::nullopt : std::optional(found->second());
}

table<float> random_table(Index rows, Index columns) {
  table<float> x(rows, columns);
  draws random(static_cast<std::uint64_t>(rows * 1000003 + columns));
  for (float& v : x.reshaped()) v = static_cast<float>(2 * random.share() - 1);
  return x;
}

// What a rule's answer was compared with. Krum and its kin choose a row: of these few, never by a hair.
std::string checked(rule const& r) {
  constexpr Index rows = 25, columns = 40;
  table<float> const x = random_table(rows, columns);
  auto const slow = slow_answer(r.label, x.cast<double>(), liars_of(rows));
  if (!slow) return {};
  Eigen::VectorXf const fast = r.make(setting_of(rows))(x);
  double const off = (fast.cast<double>().transpose() - *slow).array().abs().maxCoeff();
  if (!(off <= 1e-5)) throw std::runtime_error(fmt::format("{}: is off by {} and not timed", r.label, off));
  return fmt::format("slow code, within {:.0e}", std::max(off, 1e-8));
}

double median_seconds(double patience, std::function<void()> const& work) {
  using clock = std::chrono::steady_clock;
  auto const timed = [&](Index calls) {
    auto const start = clock::now();
    for (Index k = 0; k < calls; ++k) work();
    return std::chrono::duration<double>(clock::now() - start).count() / static_cast<double>(calls);
  };
  work();
  // A clock is too coarse for a few microseconds: so many calls that a repeat takes a twentieth of a millisecond.
  Index const calls = std::max<Index>(1, static_cast<Index>(5e-5 / std::max(timed(1), 1e-9)));
  std::vector<double> repeats;
  for (auto const start = clock::now();
       repeats.size() < 5 || (std::chrono::duration<double>(clock::now() - start).count() < patience);) {
    repeats.push_back(timed(calls));
  }
  auto const middle = repeats.begin() + static_cast<std::ptrdiff_t>(repeats.size() / 2);
  std::nth_element(repeats.begin(), middle, repeats.end());
  return *middle;
}

double seconds_of(rule const& r, table<float> const& x, double patience) {
  auto const op = r.make(setting_of(x.rows()));
  op.check(x.rows());
  robagg::workspace ws;
  Eigen::VectorXf out(x.cols());
  return median_seconds(patience, [&] { op.into(x, out, ws); });
}
double seconds_of_read(table<float> const& x, double patience) {
  return median_seconds(patience, [&] {
    float volatile kept = robagg_bench::sum_of(x.data(), x.size());
    static_cast<void>(kept);
  });
}

// Followed over rows and columns: few enough for one picture, and those that were added.
bool followed(rule const& r) {
  auto const own = added_rules();
  for (auto const* const label : {"mean", "median", "krum", "geometric_median", "nnm | trimmed_mean"}) {
    if (r.label == label) return true;
  }
  return std::any_of(own.begin(), own.end(), [&](rule const& a) { return a.label == r.label; });
}

}  // namespace

void check(speed_options const& o) {
  auto const sensible = [](Index rows, Index columns) { return rows >= 3 && columns >= 1 && rows * columns <= 200'000'000; };
  bool good = sensible(o.rows, o.columns);
  for (Index const n : o.more_rows) good = good && sensible(n, o.row_columns);
  for (Index const d : o.more_columns) good = good && sensible(o.rows, d);
  if (!good) throw usage_error("--rows and --columns must be of tables of 3 rows or more and at most 200,000,000 numbers");
  if (!(o.patience >= 0 && o.patience <= 60)) throw usage_error("--patience must be between 0 and 60");
}

speed_result compare_speed(speed_options const& options, std::vector<rule> const& rules) {
  check(options);
  speed_result result;
  result.options = options;
  for (auto const& r : rules) {
    try {
      r.make(setting_of(options.rows)).check(options.rows);
      result.lines.push_back({r.label, r.make(setting_of(options.rows)).describe(), 0, checked(r), {}, {}});
    } catch (robagg::bad_input const& error) { result.unfit.emplace_back(r.label, error.what()); }
  }
  auto const fits = chosen(rules, [&] {
    std::vector<std::string> labels;
    for (auto const& line : result.lines) labels.push_back(line.rule);
    return labels;
  }());
  double const nan = std::numeric_limits<double>::quiet_NaN();
  progress shown(1 + options.more_rows.size() + options.more_columns.size());
  auto const time_all = [&](Index rows, Index columns, double& read, auto store) {
    shown.step(fmt::format("{} x {}", rows, columns));
    auto const x = random_table(rows, columns);
    read = seconds_of_read(x, options.patience);
    for (std::size_t i = 0; i < result.lines.size(); ++i) store(i, x);
  };
  time_all(options.rows, options.columns, result.read,
           [&](std::size_t i, table<float> const& x) { result.lines[i].seconds = seconds_of(fits[i], x, options.patience); });
  auto const into = [&](std::vector<double> speed_result::line::* times) {
    return [&, times](std::size_t i, table<float> const& x) {
      if (!followed(fits[i])) return;
      auto& to = result.lines[i].*times;
      try {
        to.push_back(seconds_of(fits[i], x, options.patience));
      } catch (robagg::bad_input const&) { to.push_back(nan); }
    };
  };
  for (Index const n : options.more_rows) {
    time_all(n, options.row_columns, result.read_by_rows.emplace_back(), into(&speed_result::line::by_rows));
  }
  for (Index const d : options.more_columns) {
    time_all(options.rows, d, result.read_by_columns.emplace_back(), into(&speed_result::line::by_columns));
  }
  return result;
}

std::string as_text(speed_result const& result) {
  auto const& o = result.options;
  double const d = static_cast<double>(o.columns);
  std::string text = wrapped(fmt::format(
      "Medians of repeats on {} x {} floats, one thread, f = {}. A plain read of the table takes {:.3g} ns a column.", o.rows,
      o.columns, liars_of(o.rows), 1e9 * result.read / d));
  text_table rows({"rule", "ns a column", "reads", "answer checked by"});
  for (auto const& line : result.lines) {
    rows.add({line.rule, brief(1e9 * line.seconds / d, 3), brief(line.seconds / result.read, 3),
              line.checked.empty() ? "nothing" : line.checked});
  }
  text += "\n" + rows.text();
  for (auto const& [label, reason] : result.unfit) text += fmt::format("{} does not fit: {}\n", label, reason);
  return text;
}

nlohmann::ordered_json as_json(speed_result const& result) {
  using json = nlohmann::ordered_json;
  auto const& o = result.options;
  auto const list = [](std::vector<double> const& seconds) {
    json values = json::array();
    for (double const s : seconds) values.push_back(json_number(s));
    return values;
  };
  json to = {{"command", "speed"},
             {"settings",
              {{"rows", o.rows},
               {"columns", o.columns},
               {"more_rows", o.more_rows},
               {"row_columns", o.row_columns},
               {"more_columns", o.more_columns}}},
             {"read",
              {{"seconds", result.read},
               {"seconds_by_rows", list(result.read_by_rows)},
               {"seconds_by_columns", list(result.read_by_columns)}}},
             {"rules", json::array()},
             {"unfit", json::array()}};
  for (auto const& line : result.lines) {
    json one = {{"rule", line.rule},
                {"operator", line.description},
                {"checked", line.checked},
                {"seconds", line.seconds},
                {"nanoseconds_per_column", 1e9 * line.seconds / static_cast<double>(o.columns)},
                {"seconds_in_reads", line.seconds / result.read}};
    if (!line.by_rows.empty()) one["seconds_by_rows"] = list(line.by_rows), one["seconds_by_columns"] = list(line.by_columns);
    to["rules"].push_back(std::move(one));
  }
  for (auto const& [label, reason] : result.unfit) to["unfit"].push_back({{"rule", label}, {"reason", reason}});
  return to;
}

std::string as_csv(speed_result const& result) {
  auto const& o = result.options;
  std::string text = csv_line({"rule", "rows", "columns", "seconds", "seconds_of_read"});
  auto const add = [&](std::string const& rule, Index rows, Index columns, double seconds, double read) {
    text += csv_line({rule, fmt::format("{}", rows), fmt::format("{}", columns), csv_number(seconds), csv_number(read)});
  };
  for (auto const& line : result.lines) {
    add(line.rule, o.rows, o.columns, line.seconds, result.read);
    for (std::size_t k = 0; k < line.by_rows.size(); ++k) {
      add(line.rule, o.more_rows[k], o.row_columns, line.by_rows[k], result.read_by_rows[k]);
    }
    for (std::size_t k = 0; k < line.by_columns.size(); ++k) {
      add(line.rule, o.rows, o.more_columns[k], line.by_columns[k], result.read_by_columns[k]);
    }
  }
  return text;
}

plot_spec as_plot(speed_result const& result) {
  plot_spec spec{
      .title = "Time by the number of columns", .x_label = "columns", .y_label = "seconds", .log_x = true, .series = {}};
  spec.log_y = true;
  std::vector<double> const x(result.options.more_columns.begin(), result.options.more_columns.end());
  for (auto const& line : result.lines) {
    if (!line.by_columns.empty()) spec.series.push_back({line.rule, x, line.by_columns});
  }
  spec.series.push_back({"plain read", x, result.read_by_columns});
  return spec;
}

}  // namespace robagg_compare

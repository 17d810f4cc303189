// SPDX-License-Identifier: BSL-1.0
#include "inspect.hpp"

#include "error.hpp"
#include "records.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace robagg_compare {
namespace {

// The rule on a table, whose NaN may stand for entries that are absent.
template <class T, class Out>
void aggregate(any_aggregator const& op, table<T> const& x, bool masked, Out&& out, robagg::workspace& ws) {
  if (masked)
    op.into(robagg::skip_nan(x), out, ws);
  else
    op.into(x, out, ws);
}

template <class T>
using vector_of = Eigen::Matrix<T, Eigen::Dynamic, 1>;

// How far two results are apart in a column: equal infinities and two NaNs not at all.
double gap(double a, double b) {
  if (a == b || (a != a && b != b)) return 0;
  double const distance = std::abs(a - b);
  return distance == distance ? distance : std::numeric_limits<double>::infinity();
}

// Euclidean length without overflow; an infinite or NaN value makes it infinite or NaN.
template <class Value>
double length(Index n, Value value) {
  double largest = 0;
  for (Index c = 0; c < n; ++c) {
    double const v = std::abs(value(c));
    if (v != v) return v;
    largest = std::max(largest, v);
  }
  if (largest == 0 || std::isinf(largest)) return largest;
  double sum = 0;
  for (Index c = 0; c < n; ++c) sum += value(c) / largest * (value(c) / largest);
  return largest * std::sqrt(sum);
}
template <class V>
double length(V const& v) {
  return length(v.size(), [&](Index c) { return static_cast<double>(v(c)); });
}
template <class V>
double distance(V const& a, V const& b) {
  return length(a.size(), [&](Index c) { return static_cast<double>(a(c)) - static_cast<double>(b(c)); });
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The median of repeated runs, a twentieth of a second in all but at least once.
template <class Work>
double median_time(Work work) {
  std::vector<double> times;
  double total = 0;
  do {
    auto const start = std::chrono::steady_clock::now();
    work();
    times.push_back(seconds_since(start));
    total += times.back();
  } while (times.size() < 3 ? total < 1 : total < 0.05 && times.size() < 1000);
  auto const middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

// The largest change of `result` when one row is left out, and the row.
template <class T>
void leave_one_out(any_aggregator const& op, table<T> const& x, bool masked, vector_of<T> const& result,
                   inspection::line& line) {
  Index const n = x.rows();
  robagg::workspace ws;
  vector_of<T> without(x.cols());
  std::vector<Index> others(static_cast<std::size_t>(n - 1));
  std::iota(others.begin(), others.end(), Index{1});
  for (Index i = 0; i < n; ++i) {
    if (masked)
      op.into(robagg::skip_nan(robagg::subset(x, others)), without, ws);
    else
      op.into(robagg::subset(x, others), without, ws);
    double const change = length(x.cols(), [&](Index c) { return gap(result(c), without(c)); });
    // Rows that matter the same, but for rounding: the first one.
    if (!line.change || change > (1 + 1e-6) * *line.change) line.change = change, line.changed_by = i;
    if (i < n - 1) others[static_cast<std::size_t>(i)] = i;  // from without row i to without row i + 1
  }
}

// Columns for nudging, in double and evenly spread, and how far each value is nudged: a millionth of
// the range of the middle half of its column, which liars do not widen, but enough to survive rounding.
struct nudging {
  table<double> x, step;
};
template <class T>
nudging columns_to_nudge(table<T> const& x, Index columns) {
  Index const n = x.rows(), d = x.cols();
  nudging result{table<double>(n, columns), table<double>(n, columns)};
  double const rounding = 16 * static_cast<double>(n) * std::numeric_limits<double>::epsilon();
  std::vector<double> finite;
  for (Index k = 0; k < columns; ++k) {
    finite.clear();
    for (Index i = 0; i < n; ++i) {
      double const v = result.x(i, k) = static_cast<double>(x(i, k * d / columns));
      if (std::isfinite(v)) finite.push_back(v);
    }
    std::sort(finite.begin(), finite.end());
    std::size_t const m = finite.size();
    double const middle = m == 0 ? 0 : std::abs(finite[m / 2]);
    double const range = m == 0 ? 0 : 1e-6 * finite[3 * m / 4] - 1e-6 * finite[m / 4];
    for (Index i = 0; i < n; ++i) {
      double const v = std::abs(result.x(i, k)), least = rounding * std::max(std::isfinite(v) ? v : 0, middle);
      double const step = std::max(range, least);
      result.step(i, k) = step > 0 ? step : 1e-6;  // only zeros
    }
  }
  return result;
}

// For each row, in how many columns the result moves when the row's value moves up or down a little.
Eigen::VectorXd nudge(any_aggregator const& op, nudging& columns, bool masked) {
  auto& x = columns.x;
  Index const n = x.rows(), d = x.cols();
  robagg::workspace ws;
  Eigen::VectorXd shares(n), before(d), up(d), down(d);
  Eigen::RowVectorXd row(d);
  aggregate(op, x, masked, before, ws);
  for (Index i = 0; i < n; ++i) {
    row = x.row(i);
    x.row(i) = row + columns.step.row(i);
    aggregate(op, x, masked, up, ws);
    x.row(i) = row - columns.step.row(i);
    aggregate(op, x, masked, down, ws);
    x.row(i) = row;
    Index moved = 0;
    for (Index c = 0; c < d; ++c) moved += gap(before(c), up(c)) > 0 || gap(before(c), down(c)) > 0;
    shares(i) = static_cast<double>(moved) / static_cast<double>(d);
  }
  return shares;
}

// Looking at n rows costs about n n operations a column and rule; 0: too many rows to look at.
Index columns_worth_nudging(Index n, Index d, bool all) {
  if (all) return d;
  double const affordable = 5e7 / (static_cast<double>(n) * static_cast<double>(n));
  if (affordable < 16 && static_cast<double>(d) > affordable) return 0;
  return std::min(d, static_cast<Index>(std::min(affordable, 4096.)));
}

template <class T>
void inspect(table<T> const& x, inspect_options const& options, std::vector<rule> const& rules, inspection& result) {
  Index const n = x.rows(), d = x.cols();
  result.bytes = static_cast<double>(n) * static_cast<double>(d) * sizeof(T);
  std::vector<double> norms;
  for (Index i = 0; i < n; ++i) {
    for (Index c = 0; c < d; ++c) result.nan += std::isnan(x(i, c)), result.infinite += std::isinf(x(i, c));
    double const norm = length(x.row(i));
    norms.push_back(norm == norm ? norm : std::numeric_limits<double>::infinity());
  }
  std::nth_element(norms.begin(), norms.begin() + n / 2, norms.end());
  result.radius = norms[static_cast<std::size_t>(n / 2)];

  robagg::workspace ws;
  vector_of<T> mean(d), median(d), y(d);
  auto const baselines = chosen(all_rules(), {"mean", "median"});
  aggregate(baselines[0].make({}), x, options.masked, mean, ws);
  aggregate(baselines[1].make({}), x, options.masked, median, ws);
  result.nudged_columns = columns_worth_nudging(n, d, options.influence);
  auto columns = columns_to_nudge(x, result.nudged_columns);

  progress shown(rules.size());
  for (auto const& r : rules) {
    shown.step(r.label);
    inspection::line line;
    line.label = r.label;
    std::optional<any_aggregator> op;
    try {
      op = r.make({result.liars, result.radius, 0, n});
      op->check(n);
      line.description = op->describe();
      aggregate(*op, x, options.masked, y, ws);
    } catch (robagg::bad_input const& error) {
      result.unfit.emplace_back(r.label, error.what());
      continue;
    }
    line.norm = length(y);
    line.to_mean = distance(y, mean);
    line.to_median = distance(y, median);
    vector_of<T> again(d);
    line.seconds = median_time([&] { aggregate(*op, x, options.masked, again, ws); });
    if (auto const w = options.masked ? std::nullopt : op->weights(x)) line.weights = *w;
    if (r.coordinatewise && result.nudged_columns > 0) line.moved = nudge(*op, columns, options.masked);
    try {
      op->check(n - 1);
      double const needed = static_cast<double>(n) * line.seconds;
      if (n > 1 && (options.influence || needed <= options.patience)) {
        leave_one_out(*op, x, options.masked, y, line);
      } else if (n > 1) {
        line.skipped = needed;
      }
    } catch (robagg::bad_input const&) {
      // One row less is too few for this rule.
    }
    result.lines.push_back(std::move(line));
  }
}

nlohmann::ordered_json number(double value) {
  if (std::isfinite(value)) return value;
  return csv_number(value);
}

}  // namespace

inspection inspect(loaded_table const& loaded, std::string const& file, inspect_options const& options,
                   std::vector<rule> const& rules) {
  inspection result;
  result.file = file;
  result.type = loaded.type, result.names = loaded.rows, result.said = loaded.said;
  result.explained.push_back(
      fmt::format("{}: {}{}", file, loaded.type,
                  loaded.shape.empty() ? "" : fmt::format(", an array of {}", fmt::join(loaded.shape, " x "))));
  if (!loaded.rows.empty())
    result.explained.push_back(fmt::format("rows are named, from {} to {}", loaded.rows.front(), loaded.rows.back()));
  result.explained.push_back("each row is a report, each column is reported on");
  std::visit(
      [&](auto const& x) {
        result.rows = x.rows(), result.columns = x.cols();
        result.default_liars = options.liars < 0;
        result.liars = result.default_liars ? (x.rows() - 1) / 4 : options.liars;
        if (result.liars >= x.rows()) {
          throw usage_error(fmt::format("--liars: {} of {} rows cannot all lie", result.liars, x.rows()));
        }
        inspect(x, options, rules, result);
      },
      loaded.values);
  return result;
}

Index apply_mask(loaded_table& values, loaded_table const& mask, std::string const& mask_file) {
  auto const m = std::visit([](auto const& x) { return table<double>(x.template cast<double>()); }, mask.values);
  return std::visit(
      [&](auto& x) {
        if (m.rows() != x.rows() || m.cols() != x.cols())
          throw usage_error(
              fmt::format("--mask: {} is {} x {}, the table {} x {}", mask_file, m.rows(), m.cols(), x.rows(), x.cols()));
        Index out = 0;
        for (Index i = 0; i < x.rows(); ++i) {
          for (Index c = 0; c < x.cols(); ++c) {
            if (m(i, c) != 0 && m(i, c) != 1)
              throw usage_error(
                  fmt::format("--mask: {} has {} in row {}, column {}; 0 and 1 are needed", mask_file, m(i, c), i, c));
            if (m(i, c) == 1) ++out, x(i, c) = std::numeric_limits<typename std::decay_t<decltype(x)>::Scalar>::quiet_NaN();
          }
        }
        return out;
      },
      values.values);
}

std::string row_ranges(std::vector<Index> const& rows, std::size_t length) {
  std::string text;
  for (std::size_t i = 0, end; i < rows.size(); i = end) {
    for (end = i + 1; end < rows.size() && rows[end] == rows[end - 1] + 1;) ++end;
    std::string const next = end - i == 1   ? fmt::format("{}", rows[i])
                             : end - i == 2 ? fmt::format("{},{}", rows[i], rows[i + 1])
                                            : fmt::format("{}-{}", rows[i], rows[end - 1]);
    if (text.size() + next.size() + 1 > length) return fmt::format("{},... ({} rows)", text, rows.size());
    text += (text.empty() ? "" : ",") + next;
  }
  return text;
}

std::string row_shares(Eigen::VectorXd const& shares) {
  std::vector<Index> some, none;
  for (Index i = 0; i < shares.size(); ++i) {
    if (std::isnan(shares(i))) return "nan for every row";
    (shares(i) != 0 ? some : none).push_back(i);
  }
  if (some.empty()) return "no row";
  auto const percent = [&](Index i) { return fmt::format("{} %", brief(100 * shares(i), 3)); };
  std::stable_sort(some.begin(), some.end(), [&](Index a, Index b) { return shares(a) > shares(b); });
  double const most = shares(some.front()), least = shares(some.back());
  if (most - least <= 1e-9 * most) {
    return fmt::format("row{} {} ({}{})", some.size() == 1 ? "" : "s", row_ranges(some), percent(some.front()),
                       some.size() == 1 ? "" : " each");
  }
  std::string text = "most ";
  auto const equal = std::find_if(some.begin(), some.end(), [&](Index i) { return shares(i) < (1 - 1e-9) * most; });
  if (equal - some.begin() > 1) {
    text += fmt::format("{} ({} each)", row_ranges({some.begin(), equal}, 24), percent(some.front()));
  } else {
    std::size_t const top = std::min<std::size_t>(3, some.size() - 1);
    for (std::size_t k = 0; k < top; ++k) text += fmt::format("{}{} ({})", k == 0 ? "" : ", ", some[k], percent(some[k]));
  }
  text += fmt::format("; least {} ({})", some.back(), percent(some.back()));
  if (!none.empty()) text += "; none " + row_ranges(none, 24);
  return text;
}

std::string as_text(inspection const& result) {
  std::string text = fmt::format("{}: {} x {}, {}, {} NaN, {} infinite\n", result.file, counted(result.rows, "row"),
                                 counted(result.columns, "column"), result.type, result.nan, result.infinite);
  for (auto const& sentence : result.said) text += wrapped(sentence);
  if (result.masked >= 0)
    text += fmt::format("The mask takes out {}; rules see only what is left.\n",
                        result.masked == 1 ? "1 entry" : fmt::format("{} entries", result.masked));
  text += fmt::format("Rules suppose that f = {} of the {} may lie{}.\n\n", result.liars, counted(result.rows, "row"),
                      result.default_liars ? " (a quarter; see --liars)" : "");

  text_table lines({"rule", "length", "to mean", "to med.", "one out", "row", "us", "GB/s"});
  bool any_skipped = false;
  auto const name = [&](Index row) {
    return result.names.empty() ? fmt::format("{}", row) : result.names[static_cast<std::size_t>(row)];
  };
  for (auto const& line : result.lines) {
    lines.add({line.label, brief(line.norm, 3), brief(line.to_mean, 3), brief(line.to_median, 3),
               line.change ? brief(*line.change, 3) : "-", line.change && *line.change > 0 ? name(line.changed_by) : "-",
               brief(1e6 * line.seconds, 3), brief(1e-9 * result.bytes / line.seconds, 3)});
    any_skipped = any_skipped || line.skipped > 0;
  }
  text += lines.text();
  text +=
      "\nlength   Euclidean length of the result; then its distance to the mean and to the\n"
      "         median of the rows\n"
      "one out  largest change of the result when one row is left out, and that row\n"
      "us       microseconds for one aggregation\n";

  bool weighing = false, nudging = false;
  for (auto const& line : result.lines) {
    weighing = weighing || line.weights.size() > 0;
    nudging = nudging || line.moved.size() > 0;
  }
  if (weighing) {
    text += fmt::format("\nHow much rows weigh in the result ({}):\n",
                        result.names.empty() ? "rows count from 0" : "by number, from 0; names are below");
    for (auto const& line : result.lines) {
      if (line.weights.size() > 0) text += fmt::format("{:<20} {}\n", line.label, row_shares(line.weights));
    }
  }
  if (nudging) {
    text +=
        fmt::format("\nShare of {} in which nudging a row moves the result:\n",
                    result.nudged_columns == result.columns ? std::string("columns")
                                                            : fmt::format("{} evenly spread columns", result.nudged_columns));
    for (auto const& line : result.lines) {
      if (line.moved.size() > 0) text += fmt::format("{:<20} {}\n", line.label, row_shares(line.moved));
    }
  }
  if (any_skipped || result.nudged_columns == 0) {
    double longest = 0;
    for (auto const& line : result.lines) longest = std::max(longest, line.skipped);
    text += "\nThe table is large";
    if (any_skipped) text += fmt::format(": leaving out every row would take a rule up to {} s", brief(longest, 3));
    text += ".";
    text += "\n--influence computes what is missing here, however long it takes.\n";
  }

  if (!result.names.empty() && (weighing || nudging)) {
    std::string all = "Rows:";
    for (std::size_t i = 0; i < std::min<std::size_t>(result.names.size(), 200); ++i)
      all += fmt::format(" {} {}{}", i, result.names[i], i + 1 < result.names.size() ? "," : "");
    text += "\n" + wrapped(all + (result.names.size() > 200 ? " ..." : ""));
  }
  text += "\nParameters:\n";
  for (auto const& line : result.lines) text += fmt::format("{:<20} {}\n", line.label, line.description);
  if (!result.unfit.empty()) {
    text += "\nRules that do not fit this table:\n";
    for (auto const& [label, reason] : result.unfit) text += fmt::format("{:<20} {}\n", label, reason);
  }
  return text;
}

nlohmann::ordered_json as_json(inspection const& result) {
  nlohmann::ordered_json json = {
      {"command", "table"},
      {"file", result.file},
      {"type", result.type},
      {"rows", result.rows},
      {"columns", result.columns},
      {"nan", result.nan},
      {"infinite", result.infinite},
      {"liars", result.liars},
      {"nudged_columns", result.nudged_columns},
      {"rules", nlohmann::ordered_json::array()},
      {"unfit", nlohmann::ordered_json::array()},
  };
  if (!result.names.empty()) json["names"] = result.names;
  if (result.masked >= 0) json["masked"] = result.masked;
  json["said"] = result.said;
  auto const list = [](Eigen::VectorXd const& values) {
    auto array = nlohmann::ordered_json::array();
    for (double const v : values) array.push_back(number(v));
    return array;
  };
  for (auto const& line : result.lines) {
    nlohmann::ordered_json entry = {{"rule", line.label},
                                    {"operator", line.description},
                                    {"length", number(line.norm)},
                                    {"distance_to_mean", number(line.to_mean)},
                                    {"distance_to_median", number(line.to_median)}};
    if (line.change) entry["leave_one_out"] = {{"change", number(*line.change)}, {"row", line.changed_by}};
    entry["microseconds"] = 1e6 * line.seconds;
    entry["gigabytes_per_second"] = 1e-9 * result.bytes / line.seconds;
    if (line.weights.size() > 0) entry["weights"] = list(line.weights);
    if (line.moved.size() > 0) entry["moved_columns"] = list(line.moved);
    json["rules"].push_back(std::move(entry));
  }
  for (auto const& [label, reason] : result.unfit) json["unfit"].push_back({{"rule", label}, {"reason", reason}});
  return json;
}

std::string as_csv(inspection const& result) {
  std::string text = csv_line({"rule", "operator", "length", "distance_to_mean", "distance_to_median", "leave_one_out_change",
                               "leave_one_out_row", "microseconds", "gigabytes_per_second"});
  for (auto const& line : result.lines) {
    text += csv_line({line.label, line.description, csv_number(line.norm), csv_number(line.to_mean), csv_number(line.to_median),
                      line.change ? csv_number(*line.change) : "", line.change ? fmt::format("{}", line.changed_by) : "",
                      csv_number(1e6 * line.seconds), csv_number(1e-9 * result.bytes / line.seconds)});
  }
  return text;
}

}  // namespace robagg_compare

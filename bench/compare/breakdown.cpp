// SPDX-License-Identifier: BSL-1.0
#include "breakdown.hpp"

#include "draws.hpp"
#include "error.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <robagg/workspace.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace robagg_compare {
namespace {

using robagg::table;

// The breakdown points of README's table.
Index limit_of(std::string const& rule, Index n) {
  if (rule == "mean") return 0;
  for (auto const* const label : {"median", "trimmed_mean", "krum", "geometric_median", "nnm | trimmed_mean"}) {
    if (rule == label) return (n - 1) / 2;
  }
  return -1;
}

// The median length of the rows, as in federated: a radius for clip.
double median_norm(table<double> const& x) {
  std::vector<double> norms;
  for (Index i = 0; i < x.rows(); ++i) norms.push_back(x.row(i).norm());
  auto const middle = norms.begin() + static_cast<std::ptrdiff_t>(norms.size() / 2);
  std::nth_element(norms.begin(), middle, norms.end());
  return *middle;
}

breakdown_result::point worst_point(breakdown_options const& o, rule const& r, Index liars) {
  breakdown_result::point worst{liars, -1};
  robagg::workspace ws;
  table<double> x(o.rows, o.columns);
  Eigen::VectorXd estimate(o.columns);
  for (double const distance : o.distances) {
    double sum = 0, squares = 0;
    for (Index k = 0; k < o.repeats; ++k) {
      draws random(o.seed +
                   0x9e3779b9u * static_cast<std::uint64_t>(k));  // every rule, f and distance sees the same honest rows
      for (Index i = 0; i < o.rows; ++i) {
        for (Index j = 0; j < o.columns; ++j) x(i, j) = random.normal();
      }
      x.bottomRows(liars).setConstant(distance);
      r.make({liars, median_norm(x), o.seed, o.rows}).into(x, estimate, ws);
      double const error = std::sqrt(estimate.squaredNorm() / static_cast<double>(o.columns));
      sum += error, squares += error * error;
    }
    double const n = static_cast<double>(o.repeats), mean = sum / n;
    if (!(mean <= worst.error)) { worst = {liars, mean, std::sqrt(std::max(0., squares / n - mean * mean)), distance}; }
    if (liars == 0) break;  // nobody stands anywhere
  }
  return worst;
}

}  // namespace

void check(breakdown_options const& o) {
  if (o.rows < 3 || o.rows > 1000) throw usage_error("--rows must be between 3 and 1000");
  if (o.columns < 1 || o.columns > 100'000) throw usage_error("--columns must be between 1 and 100,000");
  if (o.repeats < 1 || o.repeats > 1'000'000) throw usage_error("--repeats must be between 1 and 1,000,000");
  for (double const d : o.distances) {
    if (!std::isfinite(d)) throw usage_error("--distances must be finite");
  }
  if (o.distances.empty()) throw usage_error("--distances needs a value");
}

std::vector<rule> breakdown_rules() {
  auto rules = chosen(all_rules(), {"mean", "median", "trimmed_mean", "krum", "geometric_median", "nnm | trimmed_mean"});
  for (auto& own : added_rules()) rules.push_back(std::move(own));
  return rules;
}

breakdown_result compare_breakdown(breakdown_options const& options, std::vector<rule> const& rules) {
  check(options);
  breakdown_result result{options, {}};
  Index const most = (options.rows + 1) / 2;  // one more than any rule withstands
  progress shown(rules.size() * static_cast<std::size_t>(most + 1));
  for (auto const& r : rules) {
    breakdown_result::line line{r.label, limit_of(r.label, options.rows), {}};
    for (Index f = 0; f <= most; ++f) {
      shown.step(fmt::format("{}, {} liars", r.label, f));
      try {
        r.make({f, 1, 0, options.rows}).check(options.rows);
      } catch (robagg::bad_input const&) { break; }
      line.points.push_back(worst_point(options, r, f));
      if (f <= line.limit) line.worst_within = std::max(line.worst_within, line.points.back().error);
    }
    result.lines.push_back(std::move(line));
  }
  return result;
}

std::string as_text(breakdown_result const& result) {
  auto const& o = result.options;
  std::string text = wrapped(fmt::format(
      "Error of the estimate of a centre, a column, from {} rows of {} columns, f of which lie: the mean of {} tables at the "
      "worst of {} distances. Honest rows are standard normal.",
      o.rows, o.columns, o.repeats, o.distances.size()));
  std::vector<std::string> heads{"rule", "limit"};
  std::size_t most = 0;
  for (auto const& line : result.lines) most = std::max(most, line.points.size());
  for (std::size_t f = 0; f < most; ++f) heads.push_back(fmt::format("f = {}", f));
  text_table rows(std::move(heads));
  for (auto const& line : result.lines) {
    std::vector<std::string> cells{line.rule, line.limit < 0 ? "-" : fmt::format("{}", line.limit)};
    for (auto const& p : line.points) cells.push_back(brief(p.error, 3));
    rows.add(std::move(cells));
  }
  return text + "\n" + rows.text();
}

nlohmann::ordered_json as_json(breakdown_result const& result) {
  using json = nlohmann::ordered_json;
  auto const& o = result.options;
  json to = {{"command", "breakdown"},
             {"settings",
              {{"rows", o.rows}, {"columns", o.columns}, {"repeats", o.repeats}, {"distances", o.distances}, {"seed", o.seed}}},
             {"rules", json::array()}};
  for (auto const& line : result.lines) {
    json points = json::array();
    for (auto const& p : line.points) {
      points.push_back({{"name", fmt::format("{} liars", p.liars)},
                        {"liars", p.liars},
                        {"mean", json_number(p.error)},
                        {"spread", json_number(p.spread)},
                        {"distance", p.distance}});
    }
    json one = {{"rule", line.rule}, {"points", std::move(points)}};
    if (line.limit >= 0) one["limit"] = line.limit, one["worst_within"] = json_number(line.worst_within);
    to["rules"].push_back(std::move(one));
  }
  return to;
}

std::string as_csv(breakdown_result const& result) {
  std::string text = csv_line({"rule", "liars", "error", "standard_deviation", "distance"});
  for (auto const& line : result.lines) {
    for (auto const& p : line.points) {
      text +=
          csv_line({line.rule, fmt::format("{}", p.liars), csv_number(p.error), csv_number(p.spread), csv_number(p.distance)});
    }
  }
  return text;
}

plot_spec as_plot(breakdown_result const& result) {
  double const n = static_cast<double>(result.options.rows);
  plot_spec spec{.title = "How far liars move a rule",
                 .x_label = "share of rows that lie",
                 .y_label = "error of the estimate",
                 .series = {}};
  spec.log_y = true;
  for (auto const& line : result.lines) {
    auto& series = spec.series.emplace_back();
    series.name = line.rule;
    for (auto const& p : line.points) series.x.push_back(static_cast<double>(p.liars) / n), series.y.push_back(p.error);
  }
  spec.marks.emplace_back(.5, "half: no rule withstands it");
  return spec;
}

}  // namespace robagg_compare

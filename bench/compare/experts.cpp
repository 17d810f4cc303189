// SPDX-License-Identifier: BSL-1.0
#include "experts.hpp"

#include "error.hpp"
#include "records.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <robagg/location/mean.hpp>
#include <robagg/location/median.hpp>
#include <robagg/online.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace robagg_compare {
namespace {

using names = std::vector<std::string>;
constexpr double asleep = std::numeric_limits<double>::quiet_NaN();

names const outcome_names = {"outcome", "truth", "target", "actual", "y", "value"}, time_names = {"time", "date", "t", "ds"};

// One way to merge, over all rounds: predict(row) is NaN where nobody is awake, and learn(outcome) follows where somebody is.
template <class Predict, class Learn>
experts_result::line& follow(experts_result& to, std::string name, expert_file const& file, Predict predict, Learn learn) {
  experts_result::line line{std::move(name), 0, 0, {}, {}, {}};
  robagg::detail::loss_function const loss{to.options.loss, to.options.level};
  Index played = 0;
  for (Index t = 0; t < file.forecasts.rows(); ++t) {
    double const prediction = predict(file.forecasts.row(t));
    if (!std::isnan(prediction)) {
      double const own = loss(prediction, file.outcomes(t)), best = loss(file.forecasts(t, to.best), file.outcomes(t));
      learn(file.outcomes(t));
      line.loss += own, ++played;
      if (!std::isnan(best)) line.regret += own - best;
    }
    line.regrets.push_back(line.regret);
  }
  line.loss /= static_cast<double>(std::max<Index>(played, 1));
  return to.lines.emplace_back(std::move(line));
}
// A rule of the library's.
template <class Rule>
void play(experts_result& to, std::string name, Rule const& rule, expert_file const& file) {
  auto const& options = to.options;
  robagg::expert_state state(rule, file.forecasts.cols(),
                             {.loss = options.loss, .level = options.level, .gradient = options.gradient});
  auto& line = follow(
      to, std::move(name), file, [&](auto const& row) { return state.predict(row); }, [&](double y) { state.update(y); });
  if constexpr (requires { state.bound(to.best); }) line.bound = state.bound(to.best);
  line.weights = state.weights().matrix();
}
// An aggregate of the forecasts that are there, without memory.
template <class Op>
void forget(experts_result& to, std::string name, Op const& op, expert_file const& file) {
  Eigen::VectorXd forecast(1);
  robagg::workspace ws;
  auto const predict = [&](auto const& row) {
    table<double> const said = row.transpose();
    if (said.array().isNaN().all()) return asleep;
    op.into(robagg::skip_nan(said), forecast, ws);
    return forecast(0);
  };
  follow(to, std::move(name), file, predict, [](double) {});
}

std::string loss_name(experts_options const& options) {
  std::string name(robagg::enumerators(options.loss)[static_cast<std::size_t>(options.loss)]);
  return options.loss == robagg::forecast_loss::pinball ? fmt::format("{} {:g}", name, options.level) : name;
}

}  // namespace

expert_file read_experts(std::filesystem::path const& path) {
  named_records rows(path);
  expert_file to;
  to.file = path.string();
  auto const outcome = rows.needed(outcome_names), time = rows.find(time_names);
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < rows.headings().size(); ++c) {
    if (c != outcome && c != time && !rows.headings()[c].empty()) columns.push_back(c), to.names.push_back(rows.title(c));
  }
  std::vector<double> forecasts, outcomes;
  std::optional<double> before;
  Index open = 0;
  while (rows.next()) {
    if (time != named_records::none) {
      auto const now = as_time(rows[time]);
      if (!now) throw rows.wrong(fmt::format("the time '{}' is neither a date (YYYY-MM-DD) nor a number", shown(rows[time])));
      if (before && *now <= *before)
        throw rows.wrong(fmt::format("'{}' does not come after the line before", shown(rows[time])));
      before = now;
    }
    auto const y = rows.number(outcome, "outcome");
    if (!y) {
      ++open;
      continue;
    }
    if (!std::isfinite(*y)) throw rows.wrong(fmt::format("the outcome '{}' is not finite", shown(rows[outcome])));
    outcomes.push_back(*y);
    for (auto const c : columns) {
      double const value = rows.number(c, "forecast").value_or(asleep);
      if (std::isinf(value)) throw rows.wrong(fmt::format("the forecast of '{}' is infinite", rows.title(c)));
      forecasts.push_back(value);
    }
  }
  if (columns.size() < 2)
    throw usage_error(
        fmt::format("{}: holds {}, and two are needed", to.file, counted(static_cast<Index>(columns.size()), "expert")));
  if (outcomes.empty()) throw usage_error(fmt::format("{}: holds no outcome", to.file));
  auto const n = static_cast<Index>(outcomes.size());
  to.outcomes = Eigen::Map<Eigen::VectorXd const>(outcomes.data(), n);
  to.forecasts = Eigen::Map<table<double> const>(forecasts.data(), n, static_cast<Index>(columns.size()));
  to.explained = {fmt::format("{}: {}", to.file, rows.format()),
                  fmt::format("outcome '{}', time {}, experts: {}", rows.title(outcome),
                              time == named_records::none ? "as the lines" : fmt::format("'{}'", rows.title(time)),
                              fmt::join(to.names, ", "))};
  if (open > 0) to.said.push_back(fmt::format("{} without an outcome left out.", counted(open, "line")));
  return to;
}

expert_file experts_of(forecast_set const& set, std::string const& horizon) {
  expert_file to;
  auto const p = static_cast<Index>(set.models.size());
  auto const median = std::find(set.levels.begin(), set.levels.end(), .5) - set.levels.begin();
  std::vector<Index> tasks;
  for (std::size_t t = 0; t < set.tasks.size(); ++t) {
    if (set.tasks[t].id.back() == horizon) tasks.push_back(static_cast<Index>(t));
  }
  to.names = set.models;
  auto const n = static_cast<Index>(tasks.size());
  to.forecasts.resize(n, p), to.outcomes.resize(n);
  for (Index t = 0; t < n; ++t) {
    Index const task = tasks[static_cast<std::size_t>(t)];
    for (Index j = 0; j < p; ++j) to.forecasts(t, j) = set.quantiles(task * p + j, median);
    to.outcomes(t) = set.tasks[static_cast<std::size_t>(task)].outcome;
  }
  to.explained = set.explained, to.said = set.said;
  return to;
}

experts_result compare_experts(expert_file const& file, experts_options const& options) {
  experts_result to;
  to.options = options, to.file = file.file, to.explained = file.explained, to.said = file.said;
  auto const& x = file.forecasts;
  to.rounds = x.rows();
  robagg::detail::loss_function const loss{options.loss, options.level};
  for (Index j = 0; j < x.cols(); ++j) {
    experts_result::expert one{file.names[static_cast<std::size_t>(j)], 0, 0};
    for (Index t = 0; t < x.rows(); ++t) {
      if (std::isnan(x(t, j))) continue;
      double const own = loss(x(t, j), file.outcomes(t));
      one.loss += own, ++one.awake;
    }
    one.loss = one.awake > 0 ? one.loss / static_cast<double>(one.awake) : asleep;
    to.experts.push_back(one);
  }
  Index most = 0;
  for (auto const& e : to.experts) most = std::max(most, e.awake);
  if (most == 0) throw usage_error(fmt::format("{}: nobody has forecast anything", file.file));
  double lowest = std::numeric_limits<double>::infinity();
  for (Index j = 0; j < x.cols(); ++j) {
    auto const& e = to.experts[static_cast<std::size_t>(j)];
    if (e.awake == most && e.loss < lowest) lowest = e.loss, to.best = j;
  }
  forget(to, "mean", robagg::mean{}, file);
  forget(to, "median", robagg::median{}, file);
  play(to, "hedge", robagg::hedge{}, file);
  play(to, "ml_poly", robagg::ml_poly{}, file);
  play(to, "ml_prod", robagg::ml_prod{}, file);
  play(to, "ml_ewa", robagg::ml_ewa{}, file);
  play(to, "boa", robagg::boa{}, file);
  play(to, "projected_gradient", robagg::projected_gradient{}, file);
  return to;
}

std::string as_text(experts_result const& result) {
  auto const& best = result.experts[static_cast<std::size_t>(result.best)];
  std::string text =
      fmt::format("{}: {}, {}, {} loss\n", result.file, counted(static_cast<Index>(result.experts.size()), "expert"),
                  counted(result.rounds, "round"), loss_name(result.options));
  for (auto const& sentence : result.said) text += wrapped(sentence);
  text += wrapped(fmt::format(
      "loss: a round. regret: what a rule has lost in all over '{}', the best expert, and bound: what theory allows it to. Then the weights "
      "at the end. mean and median have no memory.",
      best.name));
  text += "\n";
  names headings = {"rule", "loss", "regret", "bound"};
  for (auto const& e : result.experts) headings.push_back(e.name);
  text_table lines(headings);
  for (auto const& line : result.lines) {
    names cells = {line.rule, brief(line.loss), brief(line.regret), line.bound ? brief(*line.bound) : "-"};
    for (Index j = 0; j < static_cast<Index>(result.experts.size()); ++j)
      cells.push_back(line.weights.size() == 0 ? "" : fmt::format("{:.2f}", line.weights(j)));
    lines.add(std::move(cells));
  }
  names own = {"experts: loss", "", "", ""}, awake = {"experts: rounds", "", "", ""};
  for (auto const& e : result.experts)
    own.push_back(std::isnan(e.loss) ? "-" : brief(e.loss)), awake.push_back(fmt::format("{}", e.awake));
  lines.add(std::move(own));
  lines.add(std::move(awake));
  return text + lines.text();
}

nlohmann::ordered_json as_json(experts_result const& result) {
  nlohmann::ordered_json json = {{"command", "experts"},
                                 {"file", result.file},
                                 {"rounds", result.rounds},
                                 {"loss", loss_name(result.options)},
                                 {"gradient", result.options.gradient},
                                 {"best", result.experts[static_cast<std::size_t>(result.best)].name}};
  // Enough of the rounds for a picture.
  Index const step = (result.rounds + 99) / 100;
  std::vector<Index> sampled;
  for (Index t = step; t <= result.rounds; t += step) sampled.push_back(t);
  json["sampled_rounds"] = sampled;
  json["experts"] = nlohmann::ordered_json::array(), json["rules"] = nlohmann::ordered_json::array();
  for (auto const& e : result.experts)
    json["experts"].push_back({{"name", e.name}, {"loss", json_number(e.loss)}, {"rounds", e.awake}});
  for (auto const& line : result.lines) {
    nlohmann::ordered_json entry = {{"rule", line.rule},
                                    {"loss", json_number(line.loss)},
                                    {"regret", json_number(line.regret)},
                                    {"bound", line.bound ? json_number(*line.bound) : nlohmann::ordered_json(nullptr)}};
    for (Index const t : sampled) entry["regrets"].push_back(json_number(line.regrets[static_cast<std::size_t>(t - 1)]));
    if (line.weights.size() > 0) entry["weights"] = std::vector<double>(line.weights.begin(), line.weights.end());
    json["rules"].push_back(std::move(entry));
  }
  json["said"] = result.said;
  return json;
}

std::string as_csv(experts_result const& result) {
  names headings = {"rule", "loss", "regret", "bound"};
  for (auto const& e : result.experts) headings.push_back("weight of " + e.name);
  std::string text = csv_line(headings);
  for (auto const& line : result.lines) {
    names cells = {line.rule, csv_number(line.loss), csv_number(line.regret), line.bound ? csv_number(*line.bound) : ""};
    for (Index j = 0; j < static_cast<Index>(result.experts.size()); ++j)
      cells.push_back(line.weights.size() == 0 ? "" : csv_number(line.weights(j)));
    text += csv_line(cells);
  }
  return text;
}

plot_spec as_plot(experts_result const& result) {
  plot_spec spec{fmt::format("Regret to {}", result.experts[static_cast<std::size_t>(result.best)].name),
                 "round",
                 loss_name(result.options) + " loss",
                 false,
                 {},
                 {}};
  std::vector<double> rounds;
  for (Index t = 1; t <= result.rounds; ++t) rounds.push_back(static_cast<double>(t));
  for (auto const& line : result.lines) spec.series.push_back({line.rule, rounds, line.regrets});
  return spec;
}

}  // namespace robagg_compare

// SPDX-License-Identifier: BSL-1.0
#include "forecasts.hpp"

#include "error.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <robagg/location/mean.hpp>
#include <robagg/location/median.hpp>
#include <robagg/location/trimmed_mean.hpp>
#include <robagg/quantile/interval_coverage.hpp>
#include <robagg/quantile/quantile_averaging.hpp>
#include <robagg/quantile/linear_pool.hpp>
#include <robagg/quantile/weighted_interval_score.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <span>

namespace robagg_compare {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
using vector = Eigen::VectorXd;

// The rows of a task that are there.
struct present_models {
  table<double> rows;
  std::vector<Index> models;

  present_models(forecast_set const& set, Index task)
      : rows(static_cast<Index>(set.models.size()), static_cast<Index>(set.levels.size())) {
    auto const all = set.of(task);
    for (Index j = 0; j < all.rows(); ++j) {
      if (std::isnan(all(j, 0))) continue;
      rows.row(static_cast<Index>(models.size())) = all.row(j);
      models.push_back(j);
    }
    rows.conservativeResize(static_cast<Index>(models.size()), rows.cols());
  }
};

// One round: what it is about, and what was known before it.
struct round_of_forecasts {
  double made = 0;
  std::vector<Index> tasks, past;
  Index rounds_before = 0;
};

std::vector<round_of_forecasts> rounds_of(forecast_set const& set, Index window) {
  std::map<double, round_of_forecasts> by_time;
  for (std::size_t t = 0; t < set.tasks.size(); ++t) {
    auto const task = static_cast<Index>(t);
    if (!std::isfinite(set.tasks[t].outcome) || set.of(task).array().isNaN().all()) continue;
    auto& round = by_time[set.tasks[t].made];
    round.made = set.tasks[t].made, round.tasks.push_back(task);
  }
  std::vector<round_of_forecasts> rounds;
  for (auto& [made, round] : by_time) {
    auto const size = static_cast<Index>(rounds.size());
    for (Index r = window > 0 ? std::max<Index>(0, size - window) : 0; r < size; ++r) {
      auto const before = round.past.size();
      for (Index const task : rounds[static_cast<std::size_t>(r)].tasks) {
        if (set.tasks[static_cast<std::size_t>(task)].due < made) round.past.push_back(task);
      }
      round.rounds_before += round.past.size() > before;
    }
    rounds.push_back(std::move(round));
  }
  return rounds;
}

// Weights of models x levels, and a task's forecast with them. Models that are missing leave their weight to the others.
struct fitted_weights {
  table<double> weights;

  vector operator()(forecast_set const& set, Index task) const {
    auto const q = set.of(task);
    vector out = vector::Zero(q.cols());
    for (Index k = 0; k < q.cols(); ++k) {
      double total = 0, plain = 0;
      Index there = 0;
      for (Index j = 0; j < q.rows(); ++j) {
        if (std::isnan(q(j, k))) continue;
        out(k) += weights(j, k) * q(j, k), total += weights(j, k), plain += q(j, k), ++there;
      }
      out(k) = total > 1e-9 ? out(k) / total : plain / static_cast<double>(there);
    }
    std::sort(out.begin(), out.end());
    return out;
  }
};

constexpr std::array fitted_names = {"inverse score", "quantile_averaging", "quantile_averaging per level"};
using round_weights = std::array<fitted_weights, fitted_names.size()>;  // of these rules

class fitter {
 public:
  fitter(forecast_set const& set, forecast_options const& options, forecast_result& result)
      : set_(set), options_(options), result_(result) {}

  round_weights fit(round_of_forecasts const& round) {
    begin(round);
    return {by_inverse_score(), by_averaging(robagg::weight_sharing::coarse), by_averaging(robagg::weight_sharing::per_level)};
  }

 private:
  // The models that forecast enough of the past and something now, and the past tasks that all of them forecast.
  void begin(round_of_forecasts const& round) {
    models_.clear(), past_.clear();
    for (Index j = 0; j < static_cast<Index>(set_.models.size()); ++j) {
      auto const share = [&](std::vector<Index> const& tasks) {
        auto const there = std::count_if(tasks.begin(), tasks.end(), [&](Index t) { return is_there(t, j); });
        return tasks.empty() ? 0 : static_cast<double>(there) / static_cast<double>(tasks.size());
      };
      if (share(round.past) >= options_.complete && share(round.tasks) > 0) models_.push_back(j);
    }
    for (Index const t : round.past) {
      if (std::all_of(models_.begin(), models_.end(), [&](Index j) { return is_there(t, j); })) past_.push_back(t);
    }
    auto const p = static_cast<Index>(models_.size()), n = static_cast<Index>(past_.size());
    forecasts_.resize(p * n, static_cast<Index>(set_.levels.size())), outcomes_.clear();
    for (Index i = 0; i < n; ++i) {
      Index const t = past_[static_cast<std::size_t>(i)];
      for (Index j = 0; j < p; ++j) forecasts_.row(i * p + j) = set_.of(t).row(models_[static_cast<std::size_t>(j)]);
      outcomes_.push_back(set_.tasks[static_cast<std::size_t>(t)].outcome);
    }
    result_.unfitted += !possible();
  }
  bool possible() const { return !models_.empty() && past_.size() > 2 * models_.size(); }
  bool is_there(Index task, Index model) const { return !std::isnan(set_.of(task)(model, 0)); }
  fitted_weights by_inverse_score() const {
    return spread([&](table<double>& weights) {
      auto const p = static_cast<Index>(models_.size()), n = static_cast<Index>(past_.size());
      for (Index j = 0; j < p; ++j) {
        table<double> const rows = Eigen::Map<table<double> const, 0, Eigen::OuterStride<>>(
            forecasts_.data() + j * forecasts_.cols(), n, forecasts_.cols(), Eigen::OuterStride<>(p * forecasts_.cols()));
        double const score = robagg::weighted_interval_score{set_.levels}(rows, outcomes_).mean();
        weights.row(j).setConstant(1 / std::max(score, 1e-300));
      }
    });
  }
  fitted_weights by_averaging(robagg::weight_sharing sharing) {
    return spread([&](table<double>& weights) {
      auto const start = std::chrono::steady_clock::now();
      auto const fit = robagg::quantile_averaging{.levels = set_.levels, .weights = sharing, .tolerance = 1e-8}.fit(
          robagg::cube(forecasts_, static_cast<Index>(past_.size())), outcomes_);
      result_.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      ++result_.fits, result_.unsolved += !fit;
      if (fit.objective > 0) result_.largest_gap = std::max(result_.largest_gap, fit.gap / fit.objective);
      weights = fit.weights;
    });
  }

  fitted_weights spread(auto&& fill) const {
    fitted_weights out{table<double>::Zero(static_cast<Index>(set_.models.size()), static_cast<Index>(set_.levels.size()))};
    if (!possible()) return out.weights.setOnes(), out;
    table<double> weights(static_cast<Index>(models_.size()), out.weights.cols());
    fill(weights);
    for (Index k = 0; k < weights.cols(); ++k) weights.col(k) /= weights.col(k).sum();
    for (std::size_t j = 0; j < models_.size(); ++j) out.weights.row(models_[j]) = weights.row(static_cast<Index>(j));
    return out;
  }

  forecast_set const& set_;
  forecast_options const& options_;
  forecast_result& result_;
  std::vector<Index> models_, past_;
  table<double> forecasts_;
  std::vector<double> outcomes_;
};

struct rule {
  std::string name;
  std::function<vector(Index task)> forecast;
};

// Those that are fitted read `weights` whenever they forecast; without any, there are none.
std::vector<rule> all_rules(forecast_set const& set, round_weights const* weights) {
  auto const plain = [&](auto const& op_of) {
    return [&set, op_of](Index task) {
      present_models const there(set, task);
      return vector(op_of(there.rows.rows())(there.rows));
    };
  };
  std::vector<rule> rules{
      {"median", plain([](Index) { return robagg::median{}; })},
      {"mean", plain([](Index) { return robagg::mean{}; })},
      {"trimmed_mean", plain([](Index n) { return robagg::trimmed_mean{.f = n < 3 ? 0 : std::max<Index>(1, n / 5)}; })},
      {"linear_pool", plain([&set](Index) { return robagg::linear_pool{.levels = set.levels}; })}};
  for (std::size_t w = 0; weights != nullptr && w < fitted_names.size(); ++w) {
    rules.push_back({fitted_names[w], [&set, weights, w](Index task) { return (*weights)[w](set, task); }});
  }
  return rules;
}

// Forecasts of some tasks.
struct forecasts_made {
  std::vector<Index> tasks;
  table<double> quantiles;  // more rows than tasks until `finish`

  forecasts_made(Index most, Index levels) : quantiles(most, levels) { tasks.reserve(static_cast<std::size_t>(most)); }
  void add(Index task, auto const& row) {
    quantiles.row(static_cast<Index>(tasks.size())) = row;
    tasks.push_back(task);
  }
  void finish() { quantiles.conservativeResize(static_cast<Index>(tasks.size()), quantiles.cols()); }
};

// By every rule, then by every model on its own. `begin` comes before the forecasts of a round.
std::vector<forecasts_made> forecast_rounds(forecast_set const& set, std::vector<round_of_forecasts> const& rounds,
                                            std::vector<rule> const& rules, auto&& begin) {
  Index tasks = 0;
  for (auto const& round : rounds) tasks += static_cast<Index>(round.tasks.size());
  std::vector<forecasts_made> made;
  for (std::size_t r = 0; r < rules.size() + set.models.size(); ++r) {
    made.emplace_back(tasks, static_cast<Index>(set.levels.size()));
  }
  progress shown(rounds.size());
  for (auto const& round : rounds) {
    shown.step("rounds");
    begin(round);
    for (Index const task : round.tasks) {
      for (std::size_t r = 0; r < rules.size(); ++r) made[r].add(task, rules[r].forecast(task).transpose());
      auto const all = set.of(task);
      for (Index j = 0; j < all.rows(); ++j) {
        if (!std::isnan(all(j, 0))) made[rules.size() + static_cast<std::size_t>(j)].add(task, all.row(j));
      }
    }
  }
  for (auto& m : made) m.finish();
  return made;
}

// The WIS of each task of the set, 0 where there is no forecast.
vector scores_of_tasks(forecast_set const& set, forecasts_made const& made) {
  vector scores = vector::Zero(static_cast<Index>(set.tasks.size()));
  for (std::size_t i = 0; i < made.tasks.size(); ++i) {
    Index const t = made.tasks[i];
    scores(t) = robagg::weighted_interval_score{set.levels}(made.quantiles.row(static_cast<Index>(i)),
                                                            std::array{set.tasks[static_cast<std::size_t>(t)].outcome})(0);
  }
  return scores;
}

forecast_result::scores score(forecast_set const& set, forecasts_made const& made, std::vector<double> const& intervals,
                              vector const& reference) {
  forecast_result::scores out;
  std::vector<double> outcomes;
  double of_reference = 0;
  for (Index const t : made.tasks)
    outcomes.push_back(set.tasks[static_cast<std::size_t>(t)].outcome), of_reference += reference(t);
  out.tasks = static_cast<Index>(made.tasks.size());
  if (out.tasks == 0) return out;
  auto const n = static_cast<double>(out.tasks);
  for (auto const& part : robagg::weighted_interval_score{set.levels}.parts(made.quantiles, outcomes)) {
    out.wis += part.score / n, out.dispersion += part.dispersion / n;
    out.under += part.underprediction / n, out.over += part.overprediction / n;
  }
  for (double const c : intervals) {
    auto const column = [&](double tau) {
      Index k = 0;
      while (std::abs(set.levels[static_cast<std::size_t>(k)] - tau) > 1e-9) ++k;
      return vector(made.quantiles.col(k));
    };
    out.coverage.push_back(robagg::interval_coverage{}(column((1 - c) / 2), column((1 + c) / 2), outcomes));
  }
  out.relative = of_reference > 0 ? out.wis * n / of_reference : nan;
  return out;
}

// Where this column is in a task's id; the number of columns if it is nowhere.
std::size_t column_of(forecast_set const& set, std::string const& name) {
  return static_cast<std::size_t>(std::find(set.columns.begin(), set.columns.end(), name) - set.columns.begin());
}

// The different values of a column, in order of appearance.
std::vector<std::string> values_of(forecast_set const& set, std::vector<Index> const& tasks, std::size_t column) {
  std::vector<std::string> values;
  for (Index const t : tasks) {
    auto const& value = set.tasks[static_cast<std::size_t>(t)].id[column];
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
  }
  return values;
}

// The forecasts of tasks that have this value in this column.
forecasts_made part_of(forecast_set const& set, forecasts_made const& made, std::size_t column, std::string const& value) {
  forecasts_made part(made.quantiles.rows(), made.quantiles.cols());
  for (std::size_t i = 0; i < made.tasks.size(); ++i) {
    if (set.tasks[static_cast<std::size_t>(made.tasks[i])].id[column] != value) continue;
    part.add(made.tasks[i], made.quantiles.row(static_cast<Index>(i)));
  }
  part.finish();
  return part;
}

std::vector<double> central_intervals(std::vector<double> const& levels) {
  std::vector<double> all, chosen;
  for (double const tau : levels) {
    if (tau > .5 + 1e-9) all.push_back(2 * tau - 1);
  }
  for (double const wanted : {.5, .8, .95}) {
    for (double const c : all) {
      if (std::abs(c - wanted) < 1e-9) chosen.push_back(c);
    }
  }
  if (chosen.empty() && !all.empty()) chosen.push_back(all.back());
  return chosen;
}

std::string label(forecast_set const& set, std::vector<std::string> const& id) {
  std::string text;
  for (std::size_t c = 0; c < id.size(); ++c) {
    if (!id[c].empty()) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", set.columns[c], id[c]);
  }
  return text;
}

// What is asked most in the last round, over time.
plot_spec fan_chart(forecast_set const& set, forecasts_made const& made, std::string const& rule,
                    std::vector<double> const& intervals) {
  auto const task = [&](std::size_t i) -> forecast_task const& { return set.tasks[static_cast<std::size_t>(made.tasks[i])]; };
  std::map<std::vector<std::string>, std::vector<std::size_t>> series;
  for (std::size_t i = 0; i < made.tasks.size(); ++i) series[task(i).id].push_back(i);
  std::size_t longest = 0, chosen = made.tasks.size() - 1;
  for (std::size_t i = 0; i < made.tasks.size(); ++i) {
    if (auto const size = series[task(i).id].size(); size > longest) longest = size, chosen = i;
  }
  auto points = series[task(chosen).id];
  std::sort(points.begin(), points.end(), [&](auto a, auto b) { return task(a).due < task(b).due; });
  if (points.size() > 120) points.erase(points.begin(), points.end() - 120);

  plot_spec spec{.title = fmt::format("{}: forecasts made before, and what came", rule),
                 .x_label = set.dates ? "year" : "time",
                 .y_label = label(set, task(chosen).id),
                 .series = {}};
  std::vector<double> x, outcome, middle;
  for (auto const i : points) {
    x.push_back(set.dates ? 1970 + task(i).due / 365.2425 : task(i).due);
    outcome.push_back(task(i).outcome);
    Index const d = made.quantiles.cols();
    middle.push_back((made.quantiles(static_cast<Index>(i), d / 2) + made.quantiles(static_cast<Index>(i), (d - 1) / 2)) / 2);
  }
  for (auto c = intervals.rbegin(); c != intervals.rend(); ++c) {
    plot_band band{fmt::format("{:.3g} % interval", 100 * *c), x, {}, {}};
    for (auto const i : points) {
      for (std::size_t k = 0; k < set.levels.size(); ++k) {
        double const q = made.quantiles(static_cast<Index>(i), static_cast<Index>(k));
        if (std::abs(set.levels[k] - (1 - *c) / 2) < 1e-9) band.low.push_back(q);
        if (std::abs(set.levels[k] - (1 + *c) / 2) < 1e-9) band.high.push_back(q);
      }
    }
    spec.bands.push_back(std::move(band));
  }
  spec.series.push_back({"median", x, middle});
  spec.series.push_back({"what came", x, outcome});
  return spec;
}

// What a result says before anything is computed.
forecast_result described(forecast_set const& set, std::string const& source, forecast_options const& options) {
  forecast_result result;
  result.options = options, result.source = source, result.incomplete = set.incomplete, result.crossing = set.crossing;
  result.models = static_cast<Index>(set.models.size()), result.levels = static_cast<Index>(set.levels.size());
  result.names = set.models, result.intervals = central_intervals(set.levels);
  return result;
}

// Drops what comes before the first round that weights can be fitted for. Where there is none, it drops nothing, and
// returns false.
bool drop_rounds_without_past(std::vector<round_of_forecasts>& rounds, Index needed) {
  auto const first =
      std::find_if(rounds.begin(), rounds.end(), [&](auto const& round) { return round.rounds_before >= needed; });
  if (first == rounds.end()) return false;
  rounds.erase(rounds.begin(), first);
  return true;
}

std::vector<forecast_result::weighting> means_of_weights(round_weights const& weights) {
  std::vector<forecast_result::weighting> means;
  for (std::size_t w = 0; w < weights.size(); ++w) {
    vector const mean = weights[w].weights.rowwise().mean();
    means.push_back({fitted_names[w], {mean.begin(), mean.end()}});
  }
  return means;
}

std::string text_of_scores(forecast_result const& result) {
  std::string text = fmt::format("{}: {} models, {} levels, {} forecasts of {} rounds\n{:<29}{:>9}{:>9}{:>11}{:>7}{:>7}",
                                 result.source, result.models, result.levels, result.tasks, result.rounds, "ensemble", "WIS",
                                 "/median", "dispersion", "under", "over");
  for (double const c : result.intervals) text += fmt::format("{:>6.3g}%", 100 * c);
  text += "\n";
  bool models = false;
  for (auto const& line : result.lines) {
    if (line.model && !models) text += fmt::format("{:<29}\n", "model, on its own"), models = true;
    auto const& s = line.all;
    if (s.tasks == 0) {
      text += fmt::format("{:<29} has no forecast here\n", line.name);
      continue;
    }
    text += fmt::format("{:<29}{:>9.4g}{:>9.3f}{:>11.3g}{:>7.3g}{:>7.3g}", line.name, s.wis, s.relative, s.dispersion, s.under,
                        s.over);
    for (double const c : s.coverage) text += fmt::format("{:>6.1f}%", 100 * c);
    text += s.tasks < result.tasks ? fmt::format("  {} of {} forecasts\n", s.tasks, result.tasks) : "\n";
  }
  return text;
}

std::string text_of_parts(forecast_result const& result) {
  std::string text = fmt::format("\nWIS by {}\n{:<29}", result.options.by, "");
  for (auto const& part : result.parts) text += fmt::format(" {:>9}", part.substr(0, 9));
  for (auto const& line : result.lines) {
    text += fmt::format("\n{:<29}", line.name);
    for (double const wis : line.parts) text += fmt::format(" {:>9.4g}", wis);
  }
  return text + "\n";
}

std::string text_of_weights(forecast_result const& result) {
  std::string text = "\nweights in the last round, in %\n";
  for (std::size_t j = 0; j < result.names.size(); ++j) {
    text += fmt::format("{:<29}", result.names[j]);
    for (auto const& w : result.weights) text += fmt::format("{:>7.1f}", 100 * w.weights[j]);
    text += "\n";
  }
  std::vector<std::string> rules;
  for (auto const& w : result.weights) rules.push_back(w.rule);
  text += fmt::format("({}; {} fits in {:.2g} s, all within {:.1e} of the optimum{})\n", fmt::join(rules, ", "), result.fits,
                      result.seconds, result.largest_gap,
                      result.unsolved > 0 ? fmt::format("; {} not solved", result.unsolved) : "");
  return text;
}

std::string text_of_notes(forecast_result const& result) {
  std::string notes =
      "WIS: the weighted interval score, less is better; dispersion, under- and overprediction are its parts. /median: WIS by "
      "that of the median on the same forecasts. %: the share of outcomes within central intervals.";
  if (!result.weights.empty()) notes += " Weights of a round are fitted to rounds before it whose outcomes were due by then.";
  if (result.weights.empty())
    notes += fmt::format(" No round has {} rounds with known outcomes before it (--rounds): nothing was fitted.",
                         result.options.rounds);
  if (result.targets > 1)
    notes += fmt::format(" {} targets were scored together; --by target tells them apart, --where target=... takes one.",
                         result.targets);
  if (result.unfitted > 0)
    notes += fmt::format(" In {} rounds the past was too short or the models too incomplete for weights: even ones.",
                         result.unfitted);
  if (result.unscored > 0)
    notes +=
        fmt::format(" {} forecasts were not scored: before the first fitted round, or without an outcome.", result.unscored);
  if (result.incomplete > 0)
    notes += fmt::format(" {} forecasts of single models were left out: a level is missing or not finite.", result.incomplete);
  if (result.crossing > 0) notes += fmt::format(" The quantiles of {} crossed, and were sorted.", result.crossing);
  return wrapped(notes);
}

}  // namespace

void check(forecast_options const& o) {
  if (o.rounds < 1) throw usage_error("--rounds must be at least 1");
  if (o.window < 0) throw usage_error("--window must not be negative");
  if (o.window > 0 && o.window < o.rounds) throw usage_error("--window must not be below --rounds");
  if (!(o.complete > 0 && o.complete <= 1)) throw usage_error("--complete must be above 0, and at most 1");
}

forecast_result compare_forecasts(forecast_set const& set, std::string const& source, forecast_options const& options) {
  check(options);
  forecast_result result = described(set, source, options);
  auto rounds = rounds_of(set, options.window);
  if (rounds.empty()) throw usage_error(fmt::format("{}: no forecast has an outcome", source));
  bool const fitted = drop_rounds_without_past(rounds, options.rounds);
  result.rounds = static_cast<Index>(rounds.size());

  fitter fits(set, options, result);
  round_weights weights;
  auto const rules = all_rules(set, fitted ? &weights : nullptr);
  auto const made = forecast_rounds(set, rounds, rules, [&](round_of_forecasts const& round) {
    if (fitted) weights = fits.fit(round);
  });
  auto const& by_median = made.front();
  result.tasks = static_cast<Index>(by_median.tasks.size());
  result.unscored = static_cast<Index>(set.tasks.size()) - result.tasks;

  if (auto const target = column_of(set, "target"); target < set.columns.size()) {
    result.targets = static_cast<Index>(values_of(set, by_median.tasks, target).size());
  }
  std::size_t const by = column_of(set, options.by);
  if (!options.by.empty()) {
    if (by == set.columns.size()) {
      throw usage_error(
          fmt::format("--by {}: there is no such column; there are {}", options.by, fmt::join(set.columns, ", ")));
    }
    result.parts = values_of(set, by_median.tasks, by);
  }

  vector const reference = scores_of_tasks(set, by_median);
  for (std::size_t r = 0; r < made.size(); ++r) {
    bool const model = r >= rules.size();
    forecast_result::line line{
        model ? set.models[r - rules.size()] : rules[r].name, model, score(set, made[r], result.intervals, reference), {}};
    for (auto const& value : result.parts) {
      auto const part = part_of(set, made[r], by, value);
      line.parts.push_back(part.tasks.empty() ? nan : score(set, part, {}, reference).wis);
    }
    result.lines.push_back(std::move(line));
  }
  if (fitted) result.weights = means_of_weights(weights);
  std::size_t best = 0;
  for (std::size_t r = 1; r < rules.size(); ++r) best = result.lines[r].all.wis < result.lines[best].all.wis ? r : best;
  result.fan = fan_chart(set, made[best], rules[best].name, result.intervals);
  return result;
}

std::string as_text(forecast_result const& result) {
  std::string text = text_of_scores(result);
  if (!result.parts.empty()) text += text_of_parts(result);
  if (!result.weights.empty()) text += text_of_weights(result);
  return text + "\n" + text_of_notes(result) + "\n";
}

nlohmann::ordered_json as_json(forecast_result const& result) {
  nlohmann::ordered_json json = {{"command", "forecasts"},
                                 {"source", result.source},
                                 {"models", result.models},
                                 {"levels", result.levels},
                                 {"settings",
                                  {{"rounds", result.options.rounds},
                                   {"window", result.options.window},
                                   {"complete", result.options.complete},
                                   {"by", result.options.by}}},
                                 {"forecasts", result.tasks},
                                 {"rounds", result.rounds},
                                 {"unscored", result.unscored},
                                 {"incomplete", result.incomplete},
                                 {"crossing", result.crossing},
                                 {"unfitted", result.unfitted},
                                 {"fits", result.fits},
                                 {"unsolved", result.unsolved},
                                 {"largest_gap", result.largest_gap},
                                 {"results", nlohmann::ordered_json::array()}};
  for (auto const& line : result.lines) {
    auto const& s = line.all;
    nlohmann::ordered_json one = {{"name", line.name},
                                  {"kind", line.model ? "model" : "ensemble"},
                                  {"forecasts", s.tasks},
                                  {"wis", s.wis},
                                  {"relative_to_median", s.relative},
                                  {"dispersion", s.dispersion},
                                  {"underprediction", s.under},
                                  {"overprediction", s.over}};
    for (std::size_t c = 0; c < s.coverage.size(); ++c)
      one["coverage"].push_back({{"interval", result.intervals[c]}, {"share", s.coverage[c]}});
    for (std::size_t p = 0; p < line.parts.size(); ++p) one["wis_by"][result.parts[p]] = line.parts[p];
    json["results"].push_back(one);
  }
  for (auto const& w : result.weights) {
    for (std::size_t j = 0; j < result.names.size(); ++j) json["weights"][w.rule][result.names[j]] = w.weights[j];
  }
  return json;
}

std::string as_csv(forecast_result const& result) {
  std::string text = csv_line({"name", "kind", "measure", "of", "value"});
  for (auto const& line : result.lines) {
    auto const add = [&](std::string const& measure, std::string const& of, double value) {
      text += csv_line({line.name, line.model ? "model" : "ensemble", measure, of, csv_number(value)});
    };
    auto const& s = line.all;
    add("forecasts", "", static_cast<double>(s.tasks)), add("wis", "", s.wis), add("relative_to_median", "", s.relative);
    add("dispersion", "", s.dispersion), add("underprediction", "", s.under), add("overprediction", "", s.over);
    for (std::size_t c = 0; c < s.coverage.size(); ++c) add("coverage", csv_number(result.intervals[c]), s.coverage[c]);
    for (std::size_t p = 0; p < line.parts.size(); ++p) add("wis", result.parts[p], line.parts[p]);
  }
  for (auto const& w : result.weights) {
    for (std::size_t j = 0; j < result.names.size(); ++j)
      text += csv_line({result.names[j], "model", "weight", w.rule, csv_number(w.weights[j])});
  }
  return text;
}

plot_spec as_plot(forecast_result const& result) { return result.fan; }

}  // namespace robagg_compare

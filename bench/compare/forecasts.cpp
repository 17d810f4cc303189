// SPDX-License-Identifier: BSL-1.0
#include "forecasts.hpp"

#include "error.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <robagg/location/mean.hpp>
#include <robagg/location/median.hpp>
#include <robagg/location/trimmed_mean.hpp>
#include <robagg/quantile/interval_coverage.hpp>
#include <robagg/quantile/opinion_pool.hpp>
#include <robagg/quantile/outcome_score.hpp>
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
using names = std::vector<std::string>;

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

// Weights of models x levels, and a task's forecast with them. Models that are missing leave their weight to the others; where
// these have none, they count alike. Without any weights there is no forecast.
struct fitted_weights {
  table<double> weights;

  vector operator()(forecast_set const& set, Index task) const {
    auto const q = set.of(task);
    if (weights.size() == 0) return {};
    robagg::quantile_averaging_fit fit{
        .weights = weights, .intercepts = vector::Zero(q.cols()), .missing = robagg::missing::renormalise};
    for (Index k = 0; k < q.cols(); ++k) {
      double total = 0;
      for (Index j = 0; j < q.rows(); ++j) total += std::isnan(q(j, k)) ? 0 : weights(j, k);
      if (total > 1e-9) continue;
      for (Index j = 0; j < q.rows(); ++j) fit.weights(j, k) = std::isnan(q(j, k)) ? 0 : 1;
      fit.weights.col(k) /= fit.weights.col(k).sum();
    }
    vector out = fit(q);
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
  // The models that forecast enough of the past, and the past tasks that any of them forecast.
  void begin(round_of_forecasts const& round) {
    models_.clear(), past_.clear();
    for (Index j = 0; j < static_cast<Index>(set_.models.size()); ++j) {
      auto const there = std::count_if(round.past.begin(), round.past.end(), [&](Index t) { return is_there(t, j); });
      if (there > 0 && static_cast<double>(there) >= options_.complete * static_cast<double>(round.past.size()))
        models_.push_back(j);
    }
    for (Index const t : round.past) {
      if (std::any_of(models_.begin(), models_.end(), [&](Index j) { return is_there(t, j); })) past_.push_back(t);
    }
    auto const p = static_cast<Index>(models_.size()), n = static_cast<Index>(past_.size());
    forecasts_.resize(p * n, static_cast<Index>(set_.levels.size())), outcomes_.clear();
    for (Index i = 0; i < n; ++i) {
      Index const t = past_[static_cast<std::size_t>(i)];
      for (Index j = 0; j < p; ++j) forecasts_.row(i * p + j) = set_.of(t).row(models_[static_cast<std::size_t>(j)]);
      outcomes_.push_back(set_.tasks[static_cast<std::size_t>(t)].outcome);
    }
    possible_ = round.rounds_before >= options_.rounds && !models_.empty() && past_.size() > 2 * models_.size();
    result_.unfitted += !possible_;
  }
  bool is_there(Index task, Index model) const { return !std::isnan(set_.of(task)(model, 0)); }
  fitted_weights by_inverse_score() const {
    return spread([&](table<double>& weights) {
      auto const p = static_cast<Index>(models_.size()), n = static_cast<Index>(past_.size()), d = forecasts_.cols();
      for (Index j = 0; j < p; ++j) {
        table<double> rows(n, d);
        std::vector<double> outcomes;
        for (Index i = 0; i < n; ++i) {
          if (std::isnan(forecasts_(i * p + j, 0))) continue;
          rows.row(static_cast<Index>(outcomes.size())) = forecasts_.row(i * p + j);
          outcomes.push_back(outcomes_[static_cast<std::size_t>(i)]);
        }
        rows.conservativeResize(static_cast<Index>(outcomes.size()), d);
        double const score = robagg::weighted_interval_score{set_.levels}(rows, outcomes).mean();
        weights.row(j).setConstant(1 / std::max(score, 1e-300));
      }
    });
  }
  fitted_weights by_averaging(robagg::weight_sharing sharing) {
    return spread([&](table<double>& weights) {
      auto const start = std::chrono::steady_clock::now();
      auto const fit =
          robagg::quantile_averaging{
              .levels = set_.levels, .weights = sharing, .tolerance = 1e-8, .missing = robagg::missing::renormalise}
              .fit(robagg::cube(forecasts_, static_cast<Index>(past_.size())), outcomes_);
      result_.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      ++result_.fits, result_.unsolved += !fit;
      if (fit.objective > 0) result_.largest_gap = std::max(result_.largest_gap, fit.gap / fit.objective);
      weights = fit.weights;
    });
  }

  fitted_weights spread(auto&& fill) const {
    if (!possible_) return {};
    fitted_weights out{table<double>::Zero(static_cast<Index>(set_.models.size()), static_cast<Index>(set_.levels.size()))};
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
  bool possible_ = false;
};

struct forecast_rule {
  std::string name;
  std::function<vector(Index task)> forecast;
};

// Those that are fitted read `weights` whenever they forecast. A forecast without levels is none.
std::vector<forecast_rule> forecast_rules(forecast_set const& set, forecast_options const& options,
                                          round_weights const& weights) {
  auto const plain = [&](auto const& op_of) {
    return [&set, op_of](Index task) {
      present_models const there(set, task);
      return vector(op_of(there.rows.rows())(there.rows));
    };
  };
  std::vector<forecast_rule> rules{
      {"median", plain([](Index) { return robagg::median{}; })},
      {"mean", plain([](Index) { return robagg::mean{}; })},
      {"trimmed_mean", plain([](Index n) { return robagg::trimmed_mean{.f = n < 3 ? 0 : std::max<Index>(1, n / 5)}; })},
      {"linear_pool", plain([&set](Index) { return robagg::linear_pool{.levels = set.levels}; })}};
  if (!options.weights.empty()) {
    vector given = vector::Zero(static_cast<Index>(set.models.size()));
    for (auto const& [name, weight] : options.weights)
      given(std::find(set.models.begin(), set.models.end(), name) - set.models.begin()) = weight;
    auto const weighted = [&](auto const& op) {
      return [&set, op, given](Index task) {
        present_models const there(set, task);
        vector w(there.rows.rows());
        for (Index i = 0; i < w.size(); ++i) w(i) = given(there.models[static_cast<std::size_t>(i)]);
        return w.sum() > 0 ? vector(op(robagg::weighted(there.rows, w))) : vector();
      };
    };
    rules.push_back({"weighted mean", weighted(robagg::mean{})});
    rules.push_back({"weighted median", weighted(robagg::median{})});
  }
  for (std::size_t w = 0; w < fitted_names.size(); ++w)
    rules.push_back({fitted_names[w], [&set, &weights, w](Index task) { return weights[w](set, task); }});
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
                                            std::vector<forecast_rule> const& rules, auto&& begin) {
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
      for (std::size_t r = 0; r < rules.size(); ++r) {
        if (vector const row = rules[r].forecast(task); row.size() > 0) made[r].add(task, row.transpose());
      }
      auto const all = set.of(task);
      for (Index j = 0; j < all.rows(); ++j) {
        if (!std::isnan(all(j, 0))) made[rules.size() + static_cast<std::size_t>(j)].add(task, all.row(j));
      }
    }
  }
  for (auto& m : made) m.finish();
  return made;
}

// On the scale of the scores. Quantiles below 0 count as 0 on that of logarithms; how many, `raised` says.
void to_logarithms(forecast_set& set, std::vector<forecasts_made>& all, forecast_options const& options, Index& raised) {
  for (auto& task : set.tasks) {
    if (task.outcome + options.offset <= 0 || task.outcome < 0)
      throw usage_error(fmt::format("--log: the outcome {} for {} is negative", task.outcome, fmt::join(task.id, ", ")));
    task.outcome = std::log(task.outcome + options.offset);
  }
  for (auto& made : all) {
    raised += (made.quantiles.array() < 0).rowwise().any().count();
    made.quantiles = (made.quantiles.array().max(0.) + options.offset).log();
  }
}

// The WIS of each task of the set, NaN where there is no forecast.
vector scores_of_tasks(forecast_set const& set, forecasts_made const& made) {
  vector scores = vector::Constant(static_cast<Index>(set.tasks.size()), nan);
  for (std::size_t i = 0; i < made.tasks.size(); ++i) {
    Index const t = made.tasks[i];
    scores(t) = robagg::weighted_interval_score{set.levels}(made.quantiles.row(static_cast<Index>(i)),
                                                            std::array{set.tasks[static_cast<std::size_t>(t)].outcome})(0);
  }
  return scores;
}

// Where the outcome is among the quantiles: -1 above all, 1 below all, 0 at the median.
double bias_of(auto const& q, std::vector<double> const& levels, double y) {
  auto const d = q.size();
  double const middle = (q(d / 2) + q((d - 1) / 2)) / 2;
  if (y == middle) return 0;
  double level = y < middle ? 0 : 1;
  for (Index k = 0; k < d; ++k) {
    double const tau = levels[static_cast<std::size_t>(k)];
    if (y < middle && q(k) <= y) level = std::max(level, tau);
    if (y > middle && q(k) >= y) level = std::min(level, tau);
  }
  return 1 - 2 * level;
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
  Index const d = made.quantiles.cols();
  for (Index i = 0; i < out.tasks; ++i) {
    auto const q = made.quantiles.row(i);
    double const y = outcomes[static_cast<std::size_t>(i)];
    out.absolute += std::abs((q(d / 2) + q((d - 1) / 2)) / 2 - y) / n, out.bias += bias_of(q, set.levels, y) / n;
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

// Skill of every line: the geometric mean of its WIS by that of each model, on the forecasts that both made, by that of the
// baseline.
void compare_pairwise(std::vector<vector> const& scores, std::size_t first_model, std::size_t baseline,
                      forecast_result& result) {
  auto const n = scores.size();
  auto const ratio = [&](std::size_t a, std::size_t b) {
    double of_a = 0, of_b = 0;
    for (Index t = 0; t < scores[a].size(); ++t) {
      if (!std::isnan(scores[a](t)) && !std::isnan(scores[b](t))) of_a += scores[a](t), of_b += scores[b](t);
    }
    return of_b > 0 ? of_a / of_b : nan;
  };
  auto const mean_of = [&](std::size_t a) {
    double sum = 0, count = 0;
    for (std::size_t b = first_model; b < n; ++b) {
      if (double const r = ratio(a, b); r > 0) sum += std::log(r), ++count;
    }
    return count > 0 ? sum / count : nan;
  };
  double const of_baseline = mean_of(baseline);
  for (std::size_t a = 0; a < n; ++a) result.lines[a].skill = std::exp(mean_of(a) - of_baseline);
  auto const p = static_cast<Index>(n - first_model);
  result.pairwise.resize(p, p);
  for (Index a = 0; a < p; ++a) {
    for (Index b = 0; b < p; ++b)
      result.pairwise(a, b) = ratio(first_model + static_cast<std::size_t>(a), first_model + static_cast<std::size_t>(b));
  }
}

// Pools of probabilities of categories, and the models alone.
void score_categories(forecast_set const& set, forecast_result& result) {
  auto const& pmf = set.pmf;
  auto const p = static_cast<Index>(set.models.size());
  result.categories = pmf.categories;
  if (pmf.categories.size() < 2) return;
  result.pmf.resize(2 + set.models.size());
  result.pmf[0].name = "linear pool", result.pmf[1].name = "logarithmic pool";
  for (Index j = 0; j < p; ++j) result.pmf[static_cast<std::size_t>(2 + j)].name = set.models[static_cast<std::size_t>(j)];
  auto const add = [](forecast_result::pmf_line& line, auto const& shares, Index outcome) {
    auto const s = robagg::score_outcome(shares, outcome);
    line.logarithmic += s.logarithmic, line.brier += s.brier, ++line.tasks;
  };
  for (std::size_t t = 0; t < pmf.tasks.size(); ++t) {
    if (!std::isfinite(pmf.tasks[t].outcome)) continue;
    auto const outcome = static_cast<Index>(pmf.tasks[t].outcome);
    auto const all = pmf.shares.middleRows(static_cast<Index>(t) * p, p);
    std::vector<Index> there;
    for (Index j = 0; j < p; ++j) {
      if (std::isnan(all(j, 0))) continue;
      there.push_back(j);
      add(result.pmf[static_cast<std::size_t>(2 + j)], vector(all.row(j)), outcome);
    }
    if (there.empty()) continue;
    table<double> rows(static_cast<Index>(there.size()), all.cols());
    for (Index i = 0; i < rows.rows(); ++i) rows.row(i) = all.row(there[static_cast<std::size_t>(i)]);
    add(result.pmf[0], robagg::opinion_pool{}(rows), outcome);
    try {
      add(result.pmf[1], robagg::opinion_pool{.rule = robagg::pooling_rule::logarithmic}(rows), outcome);
    } catch (robagg::bad_input const&) { /* every category is impossible to some model: no forecast */
    }
  }
  for (auto& line : result.pmf) {
    if (line.tasks > 0) line.logarithmic /= static_cast<double>(line.tasks), line.brier /= static_cast<double>(line.tasks);
  }
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
  result.explained = set.explained, result.said = set.said;
  return result;
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
  std::string text =
      fmt::format("{}: {}, {}, {} of {}\n", result.source, counted(result.models, "model"), counted(result.levels, "level"),
                  counted(result.tasks, "forecast"), counted(result.rounds, "round"));
  bool const skill = result.pairwise.size() > 0;
  names heads{"ensemble", result.options.log ? "WIS of log" : "WIS", "/median"};
  if (skill) heads.push_back("skill");
  for (auto const* name : {"dispersion", "under", "over", "abs. error", "bias"}) heads.push_back(name);
  for (double const c : result.intervals) heads.push_back(fmt::format("{:.3g} %", 100 * c));
  heads.push_back("forecasts");
  text_table lines(heads);
  bool models = false;
  for (auto const& line : result.lines) {
    if (line.model && !models) lines.add_line("model, on its own"), models = true;
    auto const& s = line.all;
    if (s.tasks == 0) {
      lines.add_line(fmt::format("{}: {}", line.name, line.absent));
      continue;
    }
    names cells{line.name, brief(s.wis), fmt::format("{:.3f}", s.relative)};
    if (skill) cells.push_back(fmt::format("{:.3f}", line.skill));
    for (double const v : {s.dispersion, s.under, s.over, s.absolute}) cells.push_back(brief(v, 3));
    cells.push_back(fmt::format("{:.2f}", s.bias));
    for (double const c : s.coverage) cells.push_back(fmt::format("{:.1f}", 100 * c));
    cells.push_back(s.tasks < result.tasks ? fmt::format("{} of {}", s.tasks, result.tasks) : fmt::format("{}", s.tasks));
    lines.add(cells);
  }
  return text + lines.text();
}

std::string text_of_parts(forecast_result const& result) {
  names heads{""};
  for (auto const& part : result.parts) heads.push_back(part.empty() ? "(none)" : part);
  text_table lines(heads);
  for (auto const& line : result.lines) {
    names cells{line.name};
    for (double const wis : line.parts) cells.push_back(brief(wis));
    lines.add(cells);
  }
  return fmt::format("\nWIS by {}\n{}", result.options.by, lines.text());
}

std::string text_of_pairs(forecast_result const& result) {
  names heads{"model"};
  heads.insert(heads.end(), result.names.begin(), result.names.end());
  text_table lines(heads);
  for (Index a = 0; a < result.pairwise.rows(); ++a) {
    names cells{result.names[static_cast<std::size_t>(a)]};
    for (Index b = 0; b < result.pairwise.cols(); ++b)
      cells.push_back(std::isnan(result.pairwise(a, b)) ? "-" : fmt::format("{:.3f}", result.pairwise(a, b)));
    lines.add(cells);
  }
  return fmt::format("\nWIS by that of another model, on the forecasts of both\n{}", lines.text());
}

std::string text_of_weights(forecast_result const& result) {
  names heads{"weights in the last round, in %"};
  for (auto const& w : result.weights) heads.push_back(w.rule);
  text_table lines(heads);
  for (std::size_t j = 0; j < result.names.size(); ++j) {
    names cells{result.names[j]};
    for (auto const& w : result.weights) cells.push_back(fmt::format("{:.1f}", 100 * w.weights[j]));
    lines.add(cells);
  }
  return fmt::format("\n{}({} in {:.2g} s, all within {:.1e} of the optimum{})\n", lines.text(), counted(result.fits, "fit"),
                     result.seconds, result.largest_gap,
                     result.unsolved > 0 ? fmt::format("; {} not solved", result.unsolved) : "");
}

std::string text_of_categories(forecast_result const& result) {
  text_table lines({"categories", "log score", "Brier", "forecasts"});
  for (auto const& line : result.pmf) {
    if (line.tasks == 0) continue;
    lines.add({line.name, brief(line.logarithmic), brief(line.brier), fmt::format("{}", line.tasks)});
  }
  return fmt::format("\nProbabilities of {}: less is better\n{}", fmt::join(result.categories, ", "), lines.text());
}

std::string text_of_notes(forecast_result const& result) {
  std::string notes =
      "WIS: the weighted interval score, less is better; dispersion, under- and overprediction are its parts. /median: WIS by "
      "that of the median on the same forecasts. %: the share of outcomes within central intervals.";
  notes += " abs. error: of the median; bias: 1 where all quantiles are above the outcome, -1 where all are below.";
  if (result.options.log)
    notes += fmt::format(" Forecasts are combined as they are, and scored as log(x + {:g}).", result.options.offset);
  if (result.pairwise.size() > 0)
    notes += fmt::format(" skill: the geometric mean of the WIS by that of each model on the forecasts of both, by that of {}.",
                         result.options.baseline);
  if (!result.weights.empty()) notes += " Weights of a round are fitted to rounds before it whose outcomes were due by then.";
  if (result.weights.empty())
    notes += fmt::format(" No round has {} with known outcomes before it (--rounds), and models enough: nothing was fitted.",
                         counted(result.options.rounds, "round"));
  if (result.targets > 1)
    notes += fmt::format(" {} targets were scored together; --by target tells them apart, --where target=... takes one.",
                         result.targets);
  if (result.unfitted > 0 && !result.weights.empty())
    notes += fmt::format(" In {} the past was too short or the models too incomplete for weights: without forecasts by them.",
                         counted(result.unfitted, "round"));
  if (result.unscored > 0)
    notes += fmt::format(" Not scored, without an outcome or a model: {}.", counted(result.unscored, "forecast"));
  if (result.incomplete > 0)
    notes += fmt::format(" Left out, of single models, for a level that is missing or not finite: {}.",
                         counted(result.incomplete, "forecast"));
  if (result.crossing > 0)
    notes += fmt::format(" The quantiles of {} crossed, and were sorted.", counted(result.crossing, "forecast"));
  std::string text = wrapped(notes);
  if (!result.said.empty()) text += "\n";
  for (auto const& sentence : result.said) text += wrapped(sentence);
  return text;
}

}  // namespace

void check(forecast_options const& o) {
  if (o.rounds < 1) throw usage_error("--rounds must be at least 1");
  if (o.window < 0) throw usage_error("--window must not be negative");
  if (o.window > 0 && o.window < o.rounds) throw usage_error("--window must not be below --rounds");
  if (!(o.complete > 0 && o.complete <= 1)) throw usage_error("--complete must be above 0, and at most 1");
  if (!(o.offset >= 0) || !std::isfinite(o.offset)) throw usage_error("--offset must not be negative");
}

std::vector<std::pair<std::string, double>> read_weights(std::filesystem::path const& file) {
  named_records row(file);
  auto const model = row.needed({"model", "model_id", "team_model"}), weight = row.needed({"weight", "weights"});
  std::vector<std::pair<std::string, double>> weights;
  while (row.next()) {
    auto const w = row.number(weight, "weight");
    if (!w || !(*w >= 0) || !std::isfinite(*w))
      throw row.wrong(fmt::format("the weight '{}' is none: a finite number, at least 0", shown(row[weight])));
    for (auto const& [name, known] : weights) {
      if (name == row[model]) throw row.wrong(fmt::format("model '{}' has a second weight", name));
    }
    weights.emplace_back(row[model], *w);
  }
  return weights;
}

namespace {

// Throws unless the models that options name are there.
void check_names(forecast_set const& set, forecast_options const& options) {
  auto const needed = [&](char const* option, std::string const& name) {
    if (std::find(set.models.begin(), set.models.end(), name) != set.models.end()) return;
    auto const like = nearest(name, set.models);
    throw usage_error(fmt::format("{}: there is no model '{}'{}; there are {}", option, name,
                                  like.empty() ? "" : fmt::format(" (did you mean '{}'?)", like), fmt::join(set.models, ", ")));
  };
  if (!options.baseline.empty()) needed("--baseline", options.baseline);
  for (auto const& [name, weight] : options.weights) needed("--weights", name);
  if (!options.by.empty() && column_of(set, options.by) == set.columns.size())
    throw usage_error(fmt::format("--by {}: there is no such column; there are {}", options.by, fmt::join(set.columns, ", ")));
}

std::string why_absent(forecast_set const& set, std::size_t model) {
  if (model >= set.accounts.size()) return "has no forecast here";
  auto const& a = set.accounts[model];
  if (a.incomplete == 0) return "has no forecast here";
  return fmt::format("no forecast here: {} of {} left out, for instance without {}{}", a.incomplete, a.given,
                     a.missing == "a sample" ? "" : "the level ", a.missing);
}

// The scores of every rule that forecast, and of every model.
void add_lines(forecast_set const& set, std::vector<forecasts_made> const& made, names const& rules, std::size_t by,
               forecast_options const& options, forecast_result& result) {
  std::vector<vector> of_tasks;  // of the lines
  vector const reference = scores_of_tasks(set, made.front());
  for (std::size_t r = 0; r < made.size(); ++r) {
    bool const model = r >= rules.size();
    if (!model && made[r].tasks.empty()) continue;  // a rule that was never fitted
    forecast_result::line line{model ? set.models[r - rules.size()] : rules[r], model,
                               score(set, made[r], result.intervals, reference)};
    if (model && line.all.tasks == 0) line.absent = why_absent(set, r - rules.size());
    for (auto const& value : result.parts) {
      auto const part = part_of(set, made[r], by, value);
      line.parts.push_back(part.tasks.empty() ? nan : score(set, part, {}, reference).wis);
    }
    result.lines.push_back(std::move(line)), of_tasks.push_back(scores_of_tasks(set, made[r]));
  }
  if (options.baseline.empty()) return;
  auto const first_model = result.lines.size() - set.models.size();
  auto const place = std::find(set.models.begin(), set.models.end(), options.baseline) - set.models.begin();
  compare_pairwise(of_tasks, first_model, first_model + static_cast<std::size_t>(place), result);
}

}  // namespace

forecast_result compare_forecasts(forecast_set const& given, std::string const& source, forecast_options const& options) {
  check(options);
  check_names(given, options);
  forecast_result result = described(given, source, options);
  score_categories(given, result);
  auto const rounds = given.levels.empty() ? std::vector<round_of_forecasts>() : rounds_of(given, options.window);
  bool const categories = std::any_of(result.pmf.begin(), result.pmf.end(), [](auto const& line) { return line.tasks > 0; });
  if (rounds.empty() && !categories) throw usage_error(fmt::format("{}: no forecast has an outcome", source));
  if (!categories && !result.pmf.empty())
    result.said.push_back(fmt::format("Probabilities (pmf) of {} are not scored: no outcome is known.",
                                      counted(static_cast<Index>(given.pmf.tasks.size()), "forecast")));
  if (!categories) result.pmf.clear();
  result.rounds = static_cast<Index>(rounds.size());
  if (rounds.empty()) return result;

  fitter fits(given, options, result);
  round_weights weights;
  auto const rules = forecast_rules(given, options, weights);
  auto made = forecast_rounds(given, rounds, rules, [&](round_of_forecasts const& round) { weights = fits.fit(round); });
  if (weights[0].weights.size() > 0) result.weights = means_of_weights(weights);
  forecast_set set = given;
  auto const natural = made;
  if (options.log) {
    Index raised = 0;
    to_logarithms(set, made, options, raised);
    if (raised > 0) result.said.push_back(fmt::format("Quantiles below 0 were scored as 0: {}.", counted(raised, "forecast")));
  }
  auto const& by_median = made.front();
  result.tasks = static_cast<Index>(by_median.tasks.size());
  result.unscored = static_cast<Index>(set.tasks.size()) - result.tasks;
  if (auto const target = column_of(set, "target"); target < set.columns.size()) {
    result.targets = static_cast<Index>(values_of(set, by_median.tasks, target).size());
  }
  std::size_t const by = column_of(set, options.by);
  if (!options.by.empty()) result.parts = values_of(set, by_median.tasks, by);

  std::vector<std::string> rule_names;
  for (auto const& r : rules) rule_names.push_back(r.name);
  add_lines(set, made, rule_names, by, options, result);
  // The best of the rules that forecast everything.
  std::size_t best = 0;
  for (std::size_t l = 1; l < result.lines.size(); ++l) {
    auto const& line = result.lines[l];
    if (!line.model && line.all.tasks == result.tasks && line.all.wis < result.lines[best].all.wis) best = l;
  }
  best =
      static_cast<std::size_t>(std::find(rule_names.begin(), rule_names.end(), result.lines[best].name) - rule_names.begin());
  result.fan = fan_chart(given, natural[best], rules[best].name, result.intervals);
  return result;
}

std::string as_text(forecast_result const& result) {
  std::string text;
  if (!result.lines.empty()) text += text_of_scores(result);
  if (result.pairwise.size() > 0) text += text_of_pairs(result);
  if (!result.parts.empty()) text += text_of_parts(result);
  if (!result.weights.empty()) text += text_of_weights(result);
  if (!result.pmf.empty()) text += text_of_categories(result);
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
                                   {"by", result.options.by},
                                   {"baseline", result.options.baseline},
                                   {"log", result.options.log}}},
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
                                  {"overprediction", s.over},
                                  {"absolute_error", s.absolute},
                                  {"bias", s.bias}};
    if (result.pairwise.size() > 0) one["skill"] = line.skill;
    for (std::size_t c = 0; c < s.coverage.size(); ++c)
      one["coverage"].push_back({{"interval", result.intervals[c]}, {"share", s.coverage[c]}});
    for (std::size_t p = 0; p < line.parts.size(); ++p) one["wis_by"][result.parts[p]] = line.parts[p];
    json["results"].push_back(one);
  }
  for (auto const& w : result.weights) {
    for (std::size_t j = 0; j < result.names.size(); ++j) json["weights"][w.rule][result.names[j]] = w.weights[j];
  }
  for (Index a = 0; a < result.pairwise.rows(); ++a) {
    for (Index b = 0; b < result.pairwise.cols(); ++b)
      json["pairwise"][result.names[static_cast<std::size_t>(a)]][result.names[static_cast<std::size_t>(b)]] =
          result.pairwise(a, b);
  }
  for (auto const& line : result.pmf)
    json["categories"].push_back(
        {{"name", line.name}, {"forecasts", line.tasks}, {"log_score", line.logarithmic}, {"brier", line.brier}});
  if (!result.fan.series.empty()) {
    json["fan"] = {{"title", result.fan.title}, {"x", result.fan.x_label}, {"y", result.fan.y_label}};
    for (auto const& b : result.fan.bands) {
      json["fan"]["bands"].push_back({{"name", b.name}, {"x", b.x}, {"low", b.low}, {"high", b.high}});
    }
    for (auto const& s : result.fan.series) json["fan"]["series"].push_back({{"name", s.name}, {"x", s.x}, {"y", s.y}});
  }
  json["said"] = result.said, json["explained"] = result.explained;
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
    add("absolute_error", "", s.absolute), add("bias", "", s.bias);
    if (result.pairwise.size() > 0) add("skill", result.options.baseline, line.skill);
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

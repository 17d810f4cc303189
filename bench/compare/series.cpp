// SPDX-License-Identifier: BSL-1.0
// Simple forecasters, on a time series as it was known at each point.
#include "error.hpp"
#include "forecast_rows.hpp"

#include <Eigen/Cholesky>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

namespace robagg_compare {
namespace {

using values = std::vector<double>;
auto at = [](auto const& v, Index i) -> auto& { return v[static_cast<std::size_t>(i)]; };

// The forecasts of the points h = 1, ..., furthest after the first n values.
using forecaster = values (*)(values const& y, Index n, Index furthest, series_options const& o);

values naive(values const& y, Index n, Index furthest, series_options const&) {
  return values(static_cast<std::size_t>(furthest), at(y, n - 1));
}

values seasonal_naive(values const& y, Index n, Index furthest, series_options const& o) {
  values out;
  for (Index h = 0; h < furthest; ++h) out.push_back(at(y, n - o.season + h % o.season));
  return out;
}

// Least squares on the last values, of the series or of its differences, and its forecasts fed back.
values autoregression(values const& y, Index n, Index furthest, series_options const& o) {
  Index const k = o.order, first = o.differences ? 1 : 0;
  values x;
  for (Index t = first; t < n; ++t) x.push_back(at(y, t) - (o.differences ? at(y, t - 1) : 0));
  auto const size = static_cast<Index>(x.size());
  Eigen::MatrixXd lagged(size - k, k + 1);
  for (Index t = k; t < size; ++t) {
    lagged(t - k, k) = 1;
    for (Index j = 0; j < k; ++j) lagged(t - k, j) = at(x, t - 1 - j);
  }
  Eigen::MatrixXd normal = lagged.transpose() * lagged;
  normal.diagonal().array() += 1e-8 * normal.trace() / static_cast<double>(k + 1);
  Eigen::VectorXd const next = Eigen::Map<Eigen::VectorXd const>(x.data() + k, size - k);
  Eigen::VectorXd const weights = normal.ldlt().solve(lagged.transpose() * next);
  values out;
  for (Index h = 0; h < furthest; ++h) {
    double step = weights[k];
    for (Index j = 0; j < k; ++j) step += weights[j] * at(x, static_cast<Index>(x.size()) - 1 - j);
    x.push_back(step);
    out.push_back(step + (o.differences ? (h == 0 ? at(y, n - 1) : out.back()) : 0));
  }
  return out;
}

// Level, trend and season, additive (Holt and Winters); the constants that would have forecast one step ahead best.
values exponential_smoothing(values const& y, Index n, Index furthest, series_options const& o) {
  values best;
  double least = std::numeric_limits<double>::infinity();
  for (double const alpha : {.2, .5, .8}) {
    for (double const beta : {0., .02}) {
      for (double const gamma : {.05, .3}) {
        double level = 0, trend = 0, errors = 0;
        for (Index t = 0; t < o.season; ++t) {
          level += at(y, t) / static_cast<double>(o.season);
          trend += (at(y, t + o.season) - at(y, t)) / static_cast<double>(o.season * o.season);
        }
        values season;
        double const middle = static_cast<double>(o.season - 1) / 2;
        for (Index t = 0; t < o.season; ++t) season.push_back(at(y, t) - level - trend * (static_cast<double>(t) - middle));
        level += trend * middle;
        for (Index t = o.season; t < n; ++t) {
          double& s = season[static_cast<std::size_t>(t % o.season)];
          double const error = at(y, t) - (level + trend + s);
          if (t >= 2 * o.season) errors += error * error;
          level += trend + alpha * error, trend += alpha * beta * error, s += gamma * (1 - alpha) * error;
        }
        if (!(errors < least)) continue;
        least = errors;
        best.clear();
        for (Index h = 0; h < furthest; ++h)
          best.push_back(level + static_cast<double>(h + 1) * trend + at(season, (n + h) % o.season));
      }
    }
  }
  return best;
}

struct named_forecaster {
  char const* name;
  forecaster forecast;
  double width = 1;      // of what its past errors say
  Index wrong_unit = 0;  // in every so-manieth round a tenth of the value
};
constexpr std::array<named_forecaster, 6> forecasters = {{{"naive", naive},
                                                          {"seasonal_naive", seasonal_naive},
                                                          {"autoregression", autoregression},
                                                          {"exponential_smoothing", exponential_smoothing},
                                                          {"too_sure", naive, .1},
                                                          {"wrong_unit", exponential_smoothing, 1, 10}}};

struct point {
  double time, value;
  Index line;
};

// Sorted by time. What is said goes to the set.
std::vector<point> read_series(std::filesystem::path const& path, forecast_set& set) {
  named_records row(path);
  auto const date = row.needed(known_names[due]);
  auto wanted = known_names[value];
  wanted.insert(wanted.end(), known_names[outcome].begin(), known_names[outcome].end());
  auto const number = row.needed(wanted);
  std::vector<point> points;
  Index missing = 0;
  bool dates = false;
  while (row.next()) {
    auto const time = as_time(row[date]);
    if (!time) throw row.wrong(fmt::format("the date '{}' is neither a date (YYYY-MM-DD) nor a number", shown(row[date])));
    dates = dates || as_date(row[date]);
    auto const y = row.number(number, "value");
    if (y && !std::isfinite(*y)) throw row.wrong(fmt::format("the value '{}' is not finite", shown(row[number])));
    if (y)
      points.push_back({*time, *y, row.line()});
    else
      ++missing;
  }
  auto const earlier = [](point const& a, point const& b) { return a.time < b.time; };
  bool const sorted = std::is_sorted(points.begin(), points.end(), earlier);
  if (!sorted)
    std::stable_sort(points.begin(), points.end(), earlier),
        set.said.push_back("The series was not in the order of its dates, and was sorted.");
  for (std::size_t i = 1; i < points.size(); ++i) {
    if (points[i].time == points[i - 1].time)
      throw usage_error(fmt::format("{}: line {}: has the date of line {} again", row.file(),
                                    std::max(points[i].line, points[i - 1].line),
                                    std::min(points[i].line, points[i - 1].line)));
  }
  if (missing > 0)
    set.said.push_back(fmt::format("{} without a value {} left out.", counted(missing, "date"), missing == 1 ? "was" : "were"));
  set.explained.push_back(fmt::format("series {}: {}; date: {}; value: {}; {}", row.file(), row.format(), row.headings()[date],
                                      row.headings()[number], counted(static_cast<Index>(points.size()), "value")));
  set.dates = dates;
  return points;
}

// Where points are missing: steps that are longer than most, in months where dates have one day of the month.
void say_gaps(std::vector<point> const& points, forecast_set& set) {
  if (points.size() < 3) return;
  std::vector<double> times;
  std::set<unsigned> days;
  for (auto const& p : points) {
    times.push_back(p.time);
    if (!set.dates) continue;
    std::chrono::year_month_day const date{std::chrono::sys_days{std::chrono::days(static_cast<int>(p.time))}};
    days.insert(static_cast<unsigned>(date.day()));
  }
  bool const monthly = set.dates && (days.size() == 1 || *days.begin() >= 28);  // or its last day
  std::map<double, Index> count;
  std::vector<double> steps;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (monthly) {
      std::chrono::year_month_day const date{std::chrono::sys_days{std::chrono::days(static_cast<int>(points[i].time))}};
      times[i] = 12. * static_cast<int>(date.year()) + static_cast<double>(static_cast<unsigned>(date.month()));
    }
    if (i > 0) steps.push_back(times[i] - times[i - 1]), ++count[steps.back()];
  }
  auto const usual =
      std::max_element(count.begin(), count.end(), [](auto const& a, auto const& b) { return a.second < b.second; })->first;
  Index gaps = 0, first = -1;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i] > usual * 1.01) gaps += 1, first = first < 0 ? points[i + 1].line : first;
  }
  if (gaps > 0)
    set.said.push_back(fmt::format("The series has {}, the first before line {}: the points on both sides count as neighbours.",
                                   counted(gaps, "gap"), first));
}

}  // namespace

forecast_set forecast_series(std::filesystem::path const& path, series_options const& o) {
  forecast_set set;
  std::string const file = path.string();
  auto const points = read_series(path, set);
  say_gaps(points, set);
  values y, times;
  for (auto const& p : points) y.push_back(p.value), times.push_back(p.time);
  Index const n = static_cast<Index>(y.size()), horizons = static_cast<Index>(o.horizons.size()), furthest = o.horizons.back();
  if (o.season < 1) throw usage_error("--season must be at least 1");
  // Two seasons before the first forecast of all, which errors are known of before the first round.
  Index const p = static_cast<Index>(o.made_up ? forecasters.size() : 4), train = std::max(o.train, 4 * std::min(o.season, n)),
              warm = train / 2;
  if (n < train + furthest + 1)
    throw usage_error(fmt::format("{}: {} too few", file, n == 1 ? "1 value is" : fmt::format("{} values are", n)));

  set.columns = {"series", "horizon"};
  set.levels = {.01, .025, .05, .1, .15, .2, .25, .3, .35, .4, .45, .5, .55, .6, .65, .7, .75, .8, .85, .9, .95, .975, .99};
  for (Index j = 0; j < p; ++j) set.models.push_back(at(forecasters, j).name);
  for (Index t = train; t < n; ++t) {
    for (Index const h : o.horizons) {
      if (t + h - 1 >= n) continue;
      set.tasks.push_back({{o.name, std::to_string(h)}, at(times, t - 1), at(times, t + h - 1), at(y, t + h - 1)});
    }
  }
  auto const d = static_cast<Index>(set.levels.size());
  set.quantiles.resize(static_cast<Index>(set.tasks.size()) * p, d);
  for (Index j = 0; j < p; ++j) {
    auto const& f = at(forecasters, j);
    std::vector<values> errors(static_cast<std::size_t>(horizons));  // in the order in which they became known
    std::vector<values> made;                                        // from the first `warm` values on
    Index task = 0;
    for (Index t = warm; t < n; ++t) {
      made.push_back(f.forecast(y, t, furthest, o));
      for (Index i = 0; i < horizons; ++i) {
        Index const h = at(o.horizons, i), from = t - h;  // the forecast of value t - 1 that was made h points before
        if (from >= warm) errors[static_cast<std::size_t>(i)].push_back(at(y, t - 1) - at(at(made, from - warm), h - 1));
      }
      if (t < train) continue;
      for (Index i = 0; i < horizons; ++i) {
        Index const h = at(o.horizons, i);
        if (t + h - 1 >= n) continue;
        values known = at(errors, i);
        std::sort(known.begin(), known.end());
        bool const wrong = f.wrong_unit > 0 && (t - train) % f.wrong_unit == f.wrong_unit - 1;
        for (Index k = 0; k < d; ++k) {
          double const place = at(set.levels, k) * static_cast<double>(known.size() - 1);
          auto const low = static_cast<Index>(place), high = std::min<Index>(low + 1, static_cast<Index>(known.size()) - 1);
          double const error = at(known, low) + (place - static_cast<double>(low)) * (at(known, high) - at(known, low));
          set.quantiles(task * p + j, k) = (at(made.back(), h - 1) + f.width * error) * (wrong ? .1 : 1);
        }
        ++task;
      }
    }
  }
  return set;
}

}  // namespace robagg_compare

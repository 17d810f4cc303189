// SPDX-License-Identifier: BSL-1.0
// Simple forecasters, on a time series as it was known at each point.
#include "csv.hpp"
#include "error.hpp"
#include "forecasts.hpp"

#include <Eigen/Cholesky>
#include <fmt/format.h>

#include <algorithm>
#include <array>
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

}  // namespace

forecast_set forecast_series(std::filesystem::path const& path, series_options const& o) {
  std::string const file = path.string(), text = file_content(path);
  csv_records records(text, file);
  std::vector<std::string> fields;
  records.next(fields);
  if (fields != std::vector<std::string>{"date", "value"})
    throw usage_error(fmt::format("{}: needs the columns date and value", file));
  values y, times;
  while (records.next(fields)) {
    auto const value = fields.size() == 2 ? as_number(fields[1]) : std::nullopt;
    if (!value) throw usage_error(fmt::format("{}: line {}: needs a date and a number", file, records.line()));
    times.push_back(time_of(fields[0], "date", file, records.line())), y.push_back(*value);
  }
  Index const n = static_cast<Index>(y.size()), horizons = static_cast<Index>(o.horizons.size()), furthest = o.horizons.back();
  if (o.season < 1) throw usage_error("--season must be at least 1");
  // Two seasons before the first forecast of all, which errors are known of before the first round.
  Index const p = static_cast<Index>(forecasters.size()), train = std::max(o.train, 4 * std::min(o.season, n)),
              warm = train / 2;
  if (n < train + furthest + 1) throw usage_error(fmt::format("{}: {} values are too few", file, n));

  forecast_set set;
  set.columns = {"series", "horizon"}, set.dates = true;
  set.levels = {.01, .025, .05, .1, .15, .2, .25, .3, .35, .4, .45, .5, .55, .6, .65, .7, .75, .8, .85, .9, .95, .975, .99};
  for (auto const& f : forecasters) set.models.push_back(f.name);
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

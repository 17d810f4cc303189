// SPDX-License-Identifier: BSL-1.0
// Which ensemble of quantile forecasts to trust: every rule on the forecasts of a hub, weights fitted to the past alone.
#pragma once

#include "plot.hpp"

#include <robagg/reports.hpp>

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace robagg_compare {

using robagg::Index;
using robagg::table;

/// What was to be forecast, and what came.
struct forecast_task {
  std::vector<std::string> id;  ///< a value for each column of the set
  double made = 0, due = 0;     ///< days since 1970, or plain numbers: when it was forecast, and what time it is about
  double outcome = std::numeric_limits<double>::quiet_NaN();
};

struct forecast_set {
  std::vector<std::string> columns, models;
  std::vector<double> levels;  ///< ascending; tau and 1 - tau are both there
  std::vector<forecast_task> tasks;
  table<double> quantiles;  ///< models' rows for the first task, for the second, ...; NaN: no forecast
  bool dates = false;       ///< are times days?
  Index incomplete = 0;     ///< forecasts left out: a level is missing, or not finite
  Index crossing = 0;       ///< forecasts whose quantiles fell, and were sorted

  auto of(Index task) const {
    auto const p = static_cast<Index>(models.size());
    return quantiles.middleRows(task * p, p);
  }
};

/// A date YYYY-MM-DD (with or without a time of day) as days since 1970, or a plain number.
std::optional<double> as_time(std::string const& text);
/// The same, or a usage_error that names the place; `what` it is the time of.
double time_of(std::string const& text, char const* what, std::string const& file, Index line);

/// Forecasts as hubs publish them: CSV files, or folders of them. The columns, by any of these names:
///   level     output_type_id, quantile_level, quantile, level          needed
///   value     value, predicted, prediction                             needed
///   kind      output_type, type: only rows that say quantile count; without it, rows that have a level
///   model     model_id, model, team_model; without it the folder a file is in, or its name after the date
///   made      reference_date, origin_date, forecast_date, origin       dates as YYYY-MM-DD, or numbers
///   due       target_end_date, target_date, date, time
///   outcome   observed, observation, true_value, truth                 or from `truth`
/// All other columns say what is forecast, but *_name, unnamed ones and the outcome's.
/// `truth`: CSV with an outcome or value column and columns that forecasts have too; of several versions (as_of) the last.
/// `where`: rows that are read, by column=value or column~part of the value; several on one column are alternatives.
forecast_set read_forecasts(std::vector<std::filesystem::path> const& files, std::vector<std::filesystem::path> const& truth,
                            std::vector<std::string> const& where);

/// Forecasts of the tool's own, made month by month (year by year) from what was known then: naive, seasonal naive, an
/// autoregression, exponential smoothing, one that is far too sure, and one whose unit is wrong once in ten rounds. All but
/// these two know their own past errors. `series` is CSV with the columns date and value.
struct series_options {
  std::string name;
  Index season = 12, order = 24,
        train = 120;  ///< of the seasonal naive; of the autoregression; points before the first round, four seasons at least
  bool differences = false;  ///< what the autoregression is of
  std::vector<Index> horizons = {1, 3, 6, 12};
};
forecast_set forecast_series(std::filesystem::path const& series, series_options const& options);

struct forecast_options {
  Index rounds = 20;     ///< that fitted weights need behind them
  Index window = 0;      ///< the last so many rounds that they are fitted to; 0: all
  double complete = .9;  ///< a model is weighted if it forecast that share of them
  std::string by = {};   ///< a column to break scores down by
};
void check(forecast_options const& options);

struct forecast_result {
  struct scores {
    double wis = 0, dispersion = 0, under = 0, over = 0;
    std::vector<double> coverage;  ///< of `intervals`
    double relative = 0;           ///< WIS by that of the median ensemble on the same tasks
    Index tasks = 0;
  };
  struct line {
    std::string name;
    bool model = false;  ///< one of those that are combined
    scores all;
    std::vector<double> parts;  ///< WIS in each of `parts`
  };
  struct weighting {
    std::string rule;
    std::vector<double> weights;  ///< of the last round, a mean over levels
  };
  forecast_options options;
  std::string source;
  Index tasks = 0, rounds = 0, unscored = 0, models = 0, levels = 0, incomplete = 0, crossing = 0, unfitted = 0, targets = 0;
  double largest_gap = 0, seconds = 0;  ///< relative, of all fits; of all fits
  Index fits = 0, unsolved = 0;
  std::vector<double> intervals;
  std::vector<std::string> parts, names;
  std::vector<line> lines;
  std::vector<weighting> weights;
  plot_spec fan;  ///< of the best rule, for one thing that was forecast
};

forecast_result compare_forecasts(forecast_set const& set, std::string const& source, forecast_options const& options);

std::string as_text(forecast_result const& result);
nlohmann::ordered_json as_json(forecast_result const& result);
std::string as_csv(forecast_result const& result);
plot_spec as_plot(forecast_result const& result);

}  // namespace robagg_compare

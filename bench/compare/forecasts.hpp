// SPDX-License-Identifier: BSL-1.0
// Which ensemble of quantile forecasts to trust: every rule on the forecasts of a hub, weights fitted to the past alone.
#pragma once

#include "plot.hpp"
#include "records.hpp"

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

  /// What became of a model's forecasts.
  struct account {
    Index given = 0, sampled = 0, incomplete = 0;  ///< of those given: made of samples; left out for a missing level
    std::string missing = {};                      ///< such a level, for instance
  };
  std::vector<account> accounts;       ///< of the models, where files were read
  std::vector<std::string> explained;  ///< how the files were understood, in lines
  std::vector<std::string> said;       ///< what was dropped, merged or assumed, in sentences

  /// Probabilities of categories (pmf), if the files have any.
  struct probabilities {
    std::vector<std::string> categories;
    std::vector<forecast_task> tasks;  ///< outcome: the number of the category that came
    table<double> shares;              ///< models' rows for the first task, for the second, ...; NaN: no forecast
  } pmf;

  auto of(Index task) const {
    auto const p = static_cast<Index>(models.size());
    return quantiles.middleRows(task * p, p);
  }
};

/// How files of forecasts are read.
struct reading_options {
  std::vector<std::string> key = {};                   ///< the columns that tell forecasts apart; empty: found
  std::vector<std::string> models = {}, without = {};  ///< by name: only these, and not these; empty: all
  double every = 0;  ///< days of a round, in which a model's last forecast counts; 0: each date is one
  Index sum = 0;     ///< values of the truth that are added up, the last on the target date; 0: found to be 1
};
void check(reading_options const& options);

/// Forecasts as hubs publish them: files of delimited text or JSON lines, plain or .gz, or folders of them. The columns, by any
/// of these names:
///   level     output_type_id, quantile_level, quantile, level          needed
///   value     value, predicted, prediction                             needed
///   kind      output_type, type: rows that say quantile, sample or pmf are read; without it, rows that have a level
///   model     model_id, model, team_model; without it the file's name without its date, or its folder where names repeat
///   made      reference_date, origin_date, forecast_date, origin       dates as YYYY-MM-DD, or numbers
///   due       target_end_date, target_date, date, time
///   outcome   observed, observation, true_value, truth                 or from `truth`
/// All other columns but *_name, unnamed ones and the outcome's say what is forecast. Those that have one value in all files,
/// or that all files of some model lack, do not tell forecasts apart; where leaving one out makes two forecasts of a model one,
/// that is refused. Samples become quantiles (type 7) where a model gives no quantiles itself.
/// `truth`: files with an outcome or value column and columns that forecasts have too; of several versions (as_of) the last.
/// `where`: rows that are read, by column=value or column~part of the value; several on one column are alternatives.
forecast_set read_forecasts(std::vector<std::filesystem::path> const& files, std::vector<std::filesystem::path> const& truth,
                            std::vector<std::string> const& where, reading_options const& options = {});

/// Forecasts of the tool's own, made month by month (year by year) from what was known then: naive, seasonal naive, an
/// autoregression, exponential smoothing, one that is far too sure, and one whose unit is wrong once in ten rounds. All but
/// these two know their own past errors. `series` is a file with a date and a value column, in any order of its dates.
struct series_options {
  std::string name;
  Index season = 12, order = 24,
        train = 120;  ///< of the seasonal naive; of the autoregression; points before the first round, four seasons at least
  bool differences = false;  ///< what the autoregression is of
  bool made_up = true;       ///< with the one that is too sure and the one whose unit is wrong
  std::vector<Index> horizons = {1, 3, 6, 12};
};
forecast_set forecast_series(std::filesystem::path const& series, series_options const& options);

struct forecast_options {
  Index rounds = 20;          ///< that fitted weights need behind them
  Index window = 0;           ///< the last so many rounds that they are fitted to; 0: all
  double complete = .25;      ///< a model is weighted if it forecast that share of them
  std::string by = {};        ///< a column to break scores down by
  std::string baseline = {};  ///< the model that skill is relative to
  bool log = false;           ///< scores of log(x + offset)
  double offset = 1;
  std::vector<std::pair<std::string, double>> weights = {};  ///< given, of models, for a weighted mean and median
};
void check(forecast_options const& options);

struct forecast_result {
  struct scores {
    double wis = 0, dispersion = 0, under = 0, over = 0;
    std::vector<double> coverage;   ///< of `intervals`
    double relative = 0;            ///< WIS by that of the median ensemble on the same tasks
    double absolute = 0, bias = 0;  ///< mean absolute error of the median; of the quantiles: 1 if all are above the outcome
    Index tasks = 0;
  };
  struct line {
    std::string name;
    bool model = false;  ///< one of those that are combined
    scores all;
    std::vector<double> parts = {};                           ///< WIS in each of `parts`
    double skill = std::numeric_limits<double>::quiet_NaN();  ///< relative to the baseline: of pairwise comparisons
    std::string absent = {};                                  ///< why it has no forecast
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
  table<double> pairwise;  ///< models' WIS by that of others, on the forecasts of both; empty without a baseline
  std::vector<std::string> explained, said;
  /// Of probabilities of categories: means over forecasts.
  struct pmf_line {
    std::string name;
    double logarithmic = 0, brier = 0;
    Index tasks = 0;
  };
  std::vector<pmf_line> pmf;
  std::vector<std::string> categories;
  plot_spec fan;  ///< of the best rule, for one thing that was forecast
};

forecast_result compare_forecasts(forecast_set const& set, std::string const& source, forecast_options const& options);

/// Weights of models, from a file with the columns model and weight.
std::vector<std::pair<std::string, double>> read_weights(std::filesystem::path const& file);

std::string as_text(forecast_result const& result);
nlohmann::ordered_json as_json(forecast_result const& result);
std::string as_csv(forecast_result const& result);
plot_spec as_plot(forecast_result const& result);

}  // namespace robagg_compare

// SPDX-License-Identifier: BSL-1.0
// Commands that read files of yours: tables, leaderboards, samples, forecasts, experts, results.
#include "command_line.hpp"

#include "battles.hpp"
#include "experts.hpp"
#include "federated.hpp"
#include "forecasts.hpp"
#include "inspect.hpp"
#include "judges.hpp"
#include "moved.hpp"
#include "ranks.hpp"
#include "records.hpp"
#include "samples.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <variant>

namespace robagg_compare {
namespace {

struct table_command : command {
  inspect_options options;
  std::string file, names, mask_file;
  CLI::Option* liars = nullptr;
  std::vector<std::string> rule_names;
  result_files files;

  explicit table_command(CLI::App& program)
      : command(program, "table",
                "Reads a table, a report in each row, and shows what\nevery rule makes of it and which rows counted") {
    app.add_option("file", file,
                   "Numbers separated by commas, semicolons or blanks, a row\n"
                   "a line, with or without a header line; or a .npy or .npz file\n(name.npz:array)")
        ->required()
        ->type_name("FILE");
    liars = add_number(app, "--liars", options.liars, "How many rows may lie (f); a quarter of them if not given");
    app.add_option(
           "--rows", names,
           "The column that names the rows: its heading, or its number\nfrom 0; an index that a program wrote is recognised")
        ->type_name("COLUMN");
    app.add_option(
           "--mask", mask_file,
           "A second table of the same shape, of 0 and 1: entries are\nabsent where it has 1, as in NumPy's masked arrays")
        ->type_name("FILE");
    app.add_flag("--influence", options.influence, "Compute the influence of every row even if that takes long");
    files.add_options(app);
    add_rules(app, rule_names);
    app.footer(
        "Example: ten updates, three of which may be wrong\n"
        "  robagg-compare table updates.npy --liars 3 --rules mean,median,geometric_median");
  }

  void run() override {
    if (liars->count() > 0 && options.liars < 0) throw usage_error("--liars must not be negative");
    auto const rules = chosen(all_rules(), rule_names);
    files.open(file);
    auto loaded = read_table(file, names);
    Index masked = -1;
    if (!mask_file.empty()) masked = apply_mask(loaded, read_table(mask_file), mask_file), options.masked = true;
    auto result = inspect(loaded, file, options, rules);
    result.masked = masked;
    files.write(result);
    print_explained(files, result.explained);
    print(as_text(result));
  }
};

// What the rules of gradients do under attack, as a table of scores: rules are the systems, attacks the tasks.
score_file rules_under_attack(federated_options const& training, std::string const& data) {
  check(training);
  auto const result = compare_federated(read_digits(data, training.seed), training, gradient_rules());
  score_file to;
  to.file = "rules under attack";
  to.scores.resize(static_cast<Index>(result.attacks.size()), static_cast<Index>(result.lines.size()));
  for (auto const& a : result.attacks) to.tasks.push_back(a.label);
  for (std::size_t r = 0; r < result.lines.size(); ++r) {
    to.systems.push_back(result.lines[r].r.label);
    for (std::size_t a = 0; a < result.attacks.size(); ++a) {
      to.scores(static_cast<Index>(a), static_cast<Index>(r)) = result.lines[r].accuracy[a];
    }
  }
  to.explained.push_back(
      fmt::format("{}: the digits, on which {} workers train, {} of whom lie; rules are the systems, attacks the tasks", data,
                  training.workers, training.liars));
  return to;
}

struct ranks_command : command {
  battles_options options;
  federated_options training;
  ranks_reading reading;
  Index quorum = 1;
  std::string data = ROBAGG_DIGITS, file, unranked = "ignored", ties = "half_wins";
  result_files files;

  explicit ranks_command(CLI::App& program)
      : command(
            program, "ranks",
            "Ranks systems by their scores on tasks, their battles or\nthe marks of judges, by every rule, with intervals, and says\n"
            "what decides") {
    app.add_option(
           "file", file,
           "CSV or JSON lines. Scores: a line a system with a column for\neach task, or the columns system, task and score. Battles:\n"
           "model_a, model_b and winner (a name, model_a, model_b, tie),\nor winner and loser. Judges: judge, item, score, perhaps axis.\n"
           "Without it, the rules that federated compares are ranked\nover its attacks")
        ->type_name("FILE");
    add_names(app, "--lower", reading.lower, "TASKS", "Tasks in which the smaller score is the better");
    app.add_option("--unranked", unranked, "What a missing score is: ignored, or last")
        ->check(CLI::IsMember({"ignored", "last"}))
        ->capture_default_str();
    app.add_option("--ties", ties, "Of battles: half_wins, or davidson: an outcome of its own")
        ->check(CLI::IsMember({"half_wins", "davidson"}))
        ->capture_default_str();
    add_names(
        app, "--covariates", reading.covariates, "NAMES",
        "Of battles: columns of numbers that may have swayed them:\nNAME_a and NAME_b, or NAME, of the first less the second");
    app.add_flag("--position", reading.position, "Of battles: being model_a may have swayed them, too");
    add_number(app, "--ridge", options.ridge, "Of battles: pulls strengths together, so that all are finite")
        ->capture_default_str();
    add_number(app, "--quorum", quorum, "Judges without whom an item has no score")->capture_default_str();
    add_number(app, "--resamples", options.resamples, "Draws of the tasks, battles or judges, for the intervals")
        ->capture_default_str();
    add_number(app, "--level", options.level, "Of the intervals")->capture_default_str();
    add_number(app, "--rounds", training.rounds, "Of the training, without a file")->capture_default_str();
    add_seed(app, options.seed, "Decides the draws");
    add_data(app, data);
    files.add_options(app);
    files.add_plot(app);
    app.footer(
        "Examples: a leaderboard whose latency is the better the smaller; battles, of which longer\nanswers win more\n"
        "  robagg-compare ranks leaderboard.csv --lower latency --csv ranks.csv\n"
        "  robagg-compare ranks battles.jsonl --covariates tokens --position --plot ratings.svg");
  }

  void run() override {
    if (options.resamples < 1) throw usage_error("--resamples must be above 0");
    if (!(options.level > 0 && options.level < 1)) throw usage_error("--level must be between 0 and 1");
    if (!(options.ridge >= 0)) throw usage_error("--ridge must not be negative");
    options.unranked = unranked == "last" ? robagg::unranked::last : robagg::unranked::ignored;
    options.ties = ties == "davidson" ? robagg::tie_model::davidson : robagg::tie_model::half_wins;
    files.open(file.empty() ? data : file);
    if (file.empty()) return show(compare_ranks(rules_under_attack(training, data), options));
    auto const read = read_ranks(file, reading);
    if (auto const* scores = std::get_if<score_file>(&read)) return show(compare_ranks(*scores, options));
    if (auto const* battles = std::get_if<battle_file>(&read)) return show(compare_battles(*battles, options));
    show(compare_judges(std::get<judgement_file>(read), quorum, options));
  }
  template <class Result>
  void show(Result const& result) const {
    files.write(result);
    print_explained(files, result.explained);
    print(as_text(result));
    files.draw(result);
  }
};

struct samples_command : command {
  samples_options options;
  std::string file;
  bool normalise = false;
  result_files files;

  explicit samples_command(CLI::App& program)
      : command(program, "samples",
                "Reads sampled answers with scores and shows how often\nevery vote rule takes a right one") {
    app.add_option("file", file,
                   "CSV or JSON lines with the columns problem, answer, score\n"
                   "and correct; others are ignored, an empty answer is none")
        ->required()
        ->type_name("FILE");
    add_list(app, "--k", options.ks, "Answers that may be submitted")->capture_default_str();
    add_list(app, "--n", options.ns, "Also compare subsets of so many samples");
    app.add_flag("--normalise", normalise,
                 "Compare answers without case, blanks around them and a full\nstop, and numbers as numbers");
    add_number(app, "--draws", options.draws, "Random subsets of each problem, where no formula does")->capture_default_str();
    add_number(app, "--resamples", options.resamples, "Bootstrap resamples for the intervals")->capture_default_str();
    add_number(app, "--alpha", options.alpha,
               "The share of samples that best_of_majority asks of an\nanswer; twice if not given")
        ->check(not_negative);
    add_seed(app, options.seed, "Decides subsets and resamples");
    files.add_options(app);
    app.footer(
        "Example: single answers, from 8, 16, 64 and all samples\n"
        "  robagg-compare samples answers.csv --k 1 --n 8,16,64 --csv accuracy.csv\n"
        "A file to try it on: robagg-compare scaling --samples answers.csv");
  }

  void run() override {
    check(options);
    files.open(file);
    auto const result = compare_samples(read_sample_file(file, normalise), file, options);
    files.write(result);
    print_explained(files, result.explained);
    print(as_text(result));
  }
};

struct forecasts_command : command {
  forecast_options options;
  series_options series;
  std::vector<std::string> forecast_files, truth_files, where;
  std::string series_name = "co2", weights_file;
  reading_options reading;
  result_files files;

  explicit forecasts_command(CLI::App& program)
      : command(program, "forecasts",
                "Combines the quantile forecasts of a hub by every rule, with\n"
                "weights fitted to the past of each round, and scores them") {
    app.add_option("files", forecast_files,
                   "CSV files of forecasts, as forecast hubs publish them, or\n"
                   "folders of them; without any, forecasts of --series")
        ->type_name("FILE...");
    app.add_option("--truth", truth_files, "CSV files of what came")
        ->type_name("FILE,...")
        ->delimiter(',')
        ->allow_extra_args(false);
    app.add_option("--where", where, "Only rows with that value in that column (~: with that\ntext in it); may be repeated")
        ->type_name("COLUMN=VALUE")
        ->allow_extra_args(false);
    app.add_option("--by", options.by, "Also show scores for each value of this column")->type_name("COLUMN");
    add_names(app, "--key", reading.key, "COLUMN,...",
              "The columns that tell forecasts apart, not those that are\nfound; both dates with them, unless one is named");
    add_number(app, "--every", reading.every,
               "Days of a round, of which a model's last forecast counts;\notherwise each date is a round");
    add_names(app, "--models", reading.models, "NAME,...", "Only these models");
    add_names(app, "--without", reading.without, "NAME,...", "Not these models");
    add_number(app, "--sum", reading.sum,
               "Values of the truth that are added up for an outcome, the\nlast on the target date: 7 for days under weeks");
    app.add_option("--baseline", options.baseline, "Skill relative to this model, and models in pairs")->type_name("NAME");
    app.add_flag("--log", options.log, "Score log(x + offset), not x");
    add_number(app, "--offset", options.offset, "Of --log")->capture_default_str();
    app.add_option("--weights", weights_file,
                   "Also the mean and median with weights of your own, from a\nfile with the columns model and weight")
        ->type_name("FILE");
    add_number(app, "--rounds", options.rounds, "Rounds that fitted weights need behind them")->capture_default_str();
    add_number(app, "--window", options.window, "The last rounds that they are fitted to; 0: all")->capture_default_str();
    add_number(
        app, "--complete", options.complete,
        "The share of past forecasts that a model has to have made\nto be weighted; where it made none, others have its weight")
        ->capture_default_str();
    app.add_option("--series", series_name, "co2, sunspots, or a file with the columns date and value")->capture_default_str();
    add_number(app, "--season", series.season, "Of such a file: points in a season")->capture_default_str();
    files.add_options(app);
    files.add_plot(app);
    app.footer(
        "Example: a hub's model-output folder\n"
        "  robagg-compare forecasts model-output --truth target-data/time-series.csv --where location=US");
  }

  void run() override {
    check(options);
    check(reading);
    if (reading.every < 0 || (app.count("--every") > 0 && !(reading.every > 0))) throw usage_error("--every must be above 0");
    files.open(forecast_files.size() == 1 ? forecast_files.front() : "");
    if (!weights_file.empty()) options.weights = read_weights(weights_file);
    auto const result = forecast_files.empty() ? of_series() : of_files();
    files.write(result);
    print_explained(files, result.explained);
    print(as_text(result));
    files.draw(result);
  }

  forecast_result of_files() const {
    auto const set = read_forecasts({forecast_files.begin(), forecast_files.end()}, {truth_files.begin(), truth_files.end()},
                                    where, reading);
    return compare_forecasts(set, fmt::format("{}", fmt::join(forecast_files, ", ")), options);
  }
  forecast_result of_series() {
    if (!truth_files.empty() || !where.empty()) throw usage_error("--truth and --where need files of forecasts");
    bool const own = series_name != "co2" && series_name != "sunspots";
    series.made_up = !own;
    auto const file = own ? std::filesystem::path(series_name) : std::filesystem::path(ROBAGG_SERIES) / (series_name + ".csv");
    if (series_name == "co2") series.differences = true;
    if (series_name == "sunspots") series.season = 11, series.order = 9, series.train = 60, series.horizons = {1, 2, 5};
    series.name = own ? file.stem().string() : series_name;
    return compare_forecasts(forecast_series(file, series), "own forecasts of " + series.name, options);
  }
};

struct experts_command : command {
  experts_options options;
  std::string file, loss = "square", horizon = "1";
  bool plain = false;
  result_files files;

  explicit experts_command(CLI::App& program)
      : command(program, "experts",
                "Weighs experts round after round by every rule, and shows\nwhat that costs beside the best of them") {
    app.add_option(
           "file", file,
           "CSV or JSON lines in the order of time: the column outcome,\nperhaps time, and a column of forecasts for each expert; an\n"
           "empty field is asleep. Without it, forecasters of data/co2.csv")
        ->type_name("FILE");
    app.add_option("--loss", loss, "square, absolute, pinball or percentage")
        ->check(CLI::IsMember({"square", "absolute", "pinball", "percentage"}))
        ->capture_default_str();
    add_number(app, "--level", options.level, "Of the pinball loss")->capture_default_str();
    app.add_flag("--plain", plain, "Judge experts by their losses, not by the slope at the mixture");
    app.add_option("--horizon", horizon, "Without a file: points ahead, 1, 3, 6 or 12")
        ->check(CLI::IsMember({"1", "3", "6", "12"}))
        ->capture_default_str();
    files.add_options(app);
    files.add_plot(app);
    app.footer("Example: regret over time\n  robagg-compare experts forecasts.csv --loss absolute --plot regret.svg");
  }

  void run() override {
    if (!(options.level > 0 && options.level < 1)) throw usage_error("--level must be between 0 and 1");
    options.gradient = !plain;
    for (std::size_t k = 0; k < robagg::enumerators(options.loss).size(); ++k) {
      if (robagg::enumerators(options.loss)[k] == loss) options.loss = static_cast<robagg::forecast_loss>(k);
    }
    files.open(file);
    auto const result = compare_experts(file.empty() ? own() : read_experts(file), options);
    files.write(result);
    print_explained(files, result.explained);
    print(as_text(result));
    files.draw(result);
  }
  expert_file own() const {
    series_options series;
    series.name = "co2", series.differences = true;
    auto to = experts_of(forecast_series(std::filesystem::path(ROBAGG_SERIES) / "co2.csv", series), horizon);
    to.file = fmt::format("own forecasts of co2, {} ahead", counted(std::stol(horizon), "month"));
    return to;
  }
};

struct diff_command : command {
  moved_options options;
  std::string before, after;

  explicit diff_command(CLI::App& program)
      : command(program, "diff", "Reads two results that --json wrote and shows what moved\nbeyond its spread") {
    app.add_option("before", before, "The one, of any command")->required()->type_name("FILE");
    app.add_option("after", after, "The other, of the same")->required()->type_name("FILE");
    add_number(app, "--tolerance", options.tolerance, "The share that does not count where no spread is known")
        ->capture_default_str();
    app.add_flag("--times", options.times, "Also what depends on the machine");
  }
  void run() override {
    if (!(options.tolerance >= 0)) throw usage_error("--tolerance must not be negative");
    print(as_text(compare_results(before, after, options)));
  }
};

}  // namespace

void declare_commands_of_files(CLI::App& program, std::vector<std::unique_ptr<command>>& to) {
  to.push_back(std::make_unique<table_command>(program));
  to.push_back(std::make_unique<ranks_command>(program));
  to.push_back(std::make_unique<samples_command>(program));
  to.push_back(std::make_unique<forecasts_command>(program));
  to.push_back(std::make_unique<experts_command>(program));
  to.push_back(std::make_unique<diff_command>(program));
}

}  // namespace robagg_compare

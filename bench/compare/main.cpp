// SPDX-License-Identifier: BSL-1.0
#include "cache.hpp"
#include "error.hpp"
#include "federated.hpp"
#include "forecasts.hpp"
#include "inspect.hpp"
#include "overoptimisation.hpp"
#include "samples.hpp"
#include "scaling.hpp"
#include "terminal.hpp"
#include "votes.hpp"
#include "write.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <optional>

namespace {

// Where results go besides the terminal. Opened before the work starts.
struct result_files {
  std::string json, csv, plot;
  std::optional<robagg_compare::output_file> json_file, csv_file, plot_file;

  void add_options(CLI::App& command) {
    command.add_option("--json", json, "Also write the results to this file as JSON")->type_name("FILE");
    command.add_option("--csv", csv, "Also write the results to this file as CSV")->type_name("FILE");
  }
  void add_plot(CLI::App& command) {
    command.add_option("--plot", plot, "Also draw the curves into this SVG file, by gnuplot")->type_name("FILE");
  }
  void open(std::string const& input) {
    auto const same = [](std::string const& a, std::string const& b) {
      std::error_code error;
      auto const path = [&](std::string const& name) {
        return std::filesystem::weakly_canonical(std::filesystem::absolute(name, error), error);
      };
      return !a.empty() && !b.empty() && path(a) == path(b);
    };
    if (same(json, csv)) throw robagg_compare::usage_error("--json and --csv name the same file");
    if (same(json, plot)) throw robagg_compare::usage_error("--json and --plot name the same file");
    if (same(csv, plot)) throw robagg_compare::usage_error("--csv and --plot name the same file");
    for (auto const& output : {json, csv, plot}) {
      if (same(output, input))
        throw robagg_compare::usage_error(fmt::format("{}: has another use, and would be written over", input));
    }
    if (!json.empty()) json_file.emplace(json);
    if (!csv.empty()) csv_file.emplace(csv);
    if (!plot.empty()) plot_file.emplace(plot);
  }
  template <class Result>
  void write(Result const& result) const {
    if (json_file) {
      nlohmann::ordered_json all = {{"program", "robagg-compare"}, {"version", ROBAGG_VERSION}};
      all.update(as_json(result));
      json_file->write(all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    }
    if (csv_file) csv_file->write(as_csv(result));
  }
  // After the text is out: gnuplot may be missing.
  template <class Result>
  void draw(Result const& result) const {
    if (plot_file) plot_file->write(robagg_compare::drawn(as_plot(result)));
  }
};

void print(std::string const& text) {
  bool const written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) throw std::runtime_error("the output cannot be written");
}

template <class Number>
CLI::Option* add_number(CLI::App& command, std::string const& name, Number& value, std::string const& what) {
  return command.add_option(name, value, what)->type_name(std::is_integral_v<Number> ? "N" : "X");
}

int run(int argc, char** argv) {
  CLI::App app{"Compares rules that merge many reports into one, when some of the reports lie.", "robagg-compare"};
  app.set_version_flag("--version", "robagg-compare " ROBAGG_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(28);
  app.footer(
      "Examples:\n"
      "  robagg-compare federated\n"
      "  robagg-compare votes\n"
      "  robagg-compare samples answers.csv\n"
      "  robagg-compare table updates.csv --liars 3");

  robagg_compare::federated_options training;
  std::string data = ROBAGG_DIGITS;
  std::vector<std::string> rule_names;
  result_files files;
  auto* const federated = app.add_subcommand(
      "federated", "Trains a model on handwritten digits with every rule\nunder every attack and prints how well it reads");
  add_number(*federated, "--workers", training.workers, "How many workers report, liars included")->capture_default_str();
  add_number(*federated, "--liars", training.liars, "How many of them lie (f)")->capture_default_str();
  add_number(*federated, "--rounds", training.rounds, "How often they report")->capture_default_str();
  add_number(*federated, "--batch", training.batch, "Samples that a worker looks at in a round")->capture_default_str();
  add_number(*federated, "--momentum", training.momentum, "How much of its last report a worker keeps")->capture_default_str();
  add_number(*federated, "--rate", training.rate, "How far the server steps")->capture_default_str();
  add_number(*federated, "--heterogeneity", training.heterogeneity,
             "0 to 1: the share of its samples that a worker draws\nfrom data of its own, one or two digits, not from all")
      ->capture_default_str();
  auto const not_negative = [](std::string const& text) {
    return text.starts_with('-') ? "must not be negative" : std::string();
  };
  add_number(*federated, "--seed", training.seed, "Decides the split, the samples and their order")
      ->capture_default_str()
      ->check(not_negative);
  add_number(*federated, "--flip", training.strength.flip, "Strength of sign flipping")->capture_default_str();
  add_number(*federated, "--ipm", training.strength.ipm, "Strength of inner product manipulation")->capture_default_str();
  add_number(*federated, "--alie", training.strength.alie, "Strength of a little is enough")->capture_default_str();
  federated
      ->add_option("--attacks", training.attacks,
                   "Only these, separated by commas, and none; also those\nthat are not tried by default: alie-z, alie-opt,\n"
                   "ipm-opt, minmax, noise, coord, anticge")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAMES");
  federated->footer(
      "Example: 12 workers of whom 2 lie, three rules, results also for a spreadsheet\n"
      "  robagg-compare federated --workers 12 --liars 2 --rules mean,median,krum --csv digits.csv");

  robagg_compare::inspect_options inspecting;
  std::string table_file;
  auto* const table = app.add_subcommand(
      "table", "Reads a table, a report in each row, and shows what\nevery rule makes of it and which rows counted");
  table
      ->add_option(
          "file", table_file,
          "Numbers separated by commas, semicolons or blanks, a row\na line, with or without a header line; or a .npy file")
      ->required()
      ->type_name("FILE");
  auto* const liars =
      add_number(*table, "--liars", inspecting.liars, "How many rows may lie (f); a quarter of them if not given");
  table->add_flag("--influence", inspecting.influence, "Compute the influence of every row even if that takes long");
  table->footer(
      "Example: ten updates, three of which may be wrong\n"
      "  robagg-compare table updates.npy --liars 3 --rules mean,median,geometric_median");

  robagg_compare::votes_options voting;
  auto* const votes = app.add_subcommand(
      "votes",
      "Trains models on parts of the digits and prints how many\ntest digits their vote certainly reads correctly "
      "when\ntraining points are poisoned, and what attacks achieve");
  auto const add_list = [](CLI::App& command, std::string const& name, std::vector<robagg::Index>& values,
                           std::string const& what) {
    return command.add_option(name, values, what)->delimiter(',')->type_name("N,...");
  };
  add_list(*votes, "--models", voting.models, "Partitions of the training data")->capture_default_str();
  add_number(*votes, "--spread", voting.spread, "Finite aggregation: buckets that a model learns from;\n1: without")
      ->capture_default_str();
  add_number(*votes, "--versions", voting.versions, "Boosted: models whose scores are added; 1: without")
      ->capture_default_str();
  add_list(*votes, "--budgets", voting.budgets, "Poisoned points that the table shows")->capture_default_str();
  add_number(*votes, "--attack", voting.attack, "Labels that an attack may flip; 0: nobody attacks")->capture_default_str();
  add_number(*votes, "--seed", voting.seed, "Decides the split, the shifts and the pixels of versions")
      ->capture_default_str()
      ->check(not_negative);
  votes->footer(
      "Example: 100 partitions, without finite aggregation, whole curves for a spreadsheet\n"
      "  robagg-compare votes --models 100 --spread 1 --csv votes.csv");

  robagg_compare::samples_options sampling;
  std::string samples_file;
  auto* const samples =
      app.add_subcommand("samples", "Reads sampled answers with scores and shows how often\nevery vote rule takes a right one");
  samples
      ->add_option(
          "file", samples_file,
          "CSV with a header and the columns problem, answer, score\nand correct; others are ignored, an empty answer is none")
      ->required()
      ->type_name("FILE");
  add_list(*samples, "--k", sampling.ks, "Answers that may be submitted")->capture_default_str();
  add_list(*samples, "--n", sampling.ns, "Also compare on random subsets of so many samples");
  add_number(*samples, "--draws", sampling.draws, "Subsets of each problem")->capture_default_str();
  add_number(*samples, "--resamples", sampling.resamples, "Bootstrap resamples for the intervals")->capture_default_str();
  add_number(*samples, "--alpha", sampling.alpha,
             "The share of samples that best_of_majority asks of an\nanswer; twice if not given")
      ->check(not_negative);
  add_number(*samples, "--seed", sampling.seed, "Decides subsets and resamples")->capture_default_str()->check(not_negative);
  samples->footer(
      "Example: single answers, from 8, 16, 64 and all samples\n"
      "  robagg-compare samples answers.csv --k 1 --n 8,16,64 --csv accuracy.csv\n"
      "A file to try it on: robagg-compare scaling --samples answers.csv");

  robagg_compare::scaling_options scales;
  std::string written;
  auto* const scaling = app.add_subcommand(
      "scaling",
      "Simulates problems on which more samples cost majority and\nbest_of_n what they have, and help best_of_majority");
  add_number(*scaling, "--problems", scales.problems, "How many are simulated")->capture_default_str();
  add_list(*scaling, "--n", scales.ns, "Samples of each problem")->capture_default_str();
  add_list(*scaling, "--k", scales.ks, "Answers that may be submitted")->capture_default_str();
  add_number(*scaling, "--alpha", scales.alpha, "The share of samples that best_of_majority asks of an\nanswer")
      ->capture_default_str();
  add_number(*scaling, "--seed", scales.seed, "Decides the samples")->capture_default_str()->check(not_negative);
  scaling
      ->add_option("--samples", written,
                   "Also write 100 samples of each of 50 problems to this file,\nas the command samples reads them")
      ->type_name("FILE");
  scaling->footer("Example: a picture\n  robagg-compare scaling --plot scaling.svg");

  robagg_compare::overoptimisation_options optimising;
  auto* const overoptimisation = app.add_subcommand(
      "overoptimisation",
      "Simulates reward models that err now and then, and shows\nwhat the best of n candidates is truly worth when they or\n"
      "conservative ensembles choose it");
  add_number(*overoptimisation, "--prompts", optimising.prompts, "How many are simulated")->capture_default_str();
  add_number(*overoptimisation, "--candidates", optimising.candidates, "Of each prompt")->capture_default_str();
  add_number(*overoptimisation, "--members", optimising.members, "Reward models in the ensemble")->capture_default_str();
  add_number(*overoptimisation, "--lambda", optimising.lambda, "Of uncertainty_weighted")->capture_default_str();
  add_number(*overoptimisation, "--beta", optimising.beta, "Of soft_min")->capture_default_str();
  add_number(*overoptimisation, "--seed", optimising.seed, "Decides the rewards")->capture_default_str()->check(not_negative);
  overoptimisation->footer("Example: a picture\n  robagg-compare overoptimisation --plot overoptimisation.svg");

  robagg_compare::cache_options evicting;
  std::string attention_file, queries_file, keys_file, values_file, train_file, recall_file = ROBAGG_RECALL;
  auto* const cache = app.add_subcommand(
      "cache",
      "Evicts keys from simulated attention, from yours, and from\na small trained model, by every policy, and shows what\n"
      "later queries have lost");
  cache->add_option("--keep", evicting.keep, "Shares of the cache that are kept")->delimiter(',')->type_name("X,...")->capture_default_str();
  cache->add_option("--attention", attention_file, "Your attention: .npy, (..., queries, keys)")->type_name("FILE");
  cache->add_option("--queries", queries_file, "Your queries: .npy, (..., heads, tokens, dim), and")->type_name("FILE");
  cache->add_option("--keys-file", keys_file, "your keys, of as many heads or fewer")->type_name("FILE");
  cache->add_option("--values", values_file, "and, if you like, your values")->type_name("FILE");
  add_number(*cache, "--window", evicting.window, "Queries that a policy sees")->capture_default_str();
  add_number(*cache, "--later", evicting.later, "Queries that judge it")->capture_default_str();
  add_number(*cache, "--heads", evicting.heads, "KV heads a layer, which share a budget")->capture_default_str();
  add_number(*cache, "--group", evicting.group, "Simulated: query heads a KV head")->capture_default_str();
  add_number(*cache, "--layers", evicting.layers, "Simulated: layers")->capture_default_str();
  add_number(*cache, "--keys", evicting.keys, "Simulated: keys before the window")->capture_default_str();
  add_number(*cache, "--sequences", evicting.sequences, "Recall: contexts")->capture_default_str();
  add_number(*cache, "--seed", evicting.seed, "Decides the attention and the contexts")->capture_default_str()->check(not_negative);
  cache->add_option("--recall", recall_file, "The trained model, if not data/recall.npy of the source tree")->type_name("FILE");
  cache->add_option("--train", train_file, "Train that model again and write it to this file")->type_name("FILE");
  cache->footer("Example: attention of your own, two KV heads a layer\n  robagg-compare cache --attention attention.npy --heads 2 --keep 0.2");

  robagg_compare::forecast_options forecasting;
  robagg_compare::series_options series;
  std::vector<std::string> forecast_files, truth_files, where;
  std::string series_name = "co2";
  auto* const forecasts = app.add_subcommand(
      "forecasts",
      "Combines the quantile forecasts of a hub by every rule, with\nweights fitted to the past of each round, and scores them");
  forecasts->add_option("files", forecast_files, "CSV files of forecasts, as forecast hubs publish them, or\nfolders of them; without any, forecasts of --series")->type_name("FILE...");
  forecasts->add_option("--truth", truth_files, "CSV files of what came")->type_name("FILE,...")->delimiter(',')->allow_extra_args(false);
  forecasts->add_option("--where", where, "Only rows with that value in that column (~: with that\ntext in it); may be repeated")->type_name("COLUMN=VALUE")->allow_extra_args(false);
  forecasts->add_option("--by", forecasting.by, "Also show scores for each value of this column")->type_name("COLUMN");
  add_number(*forecasts, "--rounds", forecasting.rounds, "Rounds that fitted weights need behind them")->capture_default_str();
  add_number(*forecasts, "--window", forecasting.window, "The last rounds that they are fitted to; 0: all")->capture_default_str();
  add_number(*forecasts, "--complete", forecasting.complete, "The share of forecasts that a weighted model has made")->capture_default_str();
  forecasts->add_option("--series", series_name, "co2, sunspots, or a CSV file with the columns date and value")->capture_default_str();
  add_number(*forecasts, "--season", series.season, "Of such a file: points in a season")->capture_default_str();
  forecasts->footer("Example: a hub's model-output folder\n  robagg-compare forecasts model-output --truth target-data/time-series.csv --where location=US");

  for (auto* const command : {federated, votes}) {
    command->add_option("--data", data, "The digits, if not data/digits.csv of the source tree")->type_name("FILE");
  }
  for (auto* const command : {federated, table, votes, samples, scaling, overoptimisation, cache, forecasts}) files.add_options(*command);
  for (auto* const command : {votes, scaling, overoptimisation, forecasts}) files.add_plot(*command);
  for (auto* const command : {federated, table}) {
    command->add_option("--rules", rule_names, "Only these, separated by commas: mean,median,'nnm|krum'")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("NAMES");
  }

  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    throw robagg_compare::usage_error(fmt::format("{} (--help explains the options)", error.what()));
  }

  if (*federated) {
    check(training);
    robagg_compare::chosen_attacks(training.attacks);
    auto const rules = rule_names.empty() ? robagg_compare::gradient_rules() : chosen(robagg_compare::all_rules(), rule_names);
    files.open(data);
    auto const result = compare_federated(robagg_compare::read_digits(data, training.seed), training, rules);
    files.write(result);
    print(as_text(result, robagg_compare::colour_wanted()));
  } else if (*votes) {
    check(voting);
    files.open(data);
    auto const result = compare_votes(robagg_compare::read_digits(data, voting.seed), voting);
    files.write(result);
    print(as_text(result));
    files.draw(result);
  } else if (*samples) {
    check(sampling);
    files.open(samples_file);
    auto const result = compare_samples(robagg_compare::read_samples(samples_file), samples_file, sampling);
    files.write(result);
    print(as_text(result));
  } else if (*scaling) {
    check(scales);
    files.open(written);
    std::optional<robagg_compare::output_file> samples_out;
    if (!written.empty()) samples_out.emplace(written);
    auto const result = compare_scaling(scales);
    if (samples_out) samples_out->write(simulated_samples(scales, 50, 100));
    files.write(result);
    print(as_text(result));
    files.draw(result);
  } else if (*overoptimisation) {
    check(optimising);
    files.open({});
    auto const result = compare_overoptimisation(optimising);
    files.write(result);
    print(as_text(result));
    files.draw(result);
  } else if (*forecasts) {
    check(forecasting);
    files.open(forecast_files.size() == 1 ? forecast_files.front() : "");
    robagg_compare::forecast_set set;
    std::string source = fmt::format("{}", fmt::join(forecast_files, ", "));
    if (forecast_files.empty()) {
      if (!truth_files.empty() || !where.empty()) throw robagg_compare::usage_error("--truth and --where need files of forecasts");
      bool const own = series_name != "co2" && series_name != "sunspots";
      auto const file = own ? std::filesystem::path(series_name) : std::filesystem::path(ROBAGG_SERIES) / (series_name + ".csv");
      if (series_name == "co2") series.differences = true;
      if (series_name == "sunspots") series.season = 11, series.order = 9, series.train = 60, series.horizons = {1, 2, 5};
      series.name = own ? file.stem().string() : series_name;
      source = "own forecasts of " + series.name;
      set = forecast_series(file, series);
    } else {
      set = robagg_compare::read_forecasts({forecast_files.begin(), forecast_files.end()}, {truth_files.begin(), truth_files.end()}, where);
    }
    auto const result = compare_forecasts(set, source, forecasting);
    files.write(result);
    print(as_text(result));
    files.draw(result);
  } else if (*cache) {
    check(evicting);
    files.open(attention_file);
    if (!train_file.empty()) {
      robagg_compare::output_file const out(train_file);
      auto model = robagg_compare::recall_model::untrained(7);
      model.train(6000, 100000);
      out.write(recall_as_npy(model));
      return 0;
    }
    std::vector<robagg_compare::attention_trace> traces;
    bool const own = !attention_file.empty() || !queries_file.empty();
    if (queries_file.empty() != keys_file.empty()) throw robagg_compare::usage_error("--queries and --keys-file go together");
    if (!attention_file.empty()) traces.push_back(robagg_compare::read_attention(attention_file, evicting));
    if (!queries_file.empty()) traces.push_back(robagg_compare::read_queries(queries_file, keys_file, values_file, evicting));
    if (own) {
      auto const result = compare_cache(traces, nullptr, evicting);
      files.write(result);
      print(as_text(result));
      return 0;
    }
    for (auto const kind : {robagg_compare::burst::none, robagg_compare::burst::returning, robagg_compare::burst::new_keys}) {
      traces.push_back(robagg_compare::simulated_attention(evicting, kind));
    }
    auto const model = robagg_compare::read_recall(recall_file);
    auto const result = compare_cache(traces, &model, evicting);
    files.write(result);
    print(as_text(result));
  } else {
    if (liars->count() > 0 && inspecting.liars < 0) throw robagg_compare::usage_error("--liars must not be negative");
    auto const rules = chosen(robagg_compare::all_rules(), rule_names);
    files.open(table_file);
    auto const result = inspect(robagg_compare::read_table(table_file), table_file, inspecting, rules);
    files.write(result);
    print(as_text(result));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (robagg_compare::usage_error const& error) {
    fmt::print(stderr, "robagg-compare: {}\n", error.what());
    return 2;
  } catch (std::bad_alloc const&) {
    fmt::print(stderr, "robagg-compare: the table does not fit into memory\n");
    return 1;
  } catch (std::exception const& error) {
    fmt::print(stderr, "robagg-compare: {}\n", error.what());
    return 1;
  }
}

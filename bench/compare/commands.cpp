// SPDX-License-Identifier: BSL-1.0
#include "commands.hpp"

#include "battles.hpp"
#include "cache.hpp"
#include "elections.hpp"
#include "error.hpp"
#include "experts.hpp"
#include "federated.hpp"
#include "forecasts.hpp"
#include "inspect.hpp"
#include "judges.hpp"
#include "moved.hpp"
#include "overoptimisation.hpp"
#include "ranks.hpp"
#include "records.hpp"
#include "samples.hpp"
#include "scaling.hpp"
#include "terminal.hpp"
#include "unequal.hpp"
#include "votes.hpp"
#include "write.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <type_traits>

namespace robagg_compare {
namespace {

// Where results go besides the terminal. Opened before the work starts.
struct result_files {
  std::string json, csv, plot;
  bool explain = false;
  std::optional<output_file> json_file, csv_file, plot_file;

  void add_options(CLI::App& app) {
    app.add_flag("--explain", explain, "Also say how the input was understood");
    app.add_option("--json", json, "Also write the results to this file as JSON")->type_name("FILE");
    app.add_option("--csv", csv, "Also write the results to this file as CSV")->type_name("FILE");
  }
  void add_plot(CLI::App& app) {
    app.add_option("--plot", plot, "Also draw the curves into this SVG file, by gnuplot")->type_name("FILE");
  }
  void open(std::string const& input) {
    auto const same = [](std::string const& a, std::string const& b) {
      std::error_code error;
      auto const path = [&](std::string const& name) {
        return std::filesystem::weakly_canonical(std::filesystem::absolute(name, error), error);
      };
      return !a.empty() && !b.empty() && path(a) == path(b);
    };
    if (same(json, csv)) throw usage_error("--json and --csv name the same file");
    if (same(json, plot)) throw usage_error("--json and --plot name the same file");
    if (same(csv, plot)) throw usage_error("--csv and --plot name the same file");
    for (auto const& output : {json, csv, plot}) {
      if (same(output, input)) throw usage_error(fmt::format("{}: has another use, and would be written over", input));
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
    if (plot_file) plot_file->write(drawn(as_plot(result)));
  }
};

void print(std::string const& text) {
  bool const written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) throw std::runtime_error("the output cannot be written");
}

template <class Number>
CLI::Option* add_number(CLI::App& app, std::string const& name, Number& value, std::string const& what) {
  return app.add_option(name, value, what)->type_name(std::is_integral_v<Number> ? "N" : "X");
}

CLI::Option* add_list(CLI::App& app, std::string const& name, std::vector<Index>& values, std::string const& what) {
  return app.add_option(name, values, what)->delimiter(',')->type_name("N,...");
}

std::string not_negative(std::string const& text) { return text.starts_with('-') ? "must not be negative" : std::string(); }

void add_seed(CLI::App& app, std::uint64_t& seed, std::string const& what) {
  add_number(app, "--seed", seed, what)->capture_default_str()->check(not_negative);
}

void add_data(CLI::App& app, std::string& file) {
  app.add_option("--data", file, "The digits, if not data/digits.csv of the source tree")->type_name("FILE");
}

void add_names(CLI::App& app, std::string const& option, std::vector<std::string>& values, std::string const& type,
               std::string const& what) {
  app.add_option(option, values, what)->delimiter(',')->allow_extra_args(false)->type_name(type);
}

void add_rules(CLI::App& app, std::vector<std::string>& names) {
  app.add_option("--rules", names, "Only these, separated by commas: mean,median,'nnm|krum'")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAMES");
}

// Before the results: what was understood.
void print_explained(result_files const& files, std::vector<std::string> const& lines) {
  if (!files.explain) return;
  std::string text;
  for (auto const& line : lines) text += wrapped(line, std::max<std::size_t>(terminal_width(), 100), "    ");
  print(text + "\n");
}

struct federated_command : command {
  federated_options options;
  unequal_options unequal;
  bool participation = false, asynchronous = false, tiers = false;
  CLI::Option *workers = nullptr, *liars = nullptr, *rounds = nullptr;
  std::string data = ROBAGG_DIGITS;
  std::vector<std::string> rule_names;
  result_files files;

  explicit federated_command(CLI::App& program)
      : command(program, "federated",
                "Trains a model on handwritten digits with every rule\nunder every attack and prints how well it reads") {
    workers = add_number(app, "--workers", options.workers, "How many workers report, liars included")->capture_default_str();
    liars = add_number(app, "--liars", options.liars, "How many of them lie (f)")->capture_default_str();
    rounds = add_number(app, "--rounds", options.rounds, "How often they report")->capture_default_str();
    add_number(app, "--batch", options.batch, "Samples that a worker looks at in a round")->capture_default_str();
    add_number(app, "--momentum", options.momentum, "How much of its last report a worker keeps")->capture_default_str();
    add_number(app, "--rate", options.rate, "How far the server steps")->capture_default_str();
    add_number(app, "--heterogeneity", options.heterogeneity,
               "0 to 1: the share of its samples that a worker draws\nfrom data of its own, one or two digits, not from all")
        ->capture_default_str();
    add_seed(app, options.seed, "Decides the split, the samples and their order");
    add_number(app, "--flip", options.strength.flip, "Strength of sign flipping")->capture_default_str();
    add_number(app, "--ipm", options.strength.ipm, "Strength of inner product manipulation")->capture_default_str();
    add_number(app, "--alie", options.strength.alie, "Strength of a little is enough")->capture_default_str();
    app.add_option("--attacks", options.attacks,
                   "Only these, separated by commas, and none; also those\nthat are not tried by default: alie-z, alie-opt,\n"
                   "ipm-opt, minmax, noise, coord, anticge")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("NAMES");
    auto* const one = app.add_flag(
        "--participation", participation,
        "Instead: 20 workers who take part by unequal chance, 3 of\nwhom may lie, with and without weights that know it");
    auto* const two = app.add_flag("--asynchronous", asynchronous, "The same of workers who are slow");
    auto* const three = app.add_flag("--tiers", tiers, "The same of workers whom several gateways see");
    one->excludes(two)->excludes(three), two->excludes(three);
    add_number(app, "--runs", unequal.runs, "Of those: how often, for the spread")->capture_default_str();
    add_data(app, data);
    files.add_options(app);
    add_rules(app, rule_names);
    app.footer(
        "Example: 12 workers of whom 2 lie, three rules, results also for a spreadsheet\n"
        "  robagg-compare federated --workers 12 --liars 2 --rules mean,median,krum --csv digits.csv");
  }

  void of_unequal() {
    unequal.kind = participation ? inequality::participation : asynchronous ? inequality::asynchronous : inequality::tiers;
    if (workers->count() > 0) unequal.clients = options.workers;
    if (liars->count() > 0) unequal.liars = options.liars;
    if (rounds->count() > 0) unequal.rounds = options.rounds;
    unequal.seed = options.seed, unequal.strength = options.strength;
    check(unequal);
    files.open(data);
    auto const result = compare_unequal(read_digits(data, options.seed), unequal);
    files.write(result);
    print(as_text(result));
  }

  void run() override {
    if (participation || asynchronous || tiers) return of_unequal();
    check(options);
    chosen_attacks(options.attacks);
    auto const rules = rule_names.empty() ? gradient_rules() : chosen(all_rules(), rule_names);
    files.open(data);
    auto const result = compare_federated(read_digits(data, options.seed), options, rules);
    files.write(result);
    print_explained(files, {fmt::format("{}: the digits, 64 pixels and a label a line", data)});
    print(as_text(result, colour_wanted()));
  }
};

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

struct votes_command : command {
  votes_options options;
  elections_options elections;
  std::string data = ROBAGG_DIGITS, file, labels_file, weights_file;
  CLI::Option* budgets = nullptr;
  result_files files;

  explicit votes_command(CLI::App& program)
      : command(program, "votes",
                "Trains models on parts of the digits and prints how many\n"
                "test digits their vote certainly reads correctly when\n"
                "training points are poisoned, and what attacks achieve") {
    app.add_option(
           "file", file,
           "Votes of your own: CSV with the columns input, model, class\n(and score), or a column a model; or a .npy array, inputs x\n"
           "models (x classes). Without it, models of the digits vote")
        ->type_name("FILE");
    app.add_option("--labels", labels_file, "Of such votes: the right classes, if there is no column label")->type_name("FILE");
    app.add_option("--weights", weights_file, "Of such votes: a file with the columns model and weight")->type_name("FILE");
    add_list(app, "--models", options.models, "Partitions of the training data")->capture_default_str();
    add_number(app, "--spread", options.spread, "Finite aggregation: buckets that a model learns from;\n1: without")
        ->capture_default_str();
    add_number(app, "--versions", options.versions, "Boosted: models whose scores are added; 1: without")
        ->capture_default_str();
    budgets = add_list(app, "--budgets", options.budgets, "Poisoned points (changed models) that the table shows")
                  ->capture_default_str();
    add_number(app, "--attack", options.attack, "Labels that an attack may flip; 0: nobody attacks")->capture_default_str();
    add_seed(app, options.seed, "Decides the split, the shifts and the pixels of versions");
    add_data(app, data);
    files.add_options(app);
    files.add_plot(app);
    app.footer(
        "Example: 100 partitions, without finite aggregation, whole curves for a spreadsheet\n"
        "  robagg-compare votes --models 100 --spread 1 --csv votes.csv");
  }

  void run() override {
    if (!file.empty()) return of_file();
    if (!labels_file.empty() || !weights_file.empty()) throw usage_error("--labels and --weights need a file of votes");
    check(options);
    files.open(data);
    auto const result = compare_votes(read_digits(data, options.seed), options);
    print_explained(files, {fmt::format("{}: the digits, of which models learn and vote", data)});
    files.write(result);
    print(as_text(result));
    files.draw(result);
  }

  void of_file() {
    files.open(file);
    if (budgets->count() > 0) elections.budgets = options.budgets;
    if (!weights_file.empty()) elections.weights = read_weights(weights_file);
    auto const result = compare_elections(read_votes(file, labels_file), file, elections);
    files.write(result);
    print_explained(files, result.explained);
    print(as_text(result));
    files.draw(result);
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

struct scaling_command : command {
  scaling_options options;
  std::string samples_file;
  result_files files;

  explicit scaling_command(CLI::App& program)
      : command(program, "scaling",
                "Simulates problems on which more samples cost majority and\n"
                "best_of_n what they have, and help best_of_majority") {
    add_number(app, "--problems", options.problems, "How many are simulated")->capture_default_str();
    add_list(app, "--n", options.ns, "Samples of each problem")->capture_default_str();
    add_list(app, "--k", options.ks, "Answers that may be submitted")->capture_default_str();
    add_number(app, "--alpha", options.alpha, "The share of samples that best_of_majority asks of an\nanswer")
        ->capture_default_str();
    add_seed(app, options.seed, "Decides the samples");
    app.add_option("--samples", samples_file,
                   "Also write 100 samples of each of 50 problems to this file,\nas the command samples reads them")
        ->type_name("FILE");
    files.add_options(app);
    files.add_plot(app);
    app.footer("Example: a picture\n  robagg-compare scaling --plot scaling.svg");
  }

  void run() override {
    check(options);
    files.open(samples_file);
    std::optional<output_file> samples_out;
    if (!samples_file.empty()) samples_out.emplace(samples_file);
    auto const result = compare_scaling(options);
    print_explained(files, {fmt::format("no file is read; the samples are simulated from seed {}", options.seed)});
    if (samples_out) samples_out->write(simulated_samples(options, 50, 100));
    files.write(result);
    print(as_text(result));
    files.draw(result);
  }
};

struct overoptimisation_command : command {
  overoptimisation_options options;
  result_files files;

  explicit overoptimisation_command(CLI::App& program)
      : command(program, "overoptimisation",
                "Simulates reward models that err now and then, and shows\n"
                "what the best of n candidates is truly worth when they or\n"
                "conservative ensembles choose it") {
    add_number(app, "--prompts", options.prompts, "How many are simulated")->capture_default_str();
    add_number(app, "--candidates", options.candidates, "Of each prompt")->capture_default_str();
    add_number(app, "--members", options.members, "Reward models in the ensemble")->capture_default_str();
    add_number(app, "--lambda", options.lambda, "Of uncertainty_weighted")->capture_default_str();
    add_number(app, "--beta", options.beta, "Of soft_min")->capture_default_str();
    add_seed(app, options.seed, "Decides the rewards");
    files.add_options(app);
    files.add_plot(app);
    app.footer("Example: a picture\n  robagg-compare overoptimisation --plot overoptimisation.svg");
  }

  void run() override {
    check(options);
    files.open({});
    auto const result = compare_overoptimisation(options);
    files.write(result);
    print_explained(files, {fmt::format("no file is read; the rewards are simulated from seed {}", options.seed)});
    print(as_text(result));
    files.draw(result);
  }
};

struct cache_command : command {
  cache_options options;
  CLI::Option* heads = nullptr;
  std::string attention_file, queries_file, keys_file, values_file, train_file, recall_file = ROBAGG_RECALL;
  result_files files;

  explicit cache_command(CLI::App& program)
      : command(program, "cache",
                "Evicts keys from simulated attention, from yours, and from\n"
                "a small trained model, by every policy, and shows what\n"
                "later queries have lost") {
    app.add_option("--keep", options.keep, "Shares of the cache that are kept")
        ->delimiter(',')
        ->type_name("X,...")
        ->capture_default_str();
    app.add_option("--attention", attention_file, "Your attention: .npy, (..., queries, keys)")->type_name("FILE");
    app.add_option("--queries", queries_file, "Your queries: .npy, (..., heads, tokens, dim), and")->type_name("FILE");
    app.add_option("--keys-file", keys_file, "your keys, of as many heads or fewer")->type_name("FILE");
    app.add_option("--values", values_file, "and, if you like, your values")->type_name("FILE");
    add_number(app, "--window", options.window, "Queries that a policy sees")->capture_default_str();
    add_number(app, "--later", options.later, "Queries that judge it")->capture_default_str();
    heads = add_number(app, "--heads", options.heads,
                       "KV heads a layer, which share a budget; 4 in simulations, in\nfiles those of their last axis but two");
    add_number(app, "--query-heads", options.query_heads,
               "Of a file of attention: query heads a layer, where several\nshare a KV head");
    add_names(
        app, "--axes", options.axes, "NAME,...",
        "Of such a file: what its axes are, if not the last of\nlayers,batch,heads,queries,keys (four: layers,heads,...)");
    add_number(app, "--group", options.group, "Simulated: query heads a KV head")->capture_default_str();
    add_number(app, "--layers", options.layers, "Simulated: layers")->capture_default_str();
    add_number(app, "--keys", options.keys, "Simulated: keys before the window")->capture_default_str();
    add_number(app, "--sequences", options.sequences, "Recall: contexts")->capture_default_str();
    add_seed(app, options.seed, "Decides the attention and the contexts");
    app.add_option("--recall", recall_file, "The trained model, if not data/recall.npy of the source tree")->type_name("FILE");
    app.add_option("--train", train_file, "Train that model again and write it to this file")->type_name("FILE");
    files.add_options(app);
    app.footer(
        "Example: attention of your own, two KV heads a layer\n"
        "  robagg-compare cache --attention attention.npy --heads 2 --keep 0.2");
  }

  void run() override {
    check(options);
    files.open(attention_file);
    if (!train_file.empty()) return train();
    auto result = attention_file.empty() && queries_file.empty() && keys_file.empty() ? of_simulations() : of_files();
    if (result.explained.empty())
      result.explained.push_back(fmt::format("no file of attention is read; it is simulated from seed {}", options.seed));
    files.write(result);
    print_explained(files, result.explained);
    print(as_text(result));
  }

  void train() const {
    output_file const out(train_file);
    auto model = recall_model::untrained(7);
    model.train(6000, 100000);
    out.write(recall_as_npy(model));
  }
  cache_result of_files() const {
    if (queries_file.empty() != keys_file.empty()) throw usage_error("--queries and --keys-file go together");
    auto options_of_file = options;
    options_of_file.heads_given = heads->count() > 0;
    std::vector<attention_trace> traces;
    if (!attention_file.empty()) traces.push_back(read_attention(attention_file, options_of_file));
    if (!queries_file.empty()) traces.push_back(read_queries(queries_file, keys_file, values_file, options_of_file));
    return compare_cache(traces, nullptr, options_of_file);
  }
  cache_result of_simulations() const {
    std::vector<attention_trace> traces;
    for (auto const kind : {burst::none, burst::returning, burst::new_keys}) {
      traces.push_back(simulated_attention(options, kind));
    }
    auto const model = read_recall(recall_file);
    return compare_cache(traces, &model, options);
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

std::vector<std::unique_ptr<command>> declare_commands(CLI::App& program) {
  std::vector<std::unique_ptr<command>> commands;
  commands.push_back(std::make_unique<federated_command>(program));
  commands.push_back(std::make_unique<table_command>(program));
  commands.push_back(std::make_unique<votes_command>(program));
  commands.push_back(std::make_unique<ranks_command>(program));
  commands.push_back(std::make_unique<samples_command>(program));
  commands.push_back(std::make_unique<scaling_command>(program));
  commands.push_back(std::make_unique<overoptimisation_command>(program));
  commands.push_back(std::make_unique<cache_command>(program));
  commands.push_back(std::make_unique<forecasts_command>(program));
  commands.push_back(std::make_unique<experts_command>(program));
  commands.push_back(std::make_unique<diff_command>(program));
  return commands;
}

}  // namespace robagg_compare

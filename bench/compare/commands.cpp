// SPDX-License-Identifier: BSL-1.0
// Commands that train, vote, simulate and evict, on data of ours where no file is given.
#include "command_line.hpp"

#include "cache.hpp"
#include "elections.hpp"
#include "federated.hpp"
#include "forecasts.hpp"
#include "overoptimisation.hpp"
#include "scaling.hpp"
#include "unequal.hpp"
#include "votes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace robagg_compare {
namespace {

struct federated_command : command {
  federated_options options;
  unequal_options unequal;
  bool participation = false, asynchronous = false, tiers = false;
  CLI::Option *workers = nullptr, *liars = nullptr, *rounds = nullptr;
  std::string data = ROBAGG_DIGITS;
  std::vector<std::string> rule_names;
  std::string updates;
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
    app.add_option(
           "--updates", updates,
           "Also write the reports of a last round, under the last of\nthese rules and attacks, as the command table reads them")
        ->type_name("FILE");
    add_data(app, data);
    files.add_options(app);
    add_rules(app, rule_names);
    app.footer(
        "Example: 12 workers of whom 2 lie, three rules, results also for a spreadsheet\n"
        "  robagg-compare federated --workers 12 --liars 2 --rules mean,median,krum --csv digits.csv");
  }

  void of_unequal() {
    if (!updates.empty()) throw usage_error("--updates goes with none of --participation, --asynchronous and --tiers");
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
    auto const attacks = chosen_attacks(options.attacks, options.strength);
    auto const rules = rule_names.empty() ? gradient_rules() : chosen(all_rules(), rule_names);
    files.open(data);
    std::optional<output_file> updates_out;
    if (!updates.empty()) updates_out.emplace(updates);
    auto const samples = read_digits(data, options.seed);
    auto const result = compare_federated(samples, options, rules);
    files.write(result);
    if (updates_out) {
      updates_out->write(updates_as_csv(train(samples, options, rules.back(), attacks.back()), options.liars));
    }
    print_explained(files, {fmt::format("{}: the digits, 64 pixels and a label a line", data)});
    print(as_text(result, colour_wanted()));
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

void declare_own_commands(CLI::App& program, std::vector<std::unique_ptr<command>>& to) {
  to.push_back(std::make_unique<federated_command>(program));
  to.push_back(std::make_unique<votes_command>(program));
  to.push_back(std::make_unique<scaling_command>(program));
  to.push_back(std::make_unique<overoptimisation_command>(program));
  to.push_back(std::make_unique<cache_command>(program));
}

}  // namespace

std::vector<std::unique_ptr<command>> declare_commands(CLI::App& program) {
  std::vector<std::unique_ptr<command>> to;
  declare_own_commands(program, to), declare_commands_of_files(program, to), declare_commands_of_report(program, to);
  return to;
}

}  // namespace robagg_compare

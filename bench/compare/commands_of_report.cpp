// SPDX-License-Identifier: BSL-1.0
// Commands that measure rules for the report, and the report.
#include "command_line.hpp"

#include "all.hpp"
#include "breakdown.hpp"
#include "map.hpp"
#include "speed.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace robagg_compare {
namespace {

CLI::Option* add_reals(CLI::App& app, std::string const& name, std::vector<double>& values, std::string const& what) {
  return app.add_option(name, values, what)->delimiter(',')->type_name("X,...")->capture_default_str();
}

struct map_command : command {
  map_options options;
  std::string data = ROBAGG_DIGITS;
  std::vector<std::string> rule_names;
  result_files files;

  explicit map_command(CLI::App& program)
      : command(
            program, "map",
            "Trains as federated does, for numbers of liars and kinds of\ndata, and shows the attack that is worst for each rule") {
    add_list(app, "--liars", options.liars, "How many of 25 workers lie")->capture_default_str();
    add_reals(app, "--heterogeneity", options.heterogeneity, "0 to 1, as of federated");
    add_number(app, "--runs", options.runs, "Seeds, for the spread")->capture_default_str();
    add_number(app, "--rounds", options.training.rounds, "How often workers report")->capture_default_str();
    add_names(app, "--attacks", options.training.attacks, "NAMES", "As of federated");
    add_seed(app, options.training.seed, "The first one");
    add_data(app, data);
    files.add_options(app);
    add_rules(app, rule_names);
    app.footer(
        "Example: two rules, half of whose workers' data are their own\n  robagg-compare map --rules median,krum --heterogeneity 0.5");
  }

  void run() override {
    auto const rules = rule_names.empty() ? gradient_rules() : chosen(all_rules(), rule_names);
    check(options);
    files.open(data);
    auto const result = compare_map(data, options, rules);
    files.write(result);
    print(as_text(result));
  }
};

struct breakdown_command : command {
  breakdown_options options;
  std::vector<std::string> rule_names;
  result_files files;

  explicit breakdown_command(CLI::App& program)
      : command(program, "breakdown",
                "Shows how far liars move each rule's estimate of a centre\nthat is known, by how many they are") {
    add_number(app, "--rows", options.rows, "Of a table")->capture_default_str();
    add_number(app, "--columns", options.columns, "Of a table")->capture_default_str();
    add_number(app, "--repeats", options.repeats, "Tables, for the mean and its spread")->capture_default_str();
    add_reals(app, "--distances", options.distances, "Where liars stand, in standard deviations: the worst counts");
    add_seed(app, options.seed, "Decides the tables");
    files.add_options(app);
    files.add_plot(app);
    add_rules(app, rule_names);
    app.footer("Example: a picture\n  robagg-compare breakdown --plot breakdown.svg");
  }

  void run() override {
    auto const rules = rule_names.empty() ? breakdown_rules() : chosen(all_rules(), rule_names);
    check(options);
    files.open({});
    auto const result = compare_breakdown(options, rules);
    files.write(result);
    print(as_text(result));
    files.draw(result);
  }
};

struct speed_command : command {
  speed_options options;
  Index most_columns = 1'000'000;
  std::vector<std::string> rule_names;
  result_files files;

  explicit speed_command(CLI::App& program)
      : command(program, "speed",
                "Times rules beside a plain read of the same table, after\nchecking their answers; scripts/bench is thorough") {
    add_number(app, "--rows", options.rows, "Of the table")->capture_default_str();
    add_number(app, "--columns", options.columns, "Of the table")->capture_default_str();
    add_number(app, "--most-columns", most_columns, "Of the tables by which time is followed")->capture_default_str();
    add_number(app, "--patience", options.patience, "Seconds for each number, and at least five repeats")
        ->capture_default_str();
    files.add_options(app);
    files.add_plot(app);
    add_rules(app, rule_names);
    app.footer("Example: two rules on a larger table\n  robagg-compare speed --rules median,krum --columns 1000000");
  }

  void run() override {
    auto const rules = rule_names.empty() ? gradient_rules() : chosen(all_rules(), rule_names);
    std::erase_if(options.more_columns, [&](Index d) { return d > most_columns; });
    options.row_columns = std::min(options.row_columns, most_columns);
    check(options);
    files.open({});
    auto const result = compare_speed(options, rules);
    files.write(result);
    print(as_text(result));
    files.draw(result);
  }
};

struct all_command : command {
  std::string out = "report", from;
  bool quick = false;

  explicit all_command(CLI::App& program)
      : command(program, "all",
                "Runs every comparison, and writes all results and a page\nof them, report.html, into a folder") {
    app.add_option("--out", out, "The folder")->type_name("FOLDER")->capture_default_str();
    app.add_option("--from", from, "Run nothing: draw the page from the results in this folder")->type_name("FOLDER");
    app.add_flag("--quick", quick, "Smaller simulations, for a first look");
    app.footer("Example: draw the page of an older run again\n  robagg-compare all --from report");
  }

  void run() override {
    if (from.empty()) return run_all(out, quick);
    if (quick) throw usage_error("--quick runs, and --from does not");
    draw_report(from, app.count("--out") > 0 ? out : from);
  }
};

}  // namespace

void declare_commands_of_report(CLI::App& program, std::vector<std::unique_ptr<command>>& to) {
  to.push_back(std::make_unique<map_command>(program));
  to.push_back(std::make_unique<breakdown_command>(program));
  to.push_back(std::make_unique<speed_command>(program));
  to.push_back(std::make_unique<all_command>(program));
}

}  // namespace robagg_compare

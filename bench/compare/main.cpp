// SPDX-License-Identifier: BSL-1.0
#include "commands.hpp"
#include "error.hpp"
#include "records.hpp"

#include <robagg/version.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

namespace {

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
  auto const commands = robagg_compare::declare_commands(app);

  if (argc > 1 && argv[1][0] != '-') {
    std::vector<std::string> known;
    for (auto const* sub : app.get_subcommands({})) known.push_back(sub->get_name());
    if (std::find(known.begin(), known.end(), argv[1]) == known.end()) {
      auto const like = robagg_compare::nearest(argv[1], known);
      throw robagg_compare::usage_error(fmt::format("there is no command '{}'{}; there are {} (a subcommand is required)",
                                                    argv[1], like.empty() ? "" : fmt::format("; the nearest is '{}'", like),
                                                    fmt::join(known, ", ")));
    }
  }
  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    throw robagg_compare::usage_error(fmt::format("{} (--help explains the options)", error.what()));
  }
  for (auto const& command : commands) {
    if (command->selected()) command->run();
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

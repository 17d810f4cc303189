// SPDX-License-Identifier: BSL-1.0
#include "program.hpp"

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

namespace robagg_compare {

void run_command(std::vector<std::string> const& arguments) {
  CLI::App app{"Compares rules that merge many reports into one, when some of the reports lie.", "robagg-compare"};
  app.set_version_flag("--version", "robagg-compare " ROBAGG_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(28);
  app.footer(
      "Examples:\n"
      "  robagg-compare all\n"
      "  robagg-compare federated\n"
      "  robagg-compare votes\n"
      "  robagg-compare samples answers.csv\n"
      "  robagg-compare table updates.csv --liars 3");
  auto const commands = declare_commands(app);

  if (!arguments.empty() && !arguments.front().starts_with('-')) {
    std::vector<std::string> known;
    for (auto const* sub : app.get_subcommands({})) known.push_back(sub->get_name());
    if (auto const& name = arguments.front(); std::find(known.begin(), known.end(), name) == known.end()) {
      auto const like = nearest(name, known);
      throw usage_error(fmt::format("there is no command '{}'{}; there are {} (a subcommand is required)", name,
                                    like.empty() ? "" : fmt::format("; the nearest is '{}'", like), fmt::join(known, ", ")));
    }
  }
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them from the back
  } catch (CLI::ParseError const& error) {
    if (error.get_exit_code() == 0) {  // --help, --version
      app.exit(error);
      return;
    }
    throw usage_error(fmt::format("{} (--help explains the options)", error.what()));
  }
  for (auto const& command : commands) {
    if (command->selected()) command->run();
  }
}

int run_program(int argc, char const* const* argv) {
  try {
    run_command({argv + std::min(argc, 1), argv + argc});
    return 0;
  } catch (usage_error const& error) {
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

}  // namespace robagg_compare

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

namespace robagg_compare {

/// A command of the program. Its constructor declares options, parsing fills them in, then it runs.
struct command {
  CLI::App& app;

  command(CLI::App& program, std::string const& name, std::string const& what) : app(*program.add_subcommand(name, what)) {}
  virtual ~command() = default;
  command(command const&) = delete;
  command& operator=(command const&) = delete;

  bool selected() const { return app.parsed(); }
  virtual void run() = 0;
};

/// All of them, in the order that --help lists them.
std::vector<std::unique_ptr<command>> declare_commands(CLI::App& program);
/// Those that measure rules for the report, and the report itself.
void declare_commands_of_report(CLI::App& program, std::vector<std::unique_ptr<command>>& to);
/// Those that read files of yours.
void declare_commands_of_files(CLI::App& program, std::vector<std::unique_ptr<command>>& to);

}  // namespace robagg_compare

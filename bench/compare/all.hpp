// SPDX-License-Identifier: BSL-1.0
// Every comparison, one after the other, and a page of all their results.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace robagg_compare {

/// A command of the report. An argument that starts with @ is a file in the report's folder.
struct report_part {
  std::string name;                    ///< of its files: NAME.json and NAME.csv
  std::vector<std::string> arguments;  ///< the command, but for those files
};

/// Runs all parts on two threads (what measures times, alone), writes their results and report.html into `folder`, and prints
/// the table of federated. `quick`: smaller simulations.
void run_all(std::filesystem::path const& folder, bool quick);

/// report.html in `to`, from what such a run has written into `from`.
void draw_report(std::filesystem::path const& from, std::filesystem::path const& to);

}  // namespace robagg_compare

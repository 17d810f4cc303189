// SPDX-License-Identifier: BSL-1.0
// Two results of one command, as JSON: what has moved, and whether beyond the spread that they say.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace robagg_compare {

struct moved_options {
  double tolerance = .05;  ///< the share of a number that does not count, where no spread is known
  bool times = false;      ///< also what depends on the machine
};

struct moved_result {
  std::string before, after;
  struct line {
    std::string where;  ///< rules[krum].accuracy.flip
    double old_value = 0, new_value = 0;
    double spread = -1;  ///< below 0: not known
  };
  std::vector<line> moved;
  std::vector<std::string> only_before, only_after;  ///< rules, systems and numbers that the other lacks
  std::size_t compared = 0;
};

/// A usage_error where either is no JSON, or they are of different commands.
moved_result compare_results(std::filesystem::path const& before, std::filesystem::path const& after,
                             moved_options const& options);
std::string as_text(moved_result const& result);

}  // namespace robagg_compare

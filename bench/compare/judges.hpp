// SPDX-License-Identifier: BSL-1.0
// A leaderboard from the marks of judges: what the panel says on each axis, how much the judges disagree and how many
// independent ones they are worth; each judge on each axis is a voter for the ranks.
#pragma once

#include "ranks.hpp"

namespace robagg_compare {

struct judges_result : leaderboard {
  using leaderboard::leaderboard;
  std::vector<std::string> judges, axes;
  Index missing = 0;
  robagg::panel_report panel;  ///< medians
};

/// An item has a panel's score where at least `quorum` judges have marked it on all axes.
judges_result compare_judges(judgement_file const& file, Index quorum, ranks_options const& options);
std::string as_text(judges_result const& result);
nlohmann::ordered_json as_json(judges_result const& result);

}  // namespace robagg_compare

// SPDX-License-Identifier: BSL-1.0
// What is in the report: a figure for each stored result that is there, in the order of the page.
#pragma once

#include "page.hpp"

#include <vector>

namespace robagg_compare {

/// Rules of gradients: under attack, what that costs, breakdown, speed, who counts, unequal clients.
void add_figures_of_rules(stored_results const& results, std::vector<figure>& to);
/// Votes, samples, caches, forecasts, rankings, experts.
void add_figures_of_choices(stored_results const& results, std::vector<figure>& to);
/// Claims of papers that the numbers of this page decide.
void add_papers(stored_results const& results, std::vector<figure>& to);

}  // namespace robagg_compare

// SPDX-License-Identifier: BSL-1.0
// Where a rule holds: the accuracy under the attack that is worst for it, by how many lie and how unlike workers' data are.
#pragma once

#include "federated.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace robagg_compare {

struct map_options {
  std::vector<Index> liars = {0, 1, 3, 5, 8};
  std::vector<double> heterogeneity = {0, .5, 1};
  Index runs = 3;  ///< seeds, from that of `training` on
  federated_options training = {
      .rounds = 150, .attacks = {"flip", "ipm", "alie", "inf", "label", "mimic"}};  ///< but for its liars and heterogeneity
};
void check(map_options const& options);

struct map_result {
  struct cell {
    Index liars = 0;
    std::string attack;        ///< of the lowest mean over runs; empty where the rule does not fit
    std::vector<double> runs;  ///< accuracy under it
    std::string reason = {};   ///< why it does not fit
  };
  struct line {
    double heterogeneity = 0;
    std::string rule;
    std::vector<cell> cells;  ///< one for each number of liars
  };
  map_options options;
  std::vector<attack> attacks;
  std::vector<line> lines;
};

map_result compare_map(std::filesystem::path const& data, map_options const& options, std::vector<rule> const& rules);

std::string as_text(map_result const& result);
nlohmann::ordered_json as_json(map_result const& result);
std::string as_csv(map_result const& result);

}  // namespace robagg_compare

// SPDX-License-Identifier: BSL-1.0
// Federated training in which clients are unequal: some seldom take part, some are slow, some are seen by several gateways.
// What weights that know it change, when nobody lies and when some do.
#pragma once

#include "attacks.hpp"
#include "federated.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace robagg_compare {

enum class inequality { participation, asynchronous, tiers };

struct unequal_options {
  inequality kind = inequality::participation;
  Index clients = 20, liars = 3, rounds = 400, runs = 10;
  Index batch = 16, local_steps = 2;  ///< of a client, from the model that it has
  double rate = .3;                   ///< of those steps
  std::uint64_t seed = 1;
  attack_strength strength = {};
};
void check(unequal_options const& options);

struct unequal_result {
  struct line {
    std::string name, meaning;
    bool robust = false;
    std::vector<std::vector<double>> accuracy;  ///< of each attack and run
  };
  unequal_options options;
  std::vector<attack> attacks;
  std::vector<line> lines;  ///< the first one of either kind is without such weights
};

unequal_result compare_unequal(digits const& data, unequal_options const& options);

std::string as_text(unequal_result const& result);
nlohmann::ordered_json as_json(unequal_result const& result);
std::string as_csv(unequal_result const& result);

}  // namespace robagg_compare

// SPDX-License-Identifier: BSL-1.0
// What liars send, by name. They know every honest report, agree on one vector, and all send it.
#pragma once

#include <robagg/any_aggregator.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace robagg_compare {

using robagg::Index;
using robagg::table;

/// What liars know besides the honest reports.
struct attack_setting {
  Index liars = 1;
  robagg::any_aggregator rule = robagg::mean{};  ///< that will merge the reports
  std::uint64_t seed = 0;
};

/// One column of the comparison.
struct attack {
  std::string label;    ///< the short column head
  std::string meaning;  ///< the legend
  /// What all liars send. Empty: each sends what it computes itself.
  std::function<void(table<float> const& honest, attack_setting const& setting, Eigen::VectorXf& row)> craft = {};
  bool flips_labels = false;  ///< liars learn that a digit y is a 9 - y
};

/// How strong the attacks with a strength are.
struct attack_strength {
  double flip = 10, ipm = 0.1, alie = 1.5;
};

/// Those that are tried unless others are named; the first one is none.
std::vector<attack> usual_attacks(attack_strength const& strength = {});
/// Every attack.
std::vector<attack> all_attacks(attack_strength const& strength = {});
/// None and those with these labels; the usual ones for an empty list. Throws usage_error for a name that is
/// not there.
std::vector<attack> chosen_attacks(std::vector<std::string> const& names, attack_strength const& strength = {});

}  // namespace robagg_compare

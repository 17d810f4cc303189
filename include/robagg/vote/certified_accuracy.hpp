// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../error.hpp"
#include "election.hpp"

#include <ranges>
#include <vector>

namespace robagg::inline ROBAGG_ABI {
namespace detail {

struct certified_accuracy_op {
  static std::string name() { return "certified_accuracy"; }
};

}  // namespace detail

/// The share of inputs whose election is right and stays right whatever `budget` poisoned training points do, for each
/// budget: the curve by which certified defences are compared.
///
/// Shapes     S elections, S true classes (any integers), B budgets -> B shares in 0..1.
/// Errors     no elections; as many labels as elections are needed.
/// Guarantee  for each budget, no poisoning within it lowers the accuracy on these inputs below the share.
/// Cost       O(S B).   Source  Levine and Feizi, Deep partition aggregation, 2021.
/// Example    examples/certified_vote.cpp
template <std::ranges::sized_range Elections, std::ranges::sized_range Labels, std::ranges::sized_range Budgets>
std::vector<double> certified_accuracy(Elections const& elections, Labels const& labels, Budgets const& budgets) {
  auto const inputs = static_cast<Index>(std::ranges::size(elections));
  if (inputs < 1) detail::refuse(detail::certified_accuracy_op{}, "needs at least one election", {{"elections", inputs}});
  if (static_cast<Index>(std::ranges::size(labels)) != inputs) {
    detail::refuse(detail::certified_accuracy_op{}, "needs one label per election",
                   {{"elections", inputs}, {"labels", static_cast<Index>(std::ranges::size(labels))}});
  }
  std::vector<double> shares;
  shares.reserve(std::ranges::size(budgets));
  for (auto const budget : budgets) {
    Index right = 0;
    auto label = std::ranges::begin(labels);
    for (election const& e : elections) {
      right += e.winner == static_cast<Index>(*label++) && e.certified_radius >= static_cast<Index>(budget);
    }
    shares.push_back(static_cast<double>(right) / static_cast<double>(inputs));
  }
  return shares;
}

}  // namespace robagg::inline ROBAGG_ABI

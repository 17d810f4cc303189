// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"

#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// How sure a ranking is: an entry for each item.
struct uncertain_ranks {
  Eigen::VectorXd rank;       ///< of the whole table, 1 for the best; level items share the average
  Eigen::VectorXd low, high;  ///< between which the rank lies in `level` of the resampled tables
  Eigen::VectorXd first;      ///< the share of them in which the item is first, shared where several are
  std::vector<Index> group;   ///< 0 for those that cannot be told apart from the best one, 1 for the next group, ...
};

}  // namespace robagg::inline ROBAGG_ABI

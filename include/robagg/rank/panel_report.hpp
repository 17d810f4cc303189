// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../reports.hpp"

#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// What a panel of judges says, and how far to trust it. Matrices are axes x items. Prints with fmt.
struct panel_report {
  table<double> scores;       ///< of the panel; NaN for an item that is not `judged`
  table<double> deviation;    ///< the median absolute deviation of the judges that count; NaN where there is none
  table<double> range;        ///< their highest score less their lowest
  std::vector<Index> judges;  ///< how many count for each item
  std::vector<Index> failed;  ///< for how many items each judge failed
  Eigen::VectorXd
      correlation;            ///< of an axis: the mean over pairs of judges of the correlation of their errors; NaN: not known
  Eigen::VectorXd effective;  ///< so many independent judges would tell as much about this axis; NaN: not known
  std::vector<Index> unjudged;  ///< items without a quorum, or of which the operator says nothing
  std::vector<Index> best;      ///< the item of each axis with the highest score; -1 where several are, or where none is judged
  std::vector<std::vector<Index>> tied;  ///< for each axis without a best item, those that share the highest score
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/base/config.hpp"

namespace robagg::inline ROBAGG_ABI {

/// What an election says. Votes are those of models whose first choice a class is: their number, or their weight.
///
/// Source     certificates of plurality: Levine and Feizi, Deep partition aggregation, 2021; of the run-off: Rezaei,
///            Banihashem, Chegini and Feizi, Run-off election, 2023.
struct election {
  Index winner = 0;
  Index runner_up = 0;  ///< the winner itself where there is one class only
  double votes = 0;     ///< of the winner
  double runner_up_votes = 0;
  double margin = 0;             ///< plurality: votes - runner_up_votes. run_off: the votes of those who rank the winner
                                 ///< before the runner-up, less the others
  Index certified_radius = 0;    ///< this many poisoned training points cannot change the winner
  Index challenger = 0;          ///< the class that comes closest: one point more might let it in
  Index second_challenger = -1;  ///< run_off: both together push the winner out of the run-off; -1: challenger alone
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
// Weights that are counted as votes.
#pragma once

#include "../base/config.hpp"

#include <algorithm>
#include <cmath>

namespace robagg::inline ROBAGG_ABI::detail {

// Weights as votes: the e for which weights times 2^e, rounded, are whole numbers of a sum of about 2^49, so that sums of
// theirs are exact, whatever their order, and ties are ties.
template <class Weights>
int vote_exponent(Weights const& weights, Index n) {
  double most = 0, sum = 0;
  for (Index i = 0; i < n; ++i) most = std::max(most, static_cast<double>(weights[i]));
  int const largest = std::ilogb(most);
  for (Index i = 0; i < n; ++i) sum += std::ldexp(static_cast<double>(weights[i]), -largest);
  return 49 - std::ilogb(sum) - largest;
}

}  // namespace robagg::inline ROBAGG_ABI::detail

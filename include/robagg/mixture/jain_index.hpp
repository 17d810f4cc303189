// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../scores.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// How evenly d shares are divided: (sum x)^2 / (d sum x^2), 1 for equal shares, k / d where k have all alike, 1 / d at worst.
///
/// Shapes     d shares -> one number.       Ranges  shares >= 0 and finite; their unit does not matter.
/// Errors     no shares; one that is negative, NaN or infinite.
/// Guarantee  between 1 / d and 1; 1 where all are 0: nobody has more than another.
/// Cost       O(d), no scratch for floats and doubles; never overflows.    NaN  refused.    Ties  none.
/// Source     Jain, Chiu and Hawe, A quantitative measure of fairness and discrimination, 1984.
/// Example    examples/mixtures.cpp
struct jain_index {
  template <detail::scores V>
  void into(V const& shares, double& out, workspace& ws) const {
    auto const scope = ws.scope();
    Index const d = static_cast<Index>(shares.size());
    if (d < 1) detail::refuse(*this, "needs at least one share", {{"d", d}});
    auto const* const x = detail::score_values(shares, ws);
    double largest = 0, sum = 0, squares = 0;
    for (Index i = 0; i < d; ++i) {
      double const share = static_cast<double>(x[i]);
      if (!(share >= 0) || !std::isfinite(share))
        detail::refuse(*this, "needs finite shares >= 0", {{"position", i}, {"share", share}});
      largest = std::max(largest, share);
    }
    for (Index i = 0; i < d && largest > 0; ++i) {
      double const share = static_cast<double>(x[i]) / largest;
      sum += share;
      squares += share * share;
    }
    double const count = static_cast<double>(d);
    out = largest > 0 ? std::min(1., std::max(1 / count, sum / squares * (sum / count))) : 1;
  }
  auto operator()(detail::scores auto const& shares) const {
    workspace ws;
    double out = 0;
    into(shares, out, ws);
    return out;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/select/rank.hpp"
#include "../scores.hpp"

#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// The threshold of the online rule: the (1 - keep)-quantile of the lowest groups of some warm-up traces, with linear
/// interpolation. keep = 0.9 lets most traces run to the end, keep = 0.1 few. Infinite confidences count as such: between one
/// and a finite one the threshold is infinite, between -infinity and infinity the nearer of the two. NaN is bad_input.
/// Source  Fu et al., Deep think with confidence, 2025.
struct deepconf_threshold {
  double keep = .9;

  static constexpr void parameters(auto& op, auto visit) { visit("keep", op.keep); }

  double operator()(detail::scores auto const& warm_up) const {
    auto const n = static_cast<Index>(warm_up.size());
    if (n < 1) detail::refuse(*this, "needs at least one warm-up trace", {{"traces", n}});
    if (!(keep >= 0 && keep <= 1)) detail::refuse(*this, "needs 0 <= keep <= 1", {{"keep", keep}});
    workspace ws;
    auto const* const x = detail::score_values(warm_up, ws);
    for (Index i = 0; i < n; ++i) {
      if (x[i] != x[i]) detail::refuse(*this, "needs confidences that are not NaN", {{"trace", i}});
    }
    std::vector<double> copy(x, x + n);
    return detail::interpolated_quantile(copy.data(), n, 1 - keep);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "eviction.hpp"
#include "../score/uncertainty_weighted.hpp"

namespace robagg::inline ROBAGG_ABI {

/// CAKE (Qin et al., 2025): mean plus gamma times the variance over queries, pooled; layers share the budget by the entropy of
/// their attention and its variance. How those two are averaged over heads and queries was not read: here, their means.
///
/// Shapes, ranges, errors, cost, NaN and ties are those of every policy: cache/eviction.hpp.
///
/// Source     Qin et al., CAKE, 2025.
/// Example    examples/cache_policies.cpp
struct cake {
  required<real, "keep"> keep;
  Index heads = 1, window = 32, sinks = 0, kernel = 5;
  double gamma = 200, tau1 = 1.6, tau2 = .6;

  static constexpr void parameters(auto& op, auto visit) {
    visit("keep", op.keep), visit("heads", op.heads), visit("window", op.window), visit("sinks", op.sinks),
        visit("kernel", op.kernel);
    visit("gamma", op.gamma), visit("tau1", op.tau1), visit("tau2", op.tau2);
  }
  detail::eviction_plan plan() const {
    return {.keep = keep,
            .heads = heads,
            .window = window,
            .sinks = sinks,
            .kernel = kernel,
            .by_dispersion = true,
            .tau1 = tau1,
            .tau2 = tau2};
  }
  uncertainty_weighted reduction() const { return {.lambda = -gamma}; }
  void into(cubes auto const& attention, auto&&... rest) const { detail::evict_into(*this, attention, rest...); }
  kept operator()(cubes auto const& attention, auto const&... norms) const {
    return detail::evicted(*this, attention, norms...);
  }
  auto with(aggregate auto const& other) const { return detail::with_reduction(*this, other); }
};

}  // namespace robagg::inline ROBAGG_ABI

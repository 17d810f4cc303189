// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "eviction.hpp"

namespace robagg::inline ROBAGG_ABI {

/// CriticalKV (Feng et al., 2025) over SnapKV's scores: half the budget to the highest, the rest by (score + epsilon) times the
/// value norm. With scope layer and a floor it is Ada-CriticalKV.
///
/// Shapes, ranges, errors, cost, NaN and ties are those of every policy: cache/eviction.hpp.
///
/// Source     Feng et al., CriticalKV, 2025.
/// Example    examples/cache_policies.cpp
struct criticalkv {
  required<real, "keep"> keep;
  Index heads = 1, window = 32, sinks = 0, kernel = 5;
  double first_stage = .5, epsilon = 1e-4, floor = 0;
  budget_scope scope = budget_scope::head;

  static constexpr auto uses_norms = detail::norm_use::plain;
  static constexpr void parameters(auto& op, auto visit) {
    visit("keep", op.keep), visit("heads", op.heads), visit("window", op.window), visit("sinks", op.sinks),
        visit("kernel", op.kernel);
    visit("first_stage", op.first_stage), visit("epsilon", op.epsilon), visit("floor", op.floor), visit("scope", op.scope);
  }
  detail::eviction_plan plan() const {
    return {.keep = keep,
            .heads = heads,
            .window = window,
            .sinks = sinks,
            .kernel = kernel,
            .epsilon = epsilon,
            .first_stage = first_stage,
            .floor = floor,
            .scope = scope};
  }
  mean reduction() const { return {}; }
  void into(cubes auto const& attention, auto&&... rest) const { detail::evict_into(*this, attention, rest...); }
  kept operator()(cubes auto const& attention, auto const&... norms) const {
    return detail::evicted(*this, attention, norms...);
  }
  auto with(aggregate auto const& other) const { return detail::with_reduction(*this, other); }
};

}  // namespace robagg::inline ROBAGG_ABI

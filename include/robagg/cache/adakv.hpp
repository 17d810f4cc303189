// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "eviction.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Ada-KV (Feng et al., 2024) over SnapKV's scores: one budget for the heads of a layer, of which each has a floor.
///
/// Shapes, ranges, errors, cost, NaN and ties are those of every policy: cache/eviction.hpp.
///
/// Source     Feng et al., Ada-KV, 2024.
/// Example    examples/cache_policies.cpp
struct adakv {
  required<real, "keep"> keep;
  Index heads = 1, window = 32, sinks = 0, kernel = 5;
  double floor = .2;  ///< of a head's fair share

  static constexpr void parameters(auto& op, auto visit) {
    visit("keep", op.keep), visit("heads", op.heads), visit("window", op.window), visit("sinks", op.sinks),
        visit("kernel", op.kernel), visit("floor", op.floor);
  }
  detail::eviction_plan plan() const {
    return {.keep = keep,
            .heads = heads,
            .window = window,
            .sinks = sinks,
            .kernel = kernel,
            .floor = floor,
            .scope = budget_scope::layer};
  }
  mean reduction() const { return {}; }
  void into(cubes auto const& attention, auto&&... rest) const { detail::evict_into(*this, attention, rest...); }
  kept operator()(cubes auto const& attention, auto const&... norms) const {
    return detail::evicted(*this, attention, norms...);
  }
  auto with(aggregate auto const& other) const { return detail::with_reduction(*this, other); }
};

}  // namespace robagg::inline ROBAGG_ABI

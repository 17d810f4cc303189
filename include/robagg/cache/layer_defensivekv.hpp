// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "defensivekv.hpp"
#include "eviction.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Layer-DefensiveKV: the same with one budget for the whole cache, which needs the attention of all layers first.
///
/// Shapes, ranges, errors, cost, NaN and ties are those of every policy: cache/eviction.hpp.
///
/// Source     Feng et al., DefensiveKV, 2025.
/// Example    examples/cache_policies.cpp
struct layer_defensivekv {
  required<real, "keep"> keep;
  Index heads = 1, window = 32, sinks = 0, kernel = 5;
  double floor_strength = 1, protected_mass = .9;
  bool as_published = false;

  static constexpr auto uses_norms = detail::norm_use::normalised;
  static constexpr void parameters(auto& op, auto visit) { defensivekv::parameters(op, visit); }
  detail::eviction_plan plan() const {
    auto plan = defensivekv{keep, heads, window, sinks, kernel, floor_strength, protected_mass, as_published}.plan();
    plan.scope = budget_scope::cache;
    return plan;
  }
  defensive reduction() const { return {floor_strength}; }
  void into(cubes auto const& attention, auto&&... rest) const { detail::evict_into(*this, attention, rest...); }
  kept operator()(cubes auto const& attention, auto const&... norms) const {
    return detail::evicted(*this, attention, norms...);
  }
  auto with(aggregate auto const& other) const { return detail::with_reduction(*this, other); }
};

}  // namespace robagg::inline ROBAGG_ABI

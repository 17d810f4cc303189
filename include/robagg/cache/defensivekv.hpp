// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "defensive.hpp"
#include "eviction.hpp"

namespace robagg::inline ROBAGG_ABI {

/// DefensiveKV (Feng et al., 2025): rows pooled with their mass kept, the worst case over queries and grouped heads, the floor
/// at the prior risk, value norms, the keys of 90 % of the mean attention kept first; one budget for the heads of a layer.
///
/// The published code differs, and `as_published` does as it does: norms are normalised over heads; the mass of the window is
/// measured on as many keys before it; a cap below 0, in short contexts, protects all but that many.
///
/// Shapes, ranges, errors, cost, NaN and ties are those of every policy: cache/eviction.hpp.
///
/// Source     Feng et al., DefensiveKV, 2025.
/// Example    examples/cache_policies.cpp
struct defensivekv {
  required<real, "keep"> keep;
  Index heads = 1, window = 32, sinks = 0, kernel = 5;
  double floor_strength = 1, protected_mass = .9;
  bool as_published = false;

  static constexpr auto uses_norms = detail::norm_use::normalised;
  static constexpr void parameters(auto& op, auto visit) {
    visit("keep", op.keep), visit("heads", op.heads), visit("window", op.window), visit("sinks", op.sinks),
        visit("kernel", op.kernel);
    visit("floor_strength", op.floor_strength), visit("protected_mass", op.protected_mass),
        visit("as_published", op.as_published);
  }
  detail::eviction_plan plan() const {
    return {.keep = keep,
            .heads = heads,
            .window = window,
            .sinks = sinks,
            .kernel = kernel,
            .pools_rows = true,
            .axis = as_published ? norm_axis::heads : norm_axis::keys,
            .protected_mass = protected_mass,
            .scope = budget_scope::layer,
            .as_published = as_published};
  }
  defensive reduction() const { return {floor_strength}; }
  void into(cubes auto const& attention, auto&&... rest) const { detail::evict_into(*this, attention, rest...); }
  kept operator()(cubes auto const& attention, auto const&... norms) const {
    return detail::evicted(*this, attention, norms...);
  }
  auto with(aggregate auto const& other) const { return detail::with_reduction(*this, other); }
};

}  // namespace robagg::inline ROBAGG_ABI

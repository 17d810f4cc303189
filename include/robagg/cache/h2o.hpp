// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "eviction.hpp"

namespace robagg::inline ROBAGG_ABI {

/// H2O (Zhang et al., 2023): accumulated attention, half the budget to the last keys. Its scores are those of all queries so
/// far, which the rows of the tables have to be; with the window's alone it is an approximation.
///
/// Shapes, ranges, errors, cost, NaN and ties are those of every policy: cache/eviction.hpp.
///
/// Source     Zhang et al., H2O, 2023.
/// Example    examples/cache_policies.cpp
struct h2o {
  required<real, "keep"> keep;
  Index heads = 1, window = 0, sinks = 0;
  double recent = .5;  ///< of the budget

  static constexpr void parameters(auto& op, auto visit) {
    visit("keep", op.keep), visit("heads", op.heads), visit("window", op.window), visit("sinks", op.sinks),
        visit("recent", op.recent);
  }
  detail::eviction_plan plan() const {
    return {.keep = keep, .heads = heads, .window = window, .sinks = sinks, .recent = recent};
  }
  mean reduction() const { return {}; }
  void into(cubes auto const& attention, auto&&... rest) const { detail::evict_into(*this, attention, rest...); }
  kept operator()(cubes auto const& attention, auto const&... norms) const {
    return detail::evicted(*this, attention, norms...);
  }
  auto with(aggregate auto const& other) const { return detail::with_reduction(*this, other); }
};

}  // namespace robagg::inline ROBAGG_ABI

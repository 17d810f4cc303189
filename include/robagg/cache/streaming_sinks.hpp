// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "eviction.hpp"

namespace robagg::inline ROBAGG_ABI {

/// StreamingLLM (Xiao et al., 2024): the first keys and the last ones, whatever the attention.
///
/// Shapes, ranges, errors, cost, NaN and ties are those of every policy: cache/eviction.hpp.
///
/// Source     Xiao et al., StreamingLLM, 2024.
/// Example    examples/cache_policies.cpp
struct streaming_sinks {
  required<real, "keep"> keep;
  Index heads = 1, window = 32, sinks = 4;

  static constexpr void parameters(auto& op, auto visit) {
    visit("keep", op.keep), visit("heads", op.heads), visit("window", op.window), visit("sinks", op.sinks);
  }
  detail::eviction_plan plan() const { return {.keep = keep, .heads = heads, .window = window, .sinks = sinks, .recent = 1}; }
  mean reduction() const { return {}; }
  void into(cubes auto const& attention, auto&&... rest) const { detail::evict_into(*this, attention, rest...); }
  kept operator()(cubes auto const& attention, auto const&... norms) const {
    return detail::evicted(*this, attention, norms...);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

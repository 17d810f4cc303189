// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../transform/clip.hpp"
#include "mean.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The mean of the reports, each shortened to at most `radius`: clip | mean.
///
/// Shapes     n x d reports -> d.           Ranges  radius >= 0, in the reports' units.
/// Errors     radius negative or NaN; n = 0.
/// Guarantee  its norm is at most radius whatever the reports are, and f liars move it by at most 2 f/n radius.
/// Cost       one read for the norms, O(n d), and one for the result.
/// NaN        a row without a finite norm counts as the origin.
/// Weights    the weighted mean.              Ties  none. `around(x, v)` bounds the distance to v.
/// Source     Sun et al., Can you really backdoor federated learning?, 2019.
/// Example    examples/federated_round.cpp
struct norm_bounded_mean {
  required<real, "radius"> radius;

  static constexpr int reads = detail::has_weights | detail::has_origin;
  static constexpr void parameters(auto& op, auto visit) { visit("radius", op.radius); }

  void check(Index) const {
    if (!(radius >= 0)) detail::refuse(*this, "needs radius >= 0", {{"radius", radius}});
  }
  auto stages(Index) const { return clip{radius} | mean{}; }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::run_stages(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  auto weights(geometry const& g, workspace& ws) const { return stages(g.rows()).weights(g, ws); }
};

}  // namespace robagg::inline ROBAGG_ABI

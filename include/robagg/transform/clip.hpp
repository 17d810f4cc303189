// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Shortens every report to at most `radius`: x_i min(1, radius / |x_i|).
///
/// Shapes     n x d reports -> n x d.       Ranges  radius >= 0, in the reports' units.
/// Errors     radius negative or NaN; n = 0.
/// Guarantee  every row out has a norm of at most radius; alone it makes no rule robust.
/// Cost       one read for the norms, O(n d), and one for the result; none of its own in a pipe.
/// NaN        a row without a finite norm becomes the origin; before a rule that needs distances between rows, so does one
///            without a finite distance to the most central row.
/// Weights    rows keep theirs in a pipe.     Ties  none. `around(x, v)` clips the distance to v.
/// Source     norm clipping, e.g. Allouah et al. 2025 (static clipping).
/// Example    examples/federated_round.cpp
struct clip {
  required<real, "radius"> radius;

  static constexpr bool keeps_rows = true;
  static constexpr int reads = detail::has_origin;
  static constexpr void parameters(auto& op, auto visit) { visit("radius", op.radius); }

  void check(Index) const {
    if (!(radius >= 0)) detail::refuse(*this, "needs radius >= 0", {{"radius", radius}});
  }
  Index rows(Index n) const { return n; }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::mix(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  auto factors(row_norms const& g, workspace& ws) const {
    auto result = ws.vector<double>(g.rows());
    for (Index i = 0; i < g.rows(); ++i) result(i) = g.squared_norm(i);
    detail::take_roots(result.data(), g.rows());
    double const most = radius;
    for (Index i = 0; i < g.rows(); ++i) {
      double const norm = result(i), share = most / norm, factor = share < 1 ? share : 1;  // 1 where both are 0
      result(i) = norm == detail::infinity ? 0 : factor;
    }
    return result;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

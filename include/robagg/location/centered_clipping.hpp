// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/geometry/moving_point.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// Moves a starting point by the mean of the reports' differences to it, each shortened to at most `radius`:
/// v + mean of (x_i - v) min(1, radius / |x_i - v|), as often as `iterations` says.
///
/// Shapes     n x d reports -> d.
/// Ranges     radius >= 0, in the reports' units; iterations >= 0. The start is the origin: zero, or v in
///            `around(x, v)`, usually the result of the last round.
/// Errors     a parameter out of range; n = 0.
/// Guarantee  stays within iterations * radius of the start whatever the reports are; to each step f liars contribute
///            at most f/n radius. How good it is depends on the start and on the radius.
/// Cost       between rows one read for the geometry, O(n^2 d), O(n^2) an iteration, one read for the result; along the
///            columns, where rows are many, one read of O(n d) an iteration on one thread and two with an executor.
///            `iterate` says which; automatic follows from n, d and iterations. In pipes and states: between rows.
/// NaN        a row without a finite distance to the start draws nothing, and still counts in n.
/// Weights    the weighted mean.              Ties  none.
/// Source     Karimireddy, He and Jaggi, Learning from history for Byzantine robust optimization, 2021.
/// Example    examples/federated_round.cpp
struct centered_clipping {
  required<real, "radius"> radius;
  Index iterations = 1;
  robagg::iterate iterate = robagg::iterate::automatic;

  static constexpr int reads = detail::has_weights | detail::has_origin;
  static constexpr void parameters(auto& op, auto visit) {
    visit("radius", op.radius), visit("iterations", op.iterations), visit("iterate", op.iterate);
  }

  void check(Index) const {
    if (!(radius >= 0)) detail::refuse(*this, "needs radius >= 0", {{"radius", radius}});
    if (iterations < 0) detail::refuse(*this, "needs iterations >= 0", {{"iterations", iterations}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::combine(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// The last point as a mixture of the reports; what is missing to 1 is the start's.
  auto weights(geometry const& g, workspace& ws) const {
    Index const n = g.rows();
    double const total = g.total_weight();
    auto result = ws.vector<double>(n);
    auto const scope = ws.scope();
    auto z = ws.vector<double>(n + 1);      // the point, as a mixture of the reports and the origin
    auto share = ws.vector<double>(n + 1);  // of the reports in a step
    auto Gz = ws.vector<double>(n + 1);
    z.setZero();
    share.setZero();
    z(g.origin()) = 1;
    bool moves = true;
    for (Index step = 0; step < iterations && moves; ++step) {
      detail::multiply(g.products(), z, Gz);
      double const square = detail::dot(z, Gz);
      for (Index i = 0; i < n; ++i) {
        if (!g.located(i)) continue;
        // The first distances are known as they are, and infinite where nobody sees the origin.
        double const distance = step == 0 ? g.norm(i) : std::sqrt(std::max(0., g.inner(i, i) - 2 * Gz(i) + square));
        share(i) = distance == detail::infinity ? 0 : g.weight(i) / total * (distance > radius ? radius / distance : 1);
      }
      double const rest = 1 - detail::sum(share);
      moves = false;  // a point that stays where it is will not move again
      for (Index k = 0; k <= n; ++k) {
        double const next = share(k) + rest * z(k);
        moves = moves || next != z(k);
        z(k) = next;
      }
    }
    result = z.head(n);
    return result;
  }

  bool along_columns(Index n, Index d) const { return detail::goes_along_columns(iterate, n, d, iterations); }
  /// The same of a point that moves along the columns.
  bool run(auto& z, detail::progress&) const {
    z.start_at_origin();
    double const total = z.total_given_weight();
    for (Index step = 0; step < iterations; ++step) {
      double const length = z.pull([&](Index i, double square) {
        double const distance = std::sqrt(square);
        return z.weight(i) / total * (distance > radius ? radius / distance : 1);
      });
      if (length == 0) break;  // a point that stays where it is will not move again
      z.move(1);
    }
    return true;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

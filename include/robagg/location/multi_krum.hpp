// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/geometry/krum_score.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Averages the m reports that lie closest to their nearest neighbours: the rows with the least sums of
/// squared distances to their `neighbours` nearest other rows. krum with m = 1.
///
/// Shapes     n x d reports -> d.
/// Ranges     f >= 0; m 1..n-f, and 0 means n-f; neighbours 1..n-1, and 0 means max(1, f, n-f-2), at most n-1.
/// Errors     needs n > 2f, m <= n-f and neighbours <= n-1.
/// Guarantee  for max(1, f) <= neighbours <= n-f-1 and at most f liars, every averaged row lies within
///            D sqrt(neighbours / (neighbours-f+1)) of an honest one, with D the largest distance between
///            honest rows. With fewer neighbours than f, f equal liars vouch for one another.
/// Cost       one read for the distances, O(n^2 d), O(n^2 log n), and one read for the result.
/// NaN        a row without a finite distance to the others is nobody's neighbour and never averaged while
///            n-f others are left; with fewer, every column is NaN.
/// Weights    no weighted form.               Ties  the lowest rows.
/// Dialects   byzfl takes n-f-1 neighbours and m = n-f; ByzantineMomentum m = n-f-2; Flower weights the
///            rows by their numbers of examples.
/// Source     Blanchard et al., Machine learning with adversaries, 2017 (multi-Krum).
/// Example    examples/federated_round.cpp
struct multi_krum {
  required<count, "f"> f;  ///< how many rows may lie
  Index m = 0;             ///< how many are averaged; 0: n-f
  Index neighbours = 0;    ///< 0: max(1, f, n-f-2)

  static constexpr int reads = detail::has_origin;
  static constexpr void parameters(auto& op, auto visit) {
    visit("f", op.f), visit("m", op.m), visit("neighbours", op.neighbours);
  }

  bool enough(Index n) const { return n - f > f && neighbours < n && m <= n - f; }
  void check(Index n) const {
    detail::check_krum(*this, n);
    if (m < 0 || m > n - f) detail::refuse(*this, "needs 1 <= m <= n - f, or 0 for n - f", {{"m", m}, {"n", n}, {"f", f}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::combine(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// 1/m for the chosen rows.
  auto weights(row_distances const& g, workspace& ws) const {
    return detail::krum_weights(g, f, m > 0 ? m : g.rows() - f, neighbours, ws);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

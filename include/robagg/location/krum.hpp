// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/geometry/krum_score.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Returns the one report that lies closest to its nearest neighbours: the row with the least sum of
/// squared distances to its `neighbours` nearest other rows.
///
/// Shapes     n x d reports -> d (a copy of one row).
/// Ranges     f >= 0; neighbours 1..n-1, and 0 means max(1, f, n-f-2), at most n-1.
/// Errors     needs n > 2f and neighbours <= n-1.
/// Guarantee  for max(1, f) <= neighbours <= n-f-1 the chosen row is an honest one or lies about as close
///            to the honest ones as they do to one another, while at most f rows lie: with n-f-1,
///            |result - mean of any n-f|^2 <= 6 (1 + f/(n-2f)) times their mean squared deviation.
///            With fewer neighbours than f, f equal liars vouch for one another.
/// Cost       one read for the distances, O(n^2 d), and one to copy the row.
/// NaN        a row without a finite distance to the others is nobody's neighbour and never chosen while
///            n-f others are left; with fewer, every column is NaN.
/// Weights    no weighted form.               Ties  the lowest row.
/// Dialects   this is the paper's rule (n-f-2 neighbours, squared distances) with a floor of f; byzfl
///            takes n-f-1; ByzantineMomentum and TorchJD add plain distances; Blades fourth powers.
/// Source     Blanchard et al., Machine learning with adversaries, 2017; Allouah et al. 2023, table 1.
/// Example    examples/federated_round.cpp
struct krum {
  required<count, "f"> f;  ///< how many rows may lie
  Index neighbours = 0;    ///< 0: max(1, f, n-f-2)

  static constexpr int reads = detail::has_origin;
  static constexpr void parameters(auto& op, auto visit) { visit("f", op.f), visit("neighbours", op.neighbours); }

  bool enough(Index n) const { return n - f > f && neighbours < n; }
  void check(Index n) const { detail::check_krum(*this, n); }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::combine(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// 1 for the chosen row.
  auto weights(row_distances const& g, workspace& ws) const { return detail::krum_weights(g, f, 1, neighbours, ws); }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/geometry/lowest.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Replaces every report by the mean of the n-f reports nearest to it, itself included: the strongest
/// known preparation for a robust rule when honest reports differ.
///
/// Shapes     n x d reports -> n x d.       Ranges  f >= 0.
/// Errors     needs f < n.
/// Guarantee  a rule with coefficient kappa has 8 f/(n-f) (kappa + 1) after it, while at most f rows lie.
///            Followed by the mean it is not robust.
/// Cost       one read for the distances, O(n^2 d), and one for the result; in a pipe those of the pipe.
/// NaN        a row without finite distances is nobody's neighbour while n-f others are left; its own
///            mixture has no geometry either.
/// Weights    no weighted form.               Ties  the lowest rows.
/// Source     Allouah et al., Fixing by mixing, 2023 (NNM).
/// Example    examples/federated_round.cpp
struct nearest_neighbour_mixing {
  required<count, "f"> f;  ///< how many rows may lie

  static constexpr int reads = detail::has_origin;
  static constexpr void parameters(auto& op, auto visit) { visit("f", op.f); }

  bool enough(Index n) const { return f < n; }
  void check(Index n) const {
    if (f < 0) detail::refuse(*this, "needs f >= 0", {{"f", f}});
    if (!enough(n)) detail::refuse(*this, "needs f < n", {{"f", f}, {"n", n}});
  }
  Index rows(Index n) const { return n; }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::mix(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// 1/(n-f) at the neighbours of each row.
  auto mixing(row_distances const& g, workspace& ws) const {
    Index const n = g.rows(), kept = n - f;
    auto W = ws.table<double>(n, n);
    auto const scope = ws.scope();
    auto distance = ws.vector<double>(n);
    W.setZero();
    for (Index i = 0; i < n; ++i) {
      for (Index k = 0; k < n; ++k) distance(k) = k == i ? 0 : g.squared_distance(i, k);
      detail::take_lowest(distance.data(), n, kept, ws, [&](Index k) { W(i, k) = 1. / static_cast<double>(kept); });
    }
    return W;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/geometry/lowest.hpp"

#include <optional>

namespace robagg::inline ROBAGG_ABI {

/// Averages the n-f reports nearest to one of them, itself included: what a node does that trusts its own report and
/// nobody else's.
///
/// Shapes     n x d reports -> d.           Ranges  0 <= row < n; f >= 0.
/// Errors     needs n > 2f and a row of the table.
/// Guarantee  where the row is honest and at most f rows lie, no row that counts is farther from it than the farthest
///            honest one. None where the row itself lies.
/// Cost       one read for the distances to one row, O(n d), and one for the result.
/// NaN        a row without a finite distance to `row` is never kept; with fewer than n-f others, or where `row` itself
///            has no geometry, every column is NaN.
/// Weights    no weighted form.               Ties  the lowest rows.
/// Source     Farhadkhani et al., Robust collaborative learning with linear gradient overhead, 2023 (MoNNA).
/// Example    examples/federated_round.cpp
struct nearest_to {
  required<count, "row"> row;  ///< the trusted report
  required<count, "f"> f;      ///< how many rows may lie

  static constexpr int reads = detail::has_origin;
  static constexpr void parameters(auto& op, auto visit) { visit("row", op.row), visit("f", op.f); }

  bool enough(Index n) const { return n - f > f; }
  void check(Index n) const {
    detail::check_liars(*this, n, f);
    if (row < 0 || row >= n) detail::refuse(*this, "needs 0 <= row < n", {{"row", row}, {"n", n}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::combine(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// The same report trusted in the table without another one; there is none without the trusted one.
  std::optional<nearest_to> without(Index i, Index, workspace&) const {
    return i == row ? std::nullopt : std::optional(nearest_to{row - (i < row), f});
  }

  Index seen_from(Index) const { return row; }
  /// 1/(n-f) for the neighbours.
  auto weights(row_norms const& g, workspace& ws) const {
    auto distance = ws.vector<double>(g.rows());
    for (Index i = 0; i < g.rows(); ++i) distance(i) = g.squared_norm(i);
    return detail::mean_of_lowest(distance, g.rows() - f, ws);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

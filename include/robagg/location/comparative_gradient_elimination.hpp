// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/geometry/lowest.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Averages the n-f reports of least norm.
///
/// Shapes     n x d reports -> d.           Ranges  f >= 0.
/// Errors     needs n > 2f.
/// Guarantee  its norm is at most the largest honest one while at most f rows lie. The direction has none: reports that
///            are a little shorter than the honest ones stay in, wherever they point.
/// Cost       one read for the norms, O(n d), and one for the result.
/// NaN        a row without a finite norm is never kept; with fewer than n-f others, every column is NaN.
/// Weights    no weighted form.               Ties  the lowest rows. `around(x, v)` compares distances to v.
/// Source     Gupta, Liu and Vaidya, Byzantine fault-tolerant distributed machine learning using stochastic gradient
///            descent and norm-based comparative gradient elimination, 2021.
/// Example    examples/federated_round.cpp
struct comparative_gradient_elimination {
  required<count, "f"> f;  ///< how many rows may lie

  static constexpr int reads = detail::has_origin;
  static constexpr void parameters(auto& op, auto visit) { visit("f", op.f); }

  bool enough(Index n) const { return n - f > f; }
  void check(Index n) const { detail::check_liars(*this, n, f); }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::combine(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// 1/(n-f) for the shortest rows.
  auto weights(row_norms const& g, workspace& ws) const {
    auto squared_norm = ws.vector<double>(g.rows());
    for (Index i = 0; i < g.rows(); ++i) squared_norm(i) = g.squared_norm(i);
    return detail::mean_of_lowest(squared_norm, g.rows() - f, ws);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

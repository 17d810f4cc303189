// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "clip.hpp"
#include "../detail/base/dot.hpp"
#include "../detail/geometry/lowest.hpp"

#include <functional>  // std::greater

namespace robagg::inline ROBAGG_ABI {

/// Shortens the floor(2f(n-f)/n) longest reports to the norm of the longest of the others: `clip` with a radius that
/// the reports themselves give.
///
/// Shapes     n x d reports -> n x d.       Ranges  0 <= f <= n.
/// Errors     f out of range; n = 0.
/// Guarantee  a rule with coefficient kappa has at most kappa + 2f/(n-2f) after it. With n > 2f, and at most f rows
///            that lie, every row out has at most the largest honest norm.
/// Cost       one read for the norms, O(n d), and one for the result; none of its own in a pipe.
/// NaN        a row without a finite norm is one of the longest and becomes the origin.
/// Weights    rows keep theirs in a pipe, where weight takes the place of numbers of rows: W for n, and the weight of
///            the f heaviest rows for f.      Ties  equal norms are equal. `around(x, v)` takes distances to v.
/// Source     Allouah et al., Adaptive gradient clipping for robust federated learning, 2025 (ARC).
/// Example    examples/federated_round.cpp
struct adaptive_clip {
  required<count, "f"> f;  ///< how many rows may lie

  static constexpr bool keeps_rows = true;
  static constexpr int reads = detail::has_origin;
  static constexpr void parameters(auto& op, auto visit) { visit("f", op.f); }

  bool enough(Index n) const { return f <= n; }
  void check(Index n) const {
    if (f < 0 || !enough(n)) detail::refuse(*this, "needs 0 <= f <= n", {{"f", f}, {"n", n}});
  }
  Index rows(Index n) const { return n; }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::mix(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  auto factors(row_norms const& g, workspace& ws) const { return clip{radius(g, ws)}.factors(g, ws); }

 private:
  // From the longest row down, the first norm at which the cumulated weight exceeds 2 W_f (W - W_f) / W. Multiplied by
  // W, so that numbers of rows are compared as whole numbers.
  double radius(row_norms const& g, workspace& ws) const {
    auto const scope = ws.scope();
    Index const n = g.rows();
    auto weights = ws.vector<double>(n);
    for (Index i = 0; i < n; ++i) weights(i) = g.weight(i);
    bool const alike = (weights.array() == weights(0)).all();
    if (!alike) std::partial_sort(weights.data(), weights.data() + f, weights.data() + n, std::greater<>{});
    double const heaviest = detail::sum(weights.data(), f), total = g.total_weight(), mark = 2 * heaviest * (total - heaviest);
    double const slack = 2 * g.weight_rounding() * mark;
    // Where weights[i] is that of the i-th longest row.
    auto const last = [&](auto const& weight) {
      Index k = 0;
      for (double sum = weight(0); k < n - 1 && sum * total <= mark + slack; sum += weight(k)) ++k;
      return k;
    };
    if (alike) {  // the length of a rank, without a sort
      auto squares = ws.vector<double>(n);
      for (Index i = 0; i < n; ++i) squares(i) = g.squared_norm(i);
      return std::sqrt(detail::last_of_lowest(squares.data(), n, n - last(weights), ws).value);
    }
    auto order = ws.vector<Index>(n);
    detail::order_by_scores([&](Index i) { return -g.squared_norm(i); }, order.data(), n, ws);
    return g.norm(order(last([&](Index i) { return g.weight(order(i)); })));
  }
};

}  // namespace robagg::inline ROBAGG_ABI

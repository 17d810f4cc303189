// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../pipe.hpp"
#include "detail/pairs.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Scores every item by its worst defeat: minus the largest margin by which another item beats it, 0 for one that is unbeaten.
///
/// Shapes     n voters x d items, scores of which the larger is better -> d scores <= 0.
/// Errors     n = 0; weights whose sum is infinite.
/// Guarantee  an item that beats all others comes first, alone; only the order of each row's scores counts.
/// Cost       one read of the table, O(n d^2).
/// NaN        not ranked, which means what `unranked` says.   Weights  margins are sums of weights.
/// Ties       stay ties.
/// Source     Simpson, 1969; Kramer, 1977 (margins).          Example  examples/leaderboard.cpp
struct minimax {
  robagg::unranked unranked = robagg::unranked::last;

  static constexpr int reads = detail::rankings_read;
  static constexpr void parameters(auto& op, auto visit) { visit("unranked", op.unranked); }

  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    detail::score_by_pairs(*this, r, out, ws, [](detail::pairwise const& pairs, double* scores) {
      for (Index a = 0; a < pairs.items; ++a) {
        double worst = 0;
        for (Index b = 0; b < pairs.items; ++b) worst = std::max(worst, pairs.margin(b, a));
        scores[a] = worst > 0 ? -worst : 0;
      }
    });
  }
  std::size_t scratch(auto const& r) const {
    return workspace::room<double>(r.cols()) + detail::pairwise::scratch(r.rows(), r.cols());
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};

}  // namespace robagg::inline ROBAGG_ABI

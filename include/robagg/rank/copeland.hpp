// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../pipe.hpp"
#include "detail/pairs.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Compares every item with every other one: how many it beats by majority, less how many beat it.
///
/// Shapes     n voters x d items, scores of which the larger is better -> d scores in 1-d..d-1.
/// Errors     n = 0; weights whose sum is infinite.
/// Guarantee  an item that beats all others comes first, alone; only the order of each row's scores counts.
/// Cost       one read of the table, O(n d^2).
/// NaN        not ranked, which means what `unranked` says (pairs among those not ranked decide nothing either way).
/// Weights    a voter's majority counts that often.          Ties  a draw counts 0.
/// Dialects   with 1 for a win and 1/2 for a draw: (score + d - 1) / 2.
/// Source     Copeland, 1951.                  Example  examples/leaderboard.cpp
struct copeland {
  robagg::unranked unranked = robagg::unranked::last;

  static constexpr int reads = detail::rankings_read;
  static constexpr void parameters(auto& op, auto visit) { visit("unranked", op.unranked); }

  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    detail::score_by_pairs(*this, r, out, ws, [](detail::pairwise const& pairs, double* scores) {
      for (Index a = 0; a < pairs.items; ++a) {
        Index score = 0;
        for (Index b = 0; b < pairs.items; ++b) score += (pairs.margin(a, b) > 0) - (pairs.margin(a, b) < 0);
        scores[a] = static_cast<double>(score);
      }
    });
  }
  std::size_t scratch(auto const& r) const {
    return workspace::room<double>(r.cols()) + detail::pairwise::scratch(r.rows(), r.cols());
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};

}  // namespace robagg::inline ROBAGG_ABI

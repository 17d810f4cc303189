// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../pipe.hpp"
#include "detail/kemeny.hpp"
#include "detail/pairs.hpp"

#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// An order of all items, how far it is from the voters' and what is proved of it.
struct kemeny_order {
  std::vector<Index> items;  ///< the first one first
  double cost = 0;  ///< over voters and pairs of items: 1 for one that they place the other way, 1/2 for one that they tie
  double lower_bound = 0;  ///< no order costs less
  bool optimal = false;
  double optima = 0;  ///< how many orders cost as little, where that was asked for and all were searched; otherwise 0
};

/// The order that disagrees with the voters on as few pairs of items as any (the median ranking).
///
/// Shapes     n voters x d items, scores of which the larger is better -> d scores, d-1 for the first item and 0 for the
///            last; `solve` returns the order with its cost and what is proved.
/// Ranges     exact: the most items that are searched for the best of all orders, 1..27.
/// Errors     n = 0; exact out of range; weights whose sum is infinite.
/// Guarantee  the least cost, where no more than `exact` items are entangled: items that form no cycle of majorities (draws
///            count both ways) are placed apart from the others. Beyond, local search, whose cost `solve` shows beside a
///            bound that no order is below. An item that beats all others comes first.
/// Cost       one read of the table, O(n d^2); for m entangled items O(2^m m) time and 4 bytes 2^m, 8 where weights are no
///            whole or half numbers: docs/ranks.md has times. Counting takes 8 bytes 2^m more.
/// NaN        not ranked, which means what `unranked` says.   Weights  disagreements count that often.
/// Ties       of several best orders the first in lexicographic order; a pair that a voter ties costs 1/2 either way.
/// Source     Kemeny, Mathematics without numbers, 1959; Truchon, 1998 (the extended Condorcet criterion).
/// Example    examples/leaderboard.cpp
struct kemeny {
  robagg::unranked unranked = robagg::unranked::last;
  Index exact = 24;

  static constexpr int reads = detail::rankings_read;
  static constexpr void parameters(auto& op, auto visit) { visit("unranked", op.unranked), visit("exact", op.exact); }
  void check(Index) const {
    if (exact < 1 || exact > 27) detail::refuse(*this, "needs 1 <= exact <= 27", {{"exact", exact}});
  }

  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    detail::score_by_pairs(*this, r, out, ws, [&](detail::pairwise const& pairs, double* scores) {
      Index* const order = ws.take<Index>(pairs.items);
      search(pairs, false, order, ws);
      detail::score_order(order, pairs.items, scores);
    });
  }
  /// The order itself; `count_optima` counts the orders that are as good, which takes more memory.
  template <any_reports R>
  kemeny_order solve(R const& r, bool count_optima = false) const {
    workspace ws;
    auto&& entered = detail::enter(*this, r);
    auto const pairs = detail::count_pairs(*this, entered, unranked, ws);
    kemeny_order to;
    to.items.resize(static_cast<std::size_t>(pairs.items));
    auto const found = search(pairs, count_optima, to.items.data(), ws);
    to.cost = found.cost + pairs.ties;
    to.lower_bound = found.lower_bound + pairs.ties;
    to.optimal = found.optimal;
    to.optima = found.optima;
    return to;
  }
  std::size_t scratch(auto const& r) const {
    Index const d = r.cols();
    return workspace::room<double>(d) + detail::pairwise::scratch(r.rows(), d) + workspace::room<Index>(d) +
           workspace::room<double>(d * d) + detail::kemeny_scratch(d, exact, false);
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

 private:
  // Placing a above b costs those who place b above a.
  detail::kemeny_result search(detail::pairwise const& pairs, bool count, Index* order, workspace& ws) const {
    Index const d = pairs.items;
    auto const scope = ws.scope();
    auto cost = ws.table<double>(d, d);
    for (Index a = 0; a < d; ++a) {
      for (Index b = 0; b < d; ++b) cost(a, b) = pairs.of(b, a);
    }
    return detail::kemeny(cost.data(), d, exact, count, order, ws);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

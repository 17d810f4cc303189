// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../pipe.hpp"
#include "detail/pairs.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Compares items by their strongest chains of majorities: a comes before b where a's best chain to b is stronger than b's to
/// a; a chain is as strong as its smallest margin.
///
/// Shapes     n voters x d items, scores of which the larger is better -> d scores: minus how many items come before each, so
///            that every winner has 0.
/// Errors     n = 0; weights whose sum is infinite.
/// Guarantee  an item that beats all others comes first, alone; copies of an item change the place of no other one.
/// Cost       one read of the table, O(n d^2), and O(d^3) for the chains.
/// NaN        not ranked, which means what `unranked` says.   Weights  margins are sums of weights.
/// Ties       stay ties.
/// Source     Schulze, A new monotonic, clone-independent, reversal symmetric and Condorcet-consistent single-winner election
///            method, 2011 (margins).          Example  examples/leaderboard.cpp
struct schulze {
  robagg::unranked unranked = robagg::unranked::last;

  static constexpr int reads = detail::rankings_read;
  static constexpr void parameters(auto& op, auto visit) { visit("unranked", op.unranked); }

  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    detail::score_by_pairs(*this, r, out, ws, [](detail::pairwise& pairs, double* scores) {
      strengthen(pairs);
      for (Index a = 0; a < pairs.items; ++a) {
        Index before = 0;
        for (Index b = 0; b < pairs.items; ++b) before += pairs.of(b, a) > pairs.of(a, b);
        scores[a] = static_cast<double>(-before);
      }
    });
  }
  /// The strength of the strongest chain from every item to every other one, d x d.
  template <any_reports R>
  robagg::table<double> strengths(R const& r) const {
    workspace ws;
    auto&& entered = detail::enter(*this, r);
    auto pairs = detail::count_pairs(*this, entered, unranked, ws);
    strengthen(pairs);
    return Eigen::Map<robagg::table<double>, 0, Eigen::OuterStride<>>(pairs.wins, pairs.items, pairs.items,
                                                                      Eigen::OuterStride<>(pairs.stride));
  }
  std::size_t scratch(auto const& r) const {
    return workspace::room<double>(r.cols()) + detail::pairwise::scratch(r.rows(), r.cols());
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

 private:
  // Wins become the positive margins, and these the strengths of chains through the items 0 .. k.
  static void strengthen(detail::pairwise& pairs) {
    using V = detail::packet<double>;
    Index const d = pairs.items;
    for (Index a = 0; a < d; ++a) {
      for (Index b = 0; b <= a; ++b) {
        double const margin = pairs.margin(a, b);
        pairs.wins[a * pairs.stride + b] = std::max(margin, 0.);
        pairs.wins[b * pairs.stride + a] = std::max(-margin, 0.);
      }
    }
    for (Index k = 0; k < d; ++k) {
      double const* const through = pairs.wins + k * pairs.stride;
      for (Index a = 0; a < d; ++a) {
        double* const row = pairs.wins + a * pairs.stride;
        if (a == k || row[k] == 0) continue;
        V const first = detail::all<V>(row[k]);
        for (Index b = 0; b < pairs.stride; b += detail::lanes<double>) {
          detail::store(row + b, detail::upper(detail::load<V>(row + b), detail::lower(first, detail::load<V>(through + b))));
        }
        row[a] = 0;  // no chain leads back to its start
      }
    }
  }
};

}  // namespace robagg::inline ROBAGG_ABI

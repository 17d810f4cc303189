// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../pipe.hpp"
#include "detail/pairs.hpp"

#include <bit>

namespace robagg::inline ROBAGG_ABI {

/// Takes majorities from the largest margin down, each unless it contradicts those taken before: an order of all items.
///
/// Shapes     n voters x d items, scores of which the larger is better -> d scores, d-1 for the first item and 0 for the last.
/// Errors     n = 0; weights whose sum is infinite.
/// Guarantee  an item that beats all others comes first; copies of an item change the place of no other one.
/// Cost       one read of the table, O(n d^2); sorting d^2 margins and O(d^3 / 64) for what is implied.
/// NaN        not ranked, which means what `unranked` says.   Weights  margins are sums of weights.
/// Ties       equal margins: the lower first item, then the lower second one; a draw counts both ways, with margin 0.
/// Source     Tideman, Independence of clones as a criterion for voting rules, 1987.   Example  examples/leaderboard.cpp
struct ranked_pairs {
  robagg::unranked unranked = robagg::unranked::last;

  static constexpr int reads = detail::rankings_read;
  static constexpr void parameters(auto& op, auto visit) { visit("unranked", op.unranked); }

  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    detail::score_by_pairs(*this, r, out, ws, [&](detail::pairwise const& pairs, double* scores) {
      Index const d = pairs.items, words = words_for(d);
      majority* const all = ws.take<majority>(d * d);
      Index count = 0;
      for (Index a = 0; a < d; ++a) {
        for (Index b = 0; b < d; ++b) {
          double const margin = pairs.margin(a, b);
          if (a != b && margin >= 0) all[count++] = {margin, static_cast<std::int32_t>(a), static_cast<std::int32_t>(b)};
        }
      }
      std::sort(all, all + count, [](majority const& x, majority const& y) {
        return x.margin > y.margin ||
               (x.margin == y.margin && (x.first < y.first || (x.first == y.first && x.second < y.second)));
      });
      // Bit b of row a: a comes before b, by what was taken or what follows from it.
      auto bits = ws.table<std::uint64_t>(d, words);
      bits.setZero();
      auto const holds = [&](Index a, Index b) { return (bits(a, b / 64) >> (b % 64) & 1) != 0; };
      for (Index e = 0; e < count; ++e) {
        Index const a = all[e].first, b = all[e].second;
        if (holds(a, b) || holds(b, a)) continue;
        for (Index x = 0; x < d; ++x) {
          if (x != a && !holds(x, a)) continue;
          for (Index w = 0; w < words; ++w) bits(x, w) |= bits(b, w);
          bits(x, b / 64) |= std::uint64_t{1} << (b % 64);
        }
      }
      for (Index a = 0; a < d; ++a) {
        Index after = 0;
        for (Index w = 0; w < words; ++w) after += std::popcount(bits(a, w));
        scores[a] = static_cast<double>(after);
      }
    });
  }
  std::size_t scratch(auto const& r) const {
    Index const d = r.cols();
    return workspace::room<double>(d) + detail::pairwise::scratch(r.rows(), d) + workspace::room<majority>(d * d) +
           workspace::room<std::uint64_t>(d * words_for(d));
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

 private:
  struct majority {
    double margin;
    std::int32_t first, second;
  };
  static Index words_for(Index d) { return (d + 63) / 64; }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../pipe.hpp"
#include "detail/rankings.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Of items that share the fewest first places: all are eliminated, or the one with the lowest index.
enum class eliminate { all, lowest };
constexpr std::array<std::string_view, 2> enumerators(eliminate) { return {"all", "lowest"}; }

/// Eliminates the item with the fewest first places, again and again, while each vote passes to the voter's next item. (An item
/// that has a majority at some stage is never among the fewest, so that nothing changes where counting stops early.)
///
/// Shapes     n voters x d items, scores of which the larger is better -> d scores: the round in which an item is eliminated,
///            from 0; what is never eliminated has the last round.
/// Errors     n = 0; weights whose sum is infinite.
/// Guarantee  an item that most voters place first comes first. None for one that beats all others in pairs.
/// Cost       one read of the table; O(n d log d), and n more a round.
/// NaN        not ranked: with `last` a vote passes to all of those in equal shares once no other item is left to it, otherwise
///            it lapses.
/// Weights    votes of that weight.
/// Ties       items that a voter places level share the vote equally. Sums of votes that differ by less than 1e-12 of all are
///            equal (thirds are not exact); the fewest: as `ties` says. Where all that are left are level, none is eliminated.
/// Source     Hare; definition.                Example  examples/leaderboard.cpp
struct instant_run_off {
  robagg::eliminate ties = eliminate::all;
  robagg::unranked unranked = robagg::unranked::last;

  static constexpr int reads = detail::rankings_read;
  static constexpr void parameters(auto& op, auto visit) { visit("ties", op.ties), visit("unranked", op.unranked); }

  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    detail::score_items(*this, r, out, ws, [&](auto const& x, double* round_of) {
      Index const n = x.rows(), d = x.cols();
      auto order = ws.table<std::int32_t>(n, d), before = ws.table<std::int32_t>(n, d);
      auto next = ws.vector<Index>(n), ranked = ws.vector<Index>(n);
      auto weight = ws.vector<double>(n), votes = ws.vector<double>(d);
      Index voters = 0;
      double const total = detail::for_each_ranking(*this, x, ws, [&](detail::ranking const& voter) {
        std::copy(voter.order, voter.order + d, order.row(voters).data());
        std::copy(voter.before, voter.before + d, before.row(voters).data());
        next(voters) = 0, ranked(voters) = unranked == robagg::unranked::last ? d : voter.ranked, weight(voters) = voter.weight;
        ++voters;
      });
      double constexpr left = std::numeric_limits<double>::infinity();
      std::fill(round_of, round_of + d, left);
      Index round = 0;
      for (Index remaining = d; remaining > 0; ++round) {
        votes.setZero();
        for (Index v = 0; v < voters; ++v) {
          auto const item = [&](Index place) { return order(v, place); };
          while (next(v) < ranked(v) && round_of[item(next(v))] != left) ++next(v);
          Index end = next(v), level = 0;
          for (; end < ranked(v) && before(v, item(end)) == before(v, item(next(v))); ++end)
            level += round_of[item(end)] == left;
          double const share = weight(v) / static_cast<double>(level);
          for (Index place = next(v); place < end; ++place) {
            if (round_of[item(place)] == left) votes(item(place)) += share;
          }
        }
        double fewest = left, most = 0;
        for (Index i = 0; i < d; ++i) {
          if (round_of[i] == left) fewest = std::min(fewest, votes(i)), most = std::max(most, votes(i));
        }
        bool const all_level = most - fewest <= 1e-12 * total;
        if (all_level && (ties == eliminate::all || remaining == 1)) break;
        for (Index i = 0; i < d; ++i) {
          if (round_of[i] != left || votes(i) - fewest > 1e-12 * total) continue;
          round_of[i] = static_cast<double>(round), --remaining;
          if (ties == eliminate::lowest) break;
        }
      }
      std::replace(round_of, round_of + d, left, static_cast<double>(round));
    });
  }
  std::size_t scratch(auto const& r) const {
    Index const n = r.rows(), d = r.cols();
    return 2 * workspace::room<std::int32_t>(n * d) + 3 * workspace::room<double>(n) + 2 * workspace::room<double>(d) +
           detail::rankings_scratch(d);
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};

}  // namespace robagg::inline ROBAGG_ABI

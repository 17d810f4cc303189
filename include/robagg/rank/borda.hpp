// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../pipe.hpp"
#include "../transform/ranks.hpp"
#include "detail/rankings.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The points of every item: each voter gives it one for every item that the voter places below it, and half a one for every
/// item level with it.
///
/// Shapes     n voters x d items, scores of which the larger is better (ranks, 1 = best, go in negated) -> d points.
/// Ranges     ties: average, minimum (level items share the higher points, as if each stood first of them) or maximum (the
///            lower ones).
/// Errors     n = 0; other ties; weights whose sum is infinite.
/// Guarantee  only the order of each row's scores counts: a rising transformation of a row changes nothing, and one row moves
///            an item by at most (d - 1) times its weight. A 5-approximation of Kemeny's order, not 2.
/// Cost       one read of the table, O(n d log d).
/// NaN        not ranked, which means what `unranked` says: last; pseudodistance: no points among those not ranked; ignored: an
///            item's points are its mean over the rows that rank it, counted among the items that they rank, and NaN where none
///            does.
/// Weights    points count that often.         Ties  as `ties` says.
/// Dialects   docs/ranks.md.
/// Source     Borda, 1784; Colombo et al., What are the best systems?, 2022 (one level: this over tasks; two levels: this over
///            the instances of each task, then over tasks).
/// Example    examples/leaderboard.cpp
struct borda {
  robagg::unranked unranked = robagg::unranked::last;
  robagg::ties ties = robagg::ties::average;

  static constexpr int reads = detail::rankings_read;
  static constexpr void parameters(auto& op, auto visit) { visit("unranked", op.unranked), visit("ties", op.ties); }
  void check(Index) const {
    if (ties == robagg::ties::dense || ties == robagg::ties::ordinal) {
      detail::refuse(*this, "needs ties of average, minimum or maximum");
    }
  }

  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    detail::score_items(*this, r, out, ws, [&](auto const& x, double* points) {
      auto counted = ws.vector<double>(x.cols());
      std::fill(points, points + x.cols(), 0.);
      counted.setZero();
      detail::for_each_ranking(*this, x, ws, [&](detail::ranking const& voter) {
        for (Index i = 0; i < x.cols(); ++i) {
          double const given = points_of(voter, i);
          if (given == given) points[i] += voter.weight * given, counted(i) += voter.weight;
        }
      });
      if (unranked == robagg::unranked::ignored) {
        for (Index i = 0; i < x.cols(); ++i) points[i] /= counted(i);  // 0 / 0 where nobody ranks it
      }
    });
  }
  /// What each voter gives, n x d; the points are its sums, or its means with `ignored`, where NaN is not ranked.
  template <any_reports R>
  robagg::table<double> row_points(R const& r) const {
    workspace ws;
    auto&& entered = detail::enter(*this, r);
    auto const& x = detail::plain_of(entered);
    robagg::table<double> given(x.rows(), x.cols());
    Index row = 0;
    detail::for_each_ranking(*this, x, ws, [&](detail::ranking const& voter) {
      for (Index i = 0; i < x.cols(); ++i) given(row, i) = points_of(voter, i);
      ++row;
    });
    return given;
  }
  std::size_t scratch(auto const& r) const {
    return 2 * workspace::room<double>(r.cols()) + detail::rankings_scratch(r.cols());
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

 private:
  // NaN where the voter says nothing.
  double points_of(detail::ranking const& voter, Index i) const {
    if (!voter.has(i) && unranked != robagg::unranked::last) {
      return unranked == robagg::unranked::ignored ? std::numeric_limits<double>::quiet_NaN() : 0;
    }
    Index const level = voter.tied(i, unranked) - 1;
    Index const among = unranked == robagg::unranked::ignored ? voter.ranked : voter.items;
    auto const below = static_cast<double>(among - 1 - level - voter.before[i]);
    return ties == robagg::ties::maximum ? below
                                         : below + (ties == robagg::ties::average ? .5 : 1.) * static_cast<double>(level);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../pipe.hpp"
#include "detail/assign.hpp"
#include "detail/rankings.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The order whose places are nearest to the voters': the sum of |place - voter's rank| over items and voters is the least.
///
/// Shapes     n voters x d items, scores of which the larger is better -> d scores, d-1 for the first item and 0 for the
///            last.
/// Errors     n = 0; weights whose sum, or whose distances' sum, is infinite or nearly so.
/// Guarantee  no order has a smaller footrule distance to the voters, but for rounding; that is within a factor of 2 of
///            Kemeny's least cost. Items that all voters place alike keep that order.
/// Cost       one read of the table, O(n d log d), then O(d^3).
/// NaN        not ranked: with `ignored` the voter's row costs the item nothing, otherwise the item shares the last ranks.
/// Weights    distances count that often.      Ties  level items share the average of their ranks; one of the best orders,
///            the same on every machine.
/// Source     Dwork, Kumar, Naor and Sivakumar, Rank aggregation methods for the web, 2001.   Example
///            examples/leaderboard.cpp
struct footrule_optimal {
  robagg::unranked unranked = robagg::unranked::last;

  static constexpr int reads = detail::rankings_read;
  static constexpr void parameters(auto& op, auto visit) { visit("unranked", op.unranked); }

  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    detail::score_items(*this, r, out, ws, [&](auto const& x, double* scores) {
      Index const d = x.cols();
      auto cost = ws.table<double>(d, detail::tile<double>::whole(d));
      auto place = ws.vector<Index>(d);
      assign(x, cost, place, ws);
      for (Index i = 0; i < d; ++i) scores[i] = static_cast<double>(d - 1 - place(i));
    });
  }
  /// That sum.
  template <any_reports R>
  double cost(R const& r) const {
    workspace ws;
    auto&& x = detail::enter(*this, r);
    auto costs = ws.table<double>(x.cols(), detail::tile<double>::whole(x.cols()));
    auto place = ws.vector<Index>(x.cols());
    assign(x, costs, place, ws);
    double sum = 0;
    for (Index i = 0; i < x.cols(); ++i) sum += costs(i, place(i));
    return sum;
  }
  std::size_t scratch(auto const& r) const {
    Index const d = r.cols();
    return workspace::room<double>(d * detail::tile<double>::whole(d)) + workspace::room<Index>(d) +
           workspace::room<double>(d) +
           std::max(detail::assigner::scratch(d, d), workspace::room<double>(d * (2 * d + 1)) + detail::rankings_scratch(d));
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

 private:
  void assign(auto const& x, auto& cost, auto& place, workspace& ws) const {
    cost.setConstant(std::numeric_limits<double>::infinity());
    distances(x, cost, ws);
    auto const scope = ws.scope();
    detail::assigner(cost.data(), x.cols(), x.cols(), place.data(), ws);
  }
  // cost(i, p): how far the voters' ranks of item i lie from place p, from 0. Twice a rank is whole: what voters give each of
  // those is added up first.
  void distances(auto const& x, auto& cost, workspace& ws) const {
    auto const scope = ws.scope();
    Index const d = x.cols();
    auto given = ws.table<double>(d, 2 * d + 1);
    given.setZero();
    detail::for_each_ranking(*this, x, ws, [&](detail::ranking const& voter) {
      for (Index i = 0; i < d; ++i) {
        if (unranked == robagg::unranked::ignored && !voter.has(i)) continue;
        given(i, static_cast<Index>(2 * voter.average_rank(i))) += voter.weight;
      }
    });
    for (Index i = 0; i < d; ++i) {
      double below = 0, above = given.row(i).sum(), sum = 0;  // weights at half-ranks before and from place 0, and the distance
      for (Index h = 0; h <= 2 * d; ++h) sum += given(i, h) * static_cast<double>(h);
      for (Index h = 0; h <= 2 * d; ++h) {
        if (h >= 2 && h % 2 == 0) {
          cost(i, h / 2 - 1) = .5 * sum;
          if (!(.5 * sum <= detail::assigner::most(d)))
            detail::refuse(*this, "needs weights whose distances have finite sums", {{"item", i}, {"sum", .5 * sum}});
        }
        below += given(i, h);
        above -= given(i, h);
        sum += below - above;
      }
    }
  }
};

}  // namespace robagg::inline ROBAGG_ABI

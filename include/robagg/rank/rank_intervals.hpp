// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/base/random.hpp"
#include "../detail/select/radix.hpp"
#include "detail/resampled_scores.hpp"
#include "order.hpp"

#include <numeric>

namespace robagg::inline ROBAGG_ABI {

/// How sure a ranking is: an entry for each item.
struct uncertain_ranks {
  Eigen::VectorXd rank;       ///< of the whole table, 1 for the best; level items share the average
  Eigen::VectorXd low, high;  ///< between which the rank lies in `level` of the resampled tables
  Eigen::VectorXd first;      ///< the share of them in which the item is first, shared where several are
  std::vector<Index> group;   ///< 0 for those that cannot be told apart from the best one, 1 for the next group, ...
};

/// Draws the rows again and again, with replacement, and ranks the columns each time: how far would ranks move had other voters
/// (tasks, judges, users) been asked?
///
/// Shapes     an aggregate and its n voters x d items -> an entry for each of d items.
/// Ranges     resamples >= 1; 0 < level < 1.
/// Errors     those of the operator; resamples, level.
/// Guarantee  for a seed the same bits everywhere, on any number of threads. Intervals are percentiles: they cover what
/// independent voters of the same
///            kind would say, as far as n voters stand for them all, and too little where n is small.
/// Cost       `resamples` times the operator, on weights; one that says `row_points` (borda) ranks each row once. Ranking d
/// scores
///            as often; resamples x d ranks are kept.
/// NaN        an item whose score is NaN is last.
/// Weights    multiply the counts; a row of weight 0 is never drawn. An operator without a weighted form is given the rows that
///            are drawn, in ascending order: a parameter that names a row means a place among them.
/// Ties       level items share the average of their ranks. Groups: items in the order of their ranks; one whose interval does
///            not meet that of the first of its group begins the next.
/// Source     Efron, Bootstrap methods, 1979; Goldstein and Spiegelhalter, League tables and their limitations, 1996.
/// Example    examples/leaderboard.cpp
struct rank_intervals {
  Index resamples = 1000;
  double level = .95;
  std::uint64_t seed = 1;

  static constexpr Index block = 16;  // columns of the ranks that are read together
  static constexpr void parameters(auto& op, auto visit) {
    visit("resamples", op.resamples), visit("level", op.level), visit("seed", op.seed);
  }
  void check(Index) const {
    if (resamples < 1) detail::refuse(*this, "needs resamples >= 1", {{"resamples", resamples}});
    if (!(level > 0 && level < 1)) detail::refuse(*this, "needs 0 < level < 1", {{"level", level}});
  }

  /// On an executor, threads{} or one of yours, where one is given: the same bits for any number of threads.
  template <class Op, any_reports R, class Executor>
  uncertain_ranks operator()(Op const& op, R const& given, Executor const& run) const {
    static_assert(detail::explain_executor<Executor>());
    workspace ws;
    workspace::loan const lent(ws, detail::borrowed(run));
    return resampled(op, given, ws);
  }
  template <class Op, any_reports R>
  uncertain_ranks operator()(Op const& op, R const& given) const {
    workspace ws;
    return resampled(op, given, ws);
  }

 private:
  template <class Op, any_reports R>
  uncertain_ranks resampled(Op const& op, R const& given, workspace& ws) const {
    static_assert(aggregate<Op>,
                  "robagg: rank_intervals needs an aggregate that scores the columns, or a pipe that ends in one");
    auto&& r = detail::enter(op, given);
    check(r.rows());
    Index const n = r.rows(), d = r.cols();
    uncertain_ranks to{Eigen::VectorXd(d), Eigen::VectorXd(d), Eigen::VectorXd(d), Eigen::VectorXd::Zero(d),
                       std::vector<Index>(static_cast<std::size_t>(d))};
    Eigen::VectorXd all(d);
    op.into(r, all, ws);
    order{}.into(all, to.rank, ws);

    std::vector<Index> rows;  // that have a weight
    Eigen::VectorXd weights(n);
    for (Index i = 0; i < n; ++i) {
      weights(i) = 1;
      if constexpr (weighted_reports<R>) weights(i) = static_cast<double>(detail::weights_of(r)[i]);
      if (weights(i) > 0) rows.push_back(i);
    }
    // Where each resample begins among the random numbers, whoever draws it.
    std::vector<detail::generator> starts;
    detail::generator random(seed);
    for (Index s = 0; s < resamples; ++s) {
      starts.push_back(random);
      for (std::size_t draw = 0; draw < rows.size(); ++draw) random.below(rows.size());
    }
    robagg::table<double> ranks(resamples, d);
    auto const score = detail::resampled_scorer(op, r);
    ws.for_slices(resamples, 1, [&](Index from, Index end, workspace& own) {
      Eigen::VectorXd scores(d), counts(n);
      for (Index s = from; s < end; ++s) {
        counts.setZero();
        for (std::size_t draw = 0; draw < rows.size(); ++draw)
          counts(rows[starts[static_cast<std::size_t>(s)].below(rows.size())]) += 1;
        score(counts.cwiseProduct(weights).eval(), counts, scores, own);
        rank_into(scores, ranks.row(s).data(), own);
      }
    });
    Eigen::VectorXd best(resamples);  // 2 best - 1 items share it
    for (Index s = 0; s < resamples && d > 0; ++s) best(s) = ranks.row(s).minCoeff();
    ws.for_slices(d, block, [&](Index from, Index end, workspace& own) {
      auto const scope = own.scope();
      auto columns = own.table<double>(block, resamples);
      for (Index i = from; i < end; i += block) {
        Index const width = std::min(block, end - i);
        columns.topRows(width) = ranks.middleCols(i, width).transpose();
        for (Index c = 0; c < width; ++c) summarise(columns.row(c).data(), best, i + c, to);
      }
    });
    group(to);
    return to;
  }

  // As order{}; of many items by digits.
  static void rank_into(Eigen::VectorXd const& scores, double* ranks, workspace& ws) {
    Index const d = scores.size();
    if (d < 128) return order{}.into(scores, std::span<double>(ranks, static_cast<std::size_t>(d)), ws);
    auto const scope = ws.scope();
    auto const sorted = detail::sort_scores<true>([&](Index i) { return scores(i); }, [](Index) { return true; }, d, ws).first;
    for (Index first = 0, end; first < d; first = end) {
      for (end = first + 1; end < d && sorted[end].key == sorted[first].key;) ++end;
      for (Index c = first; c < end; ++c) ranks[sorted[c].place] = .5 * static_cast<double>(first + 1 + end);
    }
  }
  // The ranks of item i in the resamples, which are put in another order.
  void summarise(double* own, Eigen::VectorXd const& best, Index i, uncertain_ranks& to) const {
    for (Index s = 0; s < resamples; ++s) to.first(i) += own[s] == best(s) ? 1 / (2 * best(s) - 1) : 0;
    to.first(i) /= static_cast<double>(resamples);
    auto const place = [&](double share) {  // the least rank that so many resamples do not exceed
      return own + static_cast<std::ptrdiff_t>(std::clamp(std::ceil(share * static_cast<double>(resamples)) - 1, 0.,
                                                          static_cast<double>(resamples - 1)));
    };
    double *const low = place((1 - level) / 2), *const high = place((1 + level) / 2);
    std::nth_element(own, low, own + resamples);
    to.low(i) = *low;
    if (high > low) std::nth_element(low + 1, high, own + resamples);
    to.high(i) = *high;
  }
  static void group(uncertain_ranks& to) {
    std::vector<Index> by_rank(to.group.size());
    std::iota(by_rank.begin(), by_rank.end(), Index{0});
    std::stable_sort(by_rank.begin(), by_rank.end(), [&](Index a, Index b) { return to.rank(a) < to.rank(b); });
    Index group = 0, head = by_rank.empty() ? 0 : by_rank[0];
    for (Index const i : by_rank) {
      if (to.low(i) > to.high(head)) ++group, head = i;
      to.group[static_cast<std::size_t>(i)] = group;
    }
  }
};

}  // namespace robagg::inline ROBAGG_ABI

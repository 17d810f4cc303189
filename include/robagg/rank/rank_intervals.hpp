// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/base/random.hpp"
#include "detail/resampled_ranks.hpp"
#include "detail/resampled_scores.hpp"
#include "order.hpp"
#include "uncertain_ranks.hpp"

#include <utility>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// Draws the rows again and again, with replacement, and ranks the columns each time: how far would ranks move had other voters
/// (tasks, judges, users) been asked?
///
/// Shapes     an aggregate and its n voters x d items -> an entry for each of d items.
/// Ranges     resamples >= 1; 0 < level < 1.
/// Errors     those of the operator; resamples, level.
/// Guarantee  for a seed the same bits everywhere, on any number of threads. Intervals are percentiles: they cover what
///            independent voters of the same kind would say, as far as n voters stand for them all; too little where n is
///            small.
/// Cost       `resamples` times the operator, on weights; one that says `row_points` (borda) ranks each row once. Ranking d
///            scores as often; resamples x d ranks are kept.
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
  /// The same from draws x d scores that were drawn elsewhere, as by bradley_terry's bootstrap, and the d scores of the whole.
  template <class Scores, class Draws>
  uncertain_ranks of_draws(Eigen::MatrixBase<Scores> const& scores, Eigen::MatrixBase<Draws> const& draws) const {
    Index const d = scores.size(), n = draws.rows();
    check(n);
    if (draws.cols() != d || n < 1)
      detail::refuse(*this, "needs draws x items", {{"rows", n}, {"columns", draws.cols()}, {"items", d}});
    workspace ws;
    Eigen::VectorXd one = scores.derived(), whole(d);
    order{}.into(one, whole, ws);
    robagg::table<double> ranks(n, d);
    for (Index s = 0; s < n; ++s) {
      one = draws.derived().row(s);
      detail::rank_scores(one, ranks.row(s).data(), ws);
    }
    return detail::uncertain(std::move(whole), ranks, level, ws);
  }

 private:
  template <class Op, any_reports R>
  uncertain_ranks resampled(Op const& op, R const& given, workspace& ws) const {
    static_assert(aggregate<Op>,
                  "robagg: rank_intervals needs an aggregate that scores the columns, or a pipe that ends in one");
    auto&& r = detail::enter(op, given);
    check(r.rows());
    Index const n = r.rows(), d = r.cols();
    Eigen::VectorXd all(d), whole(d);
    op.into(r, all, ws);
    order{}.into(all, whole, ws);

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
        detail::rank_scores(scores, ranks.row(s).data(), own);
      }
    });
    return detail::uncertain(std::move(whole), ranks, level, ws);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

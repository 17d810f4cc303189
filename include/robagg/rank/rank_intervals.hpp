// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/base/random.hpp"
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
/// Guarantee  for a seed the same bits everywhere. Intervals are percentiles: they cover what independent voters of the same
///            kind would say, as far as n voters stand for them all, and too little where n is small.
/// Cost       `resamples` times the operator, on weights; one that says `row_points` (borda) ranks each row once. Sorting
///            `resamples` x d ranks.
/// NaN        an item whose score is NaN is last.        Weights  multiply the counts; a row of weight 0 is never drawn.
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

  template <class Op, any_reports R>
  uncertain_ranks operator()(Op const& op, R const& given) const {
    static_assert(aggregate<Op>,
                  "robagg: rank_intervals needs an aggregate that scores the columns, or a pipe that ends in one");
    auto&& r = detail::enter(op, given);
    check(r.rows());
    Index const n = r.rows(), d = r.cols();
    workspace ws;
    uncertain_ranks to{Eigen::VectorXd(d), Eigen::VectorXd(d), Eigen::VectorXd(d), Eigen::VectorXd::Zero(d),
                       std::vector<Index>(static_cast<std::size_t>(d))};
    Eigen::VectorXd scores(d);
    op.into(r, scores, ws);
    order{}.into(scores, to.rank, ws);

    std::vector<Index> rows;  // that have a weight
    Eigen::VectorXd weights(n), counts(n);
    for (Index i = 0; i < n; ++i) {
      weights(i) = 1;
      if constexpr (weighted_reports<R>) weights(i) = static_cast<double>(detail::weights_of(r)[i]);
      if (weights(i) > 0) rows.push_back(i);
    }
    robagg::table<double> ranks(d, resamples);
    Eigen::VectorXd rank(d);
    auto const score = scorer(op, r);
    detail::generator random(seed);
    for (Index s = 0; s < resamples; ++s) {
      counts.setZero();
      for (std::size_t draw = 0; draw < rows.size(); ++draw) {
        std::size_t const drawn = random.below(rows.size());
        counts(rows[drawn]) += 1;
      }
      score(counts.cwiseProduct(weights).eval(), counts, scores, ws);
      order{}.into(scores, rank, ws);
      ranks.col(s) = rank;
      double const best = d == 0 ? 0 : rank.minCoeff();
      for (Index i = 0; i < d; ++i) to.first(i) += rank(i) == best ? 1 / (2 * best - 1) : 0;  // 2 best - 1 share it
    }
    to.first /= static_cast<double>(resamples);
    auto const place = [&](double share) {  // the least rank that so many resamples do not exceed
      return static_cast<std::ptrdiff_t>(
          std::clamp(std::ceil(share * static_cast<double>(resamples)) - 1, 0., static_cast<double>(resamples - 1)));
    };
    for (Index i = 0; i < d; ++i) {
      double* const own = ranks.row(i).data();
      std::sort(own, own + resamples);
      to.low(i) = own[place((1 - level) / 2)], to.high(i) = own[place((1 + level) / 2)];
    }
    group(to);
    return to;
  }

 private:
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

  template <class X>
  static auto const& without_weights(X const& x) {
    if constexpr (requires { x.weights; }) {
      return x.base;
    } else {
      return x;
    }
  }
  // score(weights, counts, scores, ws) of the rows so often.
  template <class Op, class R>
  static auto scorer(Op const& op, R const& r) {
    auto const& x = without_weights(r);
    using X = std::remove_cvref_t<decltype(x)>;
    using counted = decltype(weighted(x, std::declval<Eigen::VectorXd const&>()));
    if constexpr (requires { op.row_points(r); }) {
      robagg::table<double> points = op.row_points(x);
      robagg::table<double> const present =
          points.array().isNaN().select(robagg::table<double>::Zero(points.rows(), points.cols()), 1.);
      bool const all = (present.array() > 0).all();
      if (!all) points = (present.array() > 0).select(points, 0.);
      return [points, present, all](Eigen::VectorXd const& w, Eigen::VectorXd const&, Eigen::VectorXd& scores, workspace&) {
        scores.setZero();
        for (Index i = 0; i < w.size(); ++i) {
          if (w(i) > 0) scores += w(i) * points.row(i).transpose();
        }
        if (!all) scores.array() /= (present.transpose() * w).array();
      };
    } else if constexpr (detail::accepts<Op, counted>()) {
      return [&op, &x](Eigen::VectorXd const& w, Eigen::VectorXd const&, Eigen::VectorXd& scores, workspace& ws) {
        op.into(weighted(x, w), scores, ws);
      };
    } else {
      static_assert(detail::accepts<Op, X>());
      return [&op, &x](Eigen::VectorXd const&, Eigen::VectorXd const& counts, Eigen::VectorXd& scores, workspace& ws) {
        std::vector<Index> rows;
        for (Index i = 0; i < counts.size(); ++i) rows.insert(rows.end(), static_cast<std::size_t>(counts(i)), i);
        op.into(subset(x, list<Index>(rows)), scores, ws);
      };
    }
  }
};

/// The ranks of the columns without each of the rows, n x d: which task decides the winner?
///
/// Shapes     an aggregate and its n voters x d items -> n x d ranks, 1 for the best; row i is what the others say.
/// Errors     those of the operator for n - 1 rows, n >= 2.        Cost  n times the operator.
/// NaN, weights and ties as for rank_intervals; a row without which no weight is left has NaN.
/// Source     definition.                        Example  examples/leaderboard.cpp
template <class Op, any_reports R>
table<double> ranks_without_each(Op const& op, R const& given) {
  static_assert(aggregate<Op>,
                "robagg: ranks_without_each needs an aggregate that scores the columns, or a pipe that ends in one");
  auto&& r = detail::enter(op, given);
  Index const n = r.rows();
  if (n < 2) detail::refuse(op, "needs two reports to drop one", {{"n", n}});
  workspace ws;
  table<double> ranks(n, r.cols());
  Eigen::VectorXd scores(r.cols()), rank(r.cols());
  std::vector<Index> rows(static_cast<std::size_t>(n - 1));
  for (Index i = 0; i < n; ++i) {
    std::iota(rows.begin(), rows.end(), Index{0});
    for (Index k = i; k < n - 1; ++k) ++rows[static_cast<std::size_t>(k)];
    rank.setConstant(std::numeric_limits<double>::quiet_NaN());
    if (detail::others_weigh(r, i)) {
      op.into(subset(r, list<Index>(rows)), scores, ws);
      order{}.into(scores, rank, ws);
    }
    ranks.row(i) = rank.transpose();
  }
  return ranks;
}

}  // namespace robagg::inline ROBAGG_ABI

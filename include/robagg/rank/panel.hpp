// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../cube.hpp"
#include "../spread/median_absolute_deviation.hpp"
#include "detail/judges.hpp"
#include "panel_report.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace robagg::inline ROBAGG_ABI {

/// A panel of judges who score items on one or several axes: what they say together by any aggregate, how much they disagree,
/// how many independent judges they are worth, and which item is the best of each axis.
///
/// Shapes     an aggregate and m judges x k items, or a cube of them, a table for each of a axes -> panel_report. The
///            aggregate is given the m x a opinions on one item at a time: median and trimmed_mean take each axis alone,
///            geometric_median all of them jointly (scale the axes to compare).
/// Ranges     1 <= quorum <= m; margin >= 0: items so near to the highest score are level with it.
/// Errors     m = 0; no axis; quorum, margin; those of the aggregate for m rows.
/// Guarantee  the aggregate's: one liar among the judges moves an item as far as one row moves it. An item with fewer than
///            `quorum` judges has no score and is never the best. Of level items none is the best: they are named.
/// Effective  m judges of one correlation r tell as much as m / (1 + (m - 1) r) independent ones, m for r <= 0, never more.
///            r is the mean over pairs of judges of the correlation of their errors, score less panel, over the items for which
///            both count, three or more; of an axis alone. Errors that do not vary: of both, r = 1, for such judges cannot be
///            told apart; of one, 0. A judge who counts for nothing is not among the m; one alone is 1; no pair with three
///            items in common: NaN. What all judges err in alike is the panel's own error, and not seen; camps that err against
///            each other cancel.
/// Cost       the aggregate for each of k items, and O(a m^2 k).
/// NaN        a judge whose scores of an item are not all finite has failed, and is absent there; so it is under skip_nan.
/// Weights    no weighted form.                 Ties  within `margin` of the highest: as above.
/// Source     Kish, Survey sampling, 1965 (the design effect).
/// Example    examples/panel.cpp
struct panel {
  Index quorum = 1;
  double margin = 0;

  static constexpr int reads = detail::skips_nan;
  static constexpr void parameters(auto& op, auto visit) { visit("quorum", op.quorum), visit("margin", op.margin); }
  void check(Index m) const {
    if (quorum < 1 || quorum > m) detail::refuse(*this, "needs 1 <= quorum <= m", {{"quorum", quorum}, {"m", m}});
    if (!(margin >= 0)) detail::refuse(*this, "needs margin >= 0", {{"margin", margin}});
  }

  template <class Op, any_reports R>
  panel_report operator()(Op const& op, R const& scores) const {
    return judge(op, 1, [&](Index) -> R const& { return scores; });
  }
  template <class Op, cubes C>
  panel_report operator()(Op const& op, C const& axes) const {
    if (!axes.valid() || axes.size() == 0)
      detail::refuse(*this, "needs a cube of one table for each axis", {{"rows", axes.length()}, {"axes", axes.size()}});
    return judge(op, axes.size(), [&](Index axis) { return axes[axis]; });
  }

 private:
  static constexpr double nan = std::numeric_limits<double>::quiet_NaN();

  template <class Op>
  panel_report judge(Op const& op, Index axes, auto const& axis_of) const {
    static_assert(aggregate<Op>, "robagg: a panel needs an aggregate, or a pipe that ends in one");
    Index const m = axis_of(0).rows(), k = axis_of(0).cols();
    table<double> said(axes * m, k), opinions(m, axes);  // axis after axis; on one item
    for (Index a = 0; a < axes; ++a) {
      auto&& layer = axis_of(a);
      auto&& entered = detail::enter(*this, layer);
      for (Index j = 0; j < m; ++j) detail::read_row(detail::plain_of(entered), j, 0, k, said.row(a * m + j).data());
    }
    detail::check_parameters(op, m);
    table<double> const none = table<double>::Constant(axes, k, nan);
    panel_report to{none, none, none, {}, std::vector<Index>(static_cast<std::size_t>(m)), {}, {}, {}, {}, {}};
    workspace ws;
    Eigen::VectorXd score(axes), spread(axes);
    for (Index i = 0; i < k; ++i) {
      std::vector<Index> counting;
      for (Index j = 0; j < m; ++j) {
        for (Index a = 0; a < axes; ++a) opinions(j, a) = said(a * m + j, i);
        if (opinions.row(j).allFinite()) {
          counting.push_back(j);
        } else {
          opinions.row(j).setConstant(nan);
          ++to.failed[static_cast<std::size_t>(j)];
          for (Index a = 0; a < axes; ++a) said(a * m + j, i) = nan;
        }
      }
      to.judges.push_back(static_cast<Index>(counting.size()));
      score.setConstant(nan);
      if (!counting.empty()) {
        auto const present = subset(opinions, counting);
        median_absolute_deviation{}.into(present, spread, ws);
        to.deviation.col(i) = spread;
        for (Index a = 0; a < axes; ++a) {
          auto const [low, high] = std::minmax_element(counting.begin(), counting.end(),
                                                       [&](Index p, Index q) { return opinions(p, a) < opinions(q, a); });
          to.range(a, i) = opinions(*high, a) - opinions(*low, a);
        }
        if (to.judges.back() >= quorum) {
          if constexpr (detail::accepts<Op, decltype(skip_nan(opinions))>()) {
            op.into(skip_nan(opinions), score, ws);  // parameters that name judges name the same ones
          } else {
            op.into(present, score, ws);
          }
        }
      }
      score.hasNaN() ? to.unjudged.push_back(i) : void(to.scores.col(i) = score);
    }
    to.correlation.resize(axes);
    to.effective.resize(axes);
    for (Index a = 0; a < axes; ++a) {
      choose(to, a);
      detail::errors_of_judges const errors(said.middleRows(a * m, m), to.scores.row(a));
      to.correlation(a) = errors.mean_correlation();
      to.effective(a) = errors.effective();
    }
    return to;
  }

  void choose(panel_report& to, Index axis) const {
    double highest = -std::numeric_limits<double>::infinity();
    std::vector<Index> level;
    for (Index i = 0; i < to.scores.cols(); ++i) highest = std::max(highest, to.scores(axis, i));  // NaN is not higher
    for (Index i = 0; i < to.scores.cols(); ++i) {
      if (to.scores(axis, i) == highest || to.scores(axis, i) >= highest - margin) level.push_back(i);
    }
    to.best.push_back(level.size() == 1 ? level[0] : -1);
    to.tied.push_back(level.size() == 1 ? std::vector<Index>{} : level);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

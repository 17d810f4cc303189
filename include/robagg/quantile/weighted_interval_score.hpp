// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/table/output.hpp"
#include "../scores.hpp"
#include "detail/forecasts.hpp"
#include "detail/pinball_sum.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// The weighted interval score of one forecast and what it is made of.
struct interval_score_parts {
  double score = 0, dispersion = 0, underprediction = 0, overprediction = 0;
};

/// The weighted interval score: twice the mean pinball loss over the levels; with its parts, from central intervals.
///
/// Shapes     n forecasts x r levels, n outcomes -> n scores; parts() n times a score and its dispersion, under- and
///            overprediction, which add up to it.
/// Ranges     levels in (0, 1), ascending for parts(), where tau and 1 - tau make an interval (to 1e-9); median_weight: 1/2, or
///            1 to count the median like an interval.
/// Errors     other lengths; levels out of range; median_weight not above 0; for parts(), or median_weight other than 1/2, a
/// level
///            without its partner, and for parts() quantiles that cross.
/// Guarantee  proper; |y - m| for a forecast that is all m. The outcome below the lower bound is overprediction.
/// Cost       O(n r).                                    NaN  propagates.   Ties  none.
/// Source     Bracher, Ray, Gneiting and Reich, 2021.    Example  examples/quantile_ensemble.cpp
struct weighted_interval_score {
  list<double> levels;
  double median_weight = .5;

  static constexpr void parameters(auto& op, auto visit) {
    visit("levels", op.levels), visit("median_weight", op.median_weight);
  }
  template <reports Q, class Y>
  void into(Q const& given, Y const& y, auto&& out, workspace& ws) const {
    auto&& q = detail::readable(given);
    detail::check_forecasts(*this, q, y, levels);
    auto const scope = ws.scope();
    list<Index> const partner = median_weight != .5 ? partners(ws) : list<Index>();
    detail::fit_vector(*this, out, q.rows(), "n");
    if (median_weight != .5) {
      for (Index i = 0; i < q.rows(); ++i) {
        double const score = parts_of(q, i, static_cast<double>(detail::score_at(y, i)), partner).score;
        detail::store(out, i, &score, 1);
      }
      return;
    }
    using T = detail::wide_of<Q>;
    detail::pinball_sum<T> const sum(levels, ws);
    T* const row = ws.take<T>(q.cols());
    double const scale = 2 / static_cast<double>(q.cols());
    constexpr Index some = 256;
    double* const scores = ws.take<double>(some);
    for (Index o = 0; o < q.rows(); o += some) {
      Index const n = std::min(some, q.rows() - o);
      for (Index i = 0; i < n; ++i)
        scores[i] = scale * sum(detail::row_piece(q, o + i, 0, q.cols(), row), static_cast<double>(detail::score_at(y, o + i)));
      detail::store(out, o, scores, n);
    }
  }
  template <reports Q, class Y>
  Eigen::VectorXd operator()(Q const& q, Y const& y) const {
    workspace ws;
    Eigen::VectorXd out;
    into(q, y, out, ws);
    return out;
  }
  template <reports Q, class Y>
  std::vector<interval_score_parts> parts(Q const& given, Y const& y) const {
    auto&& q = detail::readable(given);
    detail::check_forecasts(*this, q, y, levels);
    workspace ws;
    auto const partner = partners(ws);
    std::vector<interval_score_parts> out;
    for (Index i = 0; i < q.rows(); ++i) {
      for (Index k = 1; k < q.cols(); ++k) {
        if (q(i, k) < q(i, k - 1))
          detail::refuse(*this, "needs quantiles that do not cross: isotonic or rearrange repair them",
                         {{"row", i}, {"column", k}});
      }
      out.push_back(parts_of(q, i, static_cast<double>(detail::score_at(y, i)), partner));
    }
    return out;
  }

 private:
  list<Index> partners(workspace& ws) const {
    if (!(median_weight > 0) || !std::isfinite(median_weight))
      detail::refuse(*this, "needs a finite median_weight > 0", {{"median_weight", median_weight}});
    Index* const partner = ws.take<Index>(levels.size());
    for (Index k = 0; k < levels.size(); ++k) {
      partner[k] = -1;
      for (Index l = 0; l < levels.size(); ++l) {
        if (std::abs(levels[k] + levels[l] - 1) <= 1e-9) partner[k] = l;
      }
      if (partner[k] < 0)
        detail::refuse(*this, "needs a level 1 - tau for each level tau", {{"column", k}, {"level", levels[k]}});
      if (k > 0 && !(levels[k - 1] < levels[k]))
        detail::refuse(*this, "needs ascending levels", {{"column", k}, {"level", levels[k]}});
    }
    return {partner, levels.size()};
  }
  template <class Q>
  interval_score_parts parts_of(Q const& q, Index i, double y, list<Index> partner) const {
    interval_score_parts s;
    double intervals = 0;
    for (Index k = 0; k < levels.size(); ++k) {
      double const low = static_cast<double>(q(i, k)), high = static_cast<double>(q(i, partner[k]));
      if (partner[k] < k) continue;
      if (partner[k] == k) {
        (y < low ? s.overprediction : s.underprediction) += median_weight * std::abs(y - low);
        intervals += median_weight;
      } else {
        s.dispersion += levels[k] * (high - low);
        s.overprediction += std::max(low - y, 0.);
        s.underprediction += std::max(y - high, 0.);
        intervals += 1;
      }
      s.score += 0 * (low + high + y);  // NaN stays
    }
    s.dispersion /= intervals;
    s.overprediction /= intervals;
    s.underprediction /= intervals;
    s.score += s.dispersion + s.overprediction + s.underprediction;
    return s;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

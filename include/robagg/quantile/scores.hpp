// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../detail/columns.hpp"
#include "../detail/combine.hpp"
#include "../detail/pinball.hpp"
#include "../detail/select.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace robagg::inline ROBAGG_ABI {
namespace detail {

template <class Op, class Q, class Y>
void check_forecasts(Op const& op, Q const& q, Y const& y, list<double> levels) {
  if (static_cast<Index>(y.size()) != q.rows()) refuse(op, "needs an outcome for each row", {{"rows", q.rows()}, {"outcomes", static_cast<Index>(y.size())}});
  if (levels.size() != q.cols() || levels.empty()) refuse(op, "needs a level for each column", {{"levels", levels.size()}, {"columns", q.cols()}});
  for (Index k = 0; k < levels.size(); ++k) {
    if (!(levels[k] > 0 && levels[k] < 1)) refuse(op, "needs levels in (0, 1)", {{"column", k}, {"level", levels[k]}});
  }
}
template <class Op, class L, class U, class Y>
Index check_intervals(Op const& op, L const& lower, U const& upper, Y const& y) {
  auto const n = static_cast<Index>(y.size()), low = static_cast<Index>(lower.size()), high = static_cast<Index>(upper.size());
  if (n < 1 || low != n || high != n) refuse(op, "needs as many bounds as outcomes, and one at least", {{"lower", low}, {"upper", high}, {"outcomes", n}});
  return n;
}

}  // namespace detail

/// The pinball (check, quantile) loss of quantile forecasts: max(tau e, (tau - 1) e) for e = y - q.
///
/// Shapes     n forecasts x r levels, n outcomes -> n x r losses.      Ranges  levels in (0, 1), one a column, in any order.
/// Errors     other lengths; a level out of range.                     Guarantee  >= 0; 0 where the forecast is the outcome.
/// Cost       O(n r).                                                  NaN  propagates.   Ties  none.
/// Source     Koenker and Bassett, 1978.                               Example  examples/quantile_ensemble.cpp
struct pinball {
  list<double> levels;

  static constexpr void parameters(auto& op, auto visit) { visit("levels", op.levels); }
  template <reports Q, class Y>
  void into(Q const& given, Y const& y, auto&& out, workspace&) const {
    auto&& q = detail::readable(given);
    detail::check_forecasts(*this, q, y, levels);
    detail::fit_table(*this, out, q.rows(), q.cols());
    using S = std::remove_cvref_t<decltype(out.coeffRef(0, 0))>;
    for (Index i = 0; i < q.rows(); ++i) {
      double const outcome = static_cast<double>(detail::score_at(y, i));
      for (Index k = 0; k < q.cols(); ++k) out.coeffRef(i, k) = detail::converted<S>(detail::pinball_loss(levels[k], outcome, static_cast<double>(q(i, k))));
    }
  }
  template <reports Q, class Y>
  table<double> operator()(Q const& q, Y const& y) const {
    workspace ws;
    table<double> out;
    into(q, y, out, ws);
    return out;
  }
};

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
/// Errors     other lengths; levels out of range; median_weight not above 0; for parts(), or median_weight other than 1/2, a level
///            without its partner, and for parts() quantiles that cross.
/// Guarantee  proper; |y - m| for a forecast that is all m. The outcome below the lower bound is overprediction.
/// Cost       O(n r).                                    NaN  propagates.   Ties  none.
/// Source     Bracher, Ray, Gneiting and Reich, 2021.    Example  examples/quantile_ensemble.cpp
struct weighted_interval_score {
  list<double> levels;
  double median_weight = .5;

  static constexpr void parameters(auto& op, auto visit) { visit("levels", op.levels), visit("median_weight", op.median_weight); }
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
      for (Index i = 0; i < n; ++i) scores[i] = scale * sum(detail::row_piece(q, o + i, 0, q.cols(), row), static_cast<double>(detail::score_at(y, o + i)));
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
        if (q(i, k) < q(i, k - 1)) detail::refuse(*this, "needs quantiles that do not cross: isotonic or rearrange repair them", {{"row", i}, {"column", k}});
      }
      out.push_back(parts_of(q, i, static_cast<double>(detail::score_at(y, i)), partner));
    }
    return out;
  }

 private:
  list<Index> partners(workspace& ws) const {
    if (!(median_weight > 0) || !std::isfinite(median_weight)) detail::refuse(*this, "needs a finite median_weight > 0", {{"median_weight", median_weight}});
    Index* const partner = ws.take<Index>(levels.size());
    for (Index k = 0; k < levels.size(); ++k) {
      partner[k] = -1;
      for (Index l = 0; l < levels.size(); ++l) {
        if (std::abs(levels[k] + levels[l] - 1) <= 1e-9) partner[k] = l;
      }
      if (partner[k] < 0) detail::refuse(*this, "needs a level 1 - tau for each level tau", {{"column", k}, {"level", levels[k]}});
      if (k > 0 && !(levels[k - 1] < levels[k])) detail::refuse(*this, "needs ascending levels", {{"column", k}, {"level", levels[k]}});
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
        (y < low ? s.overprediction : s.underprediction) += median_weight * std::abs(y - low), intervals += median_weight;
      } else {
        s.dispersion += levels[k] * (high - low), s.overprediction += std::max(low - y, 0.), s.underprediction += std::max(y - high, 0.), intervals += 1;
      }
      s.score += 0 * (low + high + y);  // NaN stays
    }
    s.dispersion /= intervals, s.overprediction /= intervals, s.underprediction /= intervals;
    s.score += s.dispersion + s.overprediction + s.underprediction;
    return s;
  }
};

/// The score of a central interval [lower, upper] of coverage 1 - miscoverage: its width, and 2 / miscoverage times how far the
/// outcome is outside.   Source  Gneiting and Raftery, 2007.
inline double interval_score(double lower, double upper, double y, double miscoverage) {
  return (upper - lower) + 2 / miscoverage * (std::max(lower - y, 0.) + std::max(y - upper, 0.)) + 0 * y;
}

/// The share of outcomes that are in their intervals [lower, upper], bounds included; NaN is in none.
/// Errors  other lengths; none.
struct interval_coverage {
  static constexpr void parameters(auto&, auto) {}
  template <class L, class U, class Y>
  double operator()(L const& lower, U const& upper, Y const& y) const {
    Index const n = detail::check_intervals(*this, lower, upper, y);
    Index inside = 0;
    for (Index i = 0; i < n; ++i) {
      auto const outcome = detail::score_at(y, i);
      inside += detail::score_at(lower, i) <= outcome && outcome <= detail::score_at(upper, i);
    }
    return static_cast<double>(inside) / static_cast<double>(n);
  }
};

/// The mean width of intervals: of two that cover alike, the narrower says more.
/// Errors  other lengths; none.      NaN  propagates.
struct interval_width {
  static constexpr void parameters(auto&, auto) {}
  template <class L, class U>
  double operator()(L const& lower, U const& upper) const {
    Index const n = detail::check_intervals(*this, lower, upper, upper);
    double sum = 0;
    for (Index i = 0; i < n; ++i) sum += static_cast<double>(detail::score_at(upper, i)) - static_cast<double>(detail::score_at(lower, i));
    return sum / static_cast<double>(n);
  }
};

/// How much quantiles cross: the mean over rows and pairs of levels l < h of max(0, q_l - q_h + margin).
/// Source  the margin loss of Fakoor et al., 2023, from its code.
template <reports Q>
double crossing_penalty(Q const& given, double margin = 0) {
  auto&& q = detail::readable(given);
  double sum = 0;
  for (Index i = 0; i < q.rows(); ++i) {
    for (Index h = 1; h < q.cols(); ++h) {
      for (Index l = 0; l < h; ++l) sum += std::max(0., static_cast<double>(q(i, l)) - static_cast<double>(q(i, h)) + margin);
    }
  }
  double const pairs = static_cast<double>(q.rows()) * static_cast<double>(q.cols() * (q.cols() - 1) / 2);
  return pairs > 0 ? sum / pairs : 0;
}

/// The continuous ranked probability score of a sample: mean |x - y| less half the mean |x - x'|.
///
/// Shapes     n forecasts x m sampled values, n outcomes -> n scores. From quantiles, weighted_interval_score is its rectangle rule.
/// Ranges     fair: pairs of different members alone, unbiased for the distribution they are drawn from; NaN for m = 1.
/// Errors     other lengths; no samples.                 Guarantee  proper; >= 0 unless fair.
/// Cost       O(n m log m).                              NaN  propagates.   Ties  none.
/// Source     Gneiting and Raftery, 2007; Ferro, 2014.   Example  examples/quantile_ensemble.cpp
struct crps {
  bool fair = false;

  static constexpr void parameters(auto& op, auto visit) { visit("fair", op.fair); }
  template <reports Q, class Y>
  void into(Q const& given, Y const& y, auto&& out, workspace& ws) const {
    auto&& samples = detail::readable(given);
    if (static_cast<Index>(y.size()) != samples.rows()) detail::refuse(*this, "needs an outcome for each row", {{"rows", samples.rows()}, {"outcomes", static_cast<Index>(y.size())}});
    Index const m = samples.cols();
    if (m < 1) detail::refuse(*this, "needs at least one sample", {{"samples", m}});
    detail::fit_vector(*this, out, samples.rows(), "n");
    auto const scope = ws.scope();
    double* const x = ws.take<double>(m);
    auto const count = static_cast<double>(m);
    for (Index i = 0; i < samples.rows(); ++i) {
      double distance = 0, spread = 0;
      bool known = true;
      for (Index k = 0; k < m; ++k) {
        x[k] = static_cast<double>(samples(i, k)), known = known && x[k] == x[k];
        distance += std::abs(x[k] - static_cast<double>(detail::score_at(y, i)));
      }
      if (known) std::sort(x, x + m);
      for (Index k = 0; k < m; ++k) spread += static_cast<double>(2 * k + 1 - m) * x[k];
      double const score = distance / count - spread / (fair ? count * (count - 1) : count * count);
      detail::store(out, i, &score, 1);
    }
  }
  template <reports Q, class Y>
  Eigen::VectorXd operator()(Q const& samples, Y const& y) const {
    workspace ws;
    Eigen::VectorXd out;
    into(samples, y, out, ws);
    return out;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

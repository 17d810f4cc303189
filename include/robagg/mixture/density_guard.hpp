// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../detail/columns/places.hpp"
#include "../detail/table/check.hpp"
#include "../scores.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// What is known of where data lie, from density_guard{}.fit(data): asked about other points.
struct density_support {
  table<double> points;             ///< the data, rescaled
  Eigen::VectorXd densities;        ///< of the data themselves
  Eigen::VectorXd offset, scale;    ///< a feature counts as (x - offset) scale
  double sigma = 1, threshold = 0;  ///< supported: density >= threshold

  /// n points -> their n densities.
  template <any_reports Q>
  Eigen::VectorXd density(Q const& queries) const;
  /// n points -> for each whether it is supported.
  template <any_reports Q>
  std::vector<char> supports(Q const& queries) const {
    Eigen::VectorXd const at = density(queries);
    std::vector<char> mask;
    for (double const v : at) mask.push_back(v >= threshold);
    return mask;
  }
  /// The point with the highest score among those that are supported, -1 where none is. NaN never wins; ties go to the first.
  template <any_reports Q, detail::scores V>
  Index best(Q const& queries, V const& scores) const;
  /// The densest point, for those who must choose where nothing is supported; of no points -1.
  template <any_reports Q>
  Index densest(Q const& queries) const {
    Eigen::VectorXd const at = density(queries);
    return at.size() == 0 ? -1 : std::max_element(at.data(), at.data() + at.size()) - at.data();
  }
};

/// Keeps choices where there are data: a point is supported where the data are as dense as around all but the loneliest of
/// themselves; then the best of what is supported, and nothing where nothing is.
///
/// Shapes     n points x d features -> a density_support, which answers about m points x d features.
/// Ranges     sigma > 0 and finite, the kernel's width in rescaled units; 0 <= quantile <= 1, of the data's own densities, at
///            rank 1 + (n - 1) quantile as NumPy has it. rescale: features to [-1, 1] by their range, one without range as it
///            is. leave_one_out: a point says nothing about its own density, without which every point is dense.
/// Errors     a parameter out of range; a feature that is NaN or infinite, of the data or of queries; another number of
///            features; n = 0, or 1 with leave_one_out.
/// Guarantee  at least 1 - quantile of the data are supported where leave_one_out is false; what is more than 39 sigma from
///            all data never is (its density is 0) unless the threshold is.
/// Cost       O(n^2 d) to fit, O(n d) a query: an exponential a pair. Holds n d doubles.
/// NaN        refused.     Weights  no weighted form.     Ties  a density equal to the threshold is supported.
/// Source     the guardian of OGSRL (2025), from its code: {.leave_one_out = false}. Densities are divided by sigma sqrt(2
///            pi) whatever d is, as there: only comparisons count.     Example  examples/mixtures.cpp
struct density_guard {
  double sigma = .535;
  double quantile = .05;
  bool leave_one_out = true;
  bool rescale = true;

  static constexpr int reads = detail::plain;
  static constexpr void parameters(auto& op, auto visit) {
    visit("sigma", op.sigma), visit("quantile", op.quantile);
    visit("leave_one_out", op.leave_one_out), visit("rescale", op.rescale);
  }
  void check(Index n) const {
    if (!(sigma > 0) || !std::isfinite(sigma)) detail::refuse(*this, "needs a finite sigma > 0", {{"sigma", sigma}});
    if (!(quantile >= 0 && quantile <= 1)) detail::refuse(*this, "needs 0 <= quantile <= 1", {{"quantile", quantile}});
    if (leave_one_out && n < 2) detail::refuse(*this, "needs two points or more to leave one out", {{"n", n}});
  }

  template <any_reports R>
  density_support fit(R const& data) const {
    auto&& entered = detail::enter(*this, data);
    auto const& x = detail::plain_of(entered);
    Index const n = x.rows(), d = x.cols();
    density_support to{table<double>(n, d), Eigen::VectorXd(n), Eigen::VectorXd::Zero(d), Eigen::VectorXd::Ones(d), sigma};
    for (Index j = 0; j < d; ++j) {
      double low = std::numeric_limits<double>::infinity(), high = -low;
      for (Index i = 0; i < n; ++i) {
        double const v = to.points(i, j) = static_cast<double>(x(i, j));
        if (!std::isfinite(v)) detail::refuse(*this, "needs finite features", {{"point", i}, {"feature", j}, {"value", v}});
        low = std::min(low, v);
        high = std::max(high, v);
      }
      double const half = high / 2 - low / 2;
      if (rescale && half > 0) {
        to.offset(j) = low + half;
        to.scale(j) = 1 / half;
      }
      for (Index i = 0; i < n; ++i) to.points(i, j) = (to.points(i, j) - to.offset(j)) * to.scale(j);
    }
    for (Index i = 0; i < n; ++i) to.densities(i) = at(to, to.points.row(i), leave_one_out ? i : -1);
    Eigen::VectorXd sorted = to.densities;
    std::sort(sorted.data(), sorted.data() + n);
    auto const [rank, share] = detail::place_of(quantile_rule::linear, quantile, static_cast<double>(n));
    auto const below = static_cast<Index>(rank), above = std::min(below + 1, n - 1);
    to.threshold = sorted(below) + share * (sorted(above) - sorted(below));
    return to;
  }

  /// The mean of the kernel around all points but one.
  static double at(density_support const& of, auto const& point, Index without) {
    Index const n = of.points.rows();
    double sum = 0;
    for (Index i = 0; i < n; ++i) {
      if (i == without) continue;
      double squares = 0;
      for (Index j = 0; j < of.points.cols(); ++j) {
        double const gap = (point(j) - of.points(i, j)) / of.sigma;
        squares += gap * gap;
      }
      sum += std::exp(-.5 * squares);
    }
    constexpr double root_of_two_pi = 2.5066282746310005;
    return sum / static_cast<double>(without < 0 ? n : n - 1) / (of.sigma * root_of_two_pi);
  }
};

template <any_reports Q>
Eigen::VectorXd density_support::density(Q const& queries) const {
  auto&& x = detail::plain_of(detail::readable(queries));
  Index const m = x.rows(), d = x.cols();
  density_guard const who{sigma};
  if (d != points.cols())
    detail::refuse(who, "needs the features of its data", {{"features", d}, {"of the data", points.cols()}});
  Eigen::VectorXd to(m), point(d);
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < d; ++j) {
      double const v = static_cast<double>(x(i, j));
      if (!std::isfinite(v)) detail::refuse(who, "needs finite features", {{"point", i}, {"feature", j}, {"value", v}});
      point(j) = (v - offset(j)) * scale(j);
    }
    to(i) = density_guard::at(*this, point, -1);
  }
  return to;
}
template <any_reports Q, detail::scores V>
Index density_support::best(Q const& queries, V const& scores) const {
  Index const m = queries.rows(), given = static_cast<Index>(scores.size());
  if (given != m) detail::refuse(density_guard{sigma}, "needs a score for each point", {{"points", m}, {"scores", given}});
  auto const mask = supports(queries);
  workspace ws;
  auto const* const score = detail::score_values(scores, ws);
  Index best = -1;
  for (Index i = 0; i < m; ++i) {
    if (mask[static_cast<std::size_t>(i)] == 0 || score[i] != score[i]) continue;
    if (best < 0 || score[i] > score[best]) best = i;
  }
  return best;
}

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/geometry/moving_point.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// Where an iteration starts: inside the data (its most central report), or at the origin.
enum class start { inside, origin };
constexpr std::array<std::string_view, 2> enumerators(start) { return {"inside", "origin"}; }

/// The point with the least sum of distances to the reports.
///
/// Shapes     n x d reports -> d.
/// Ranges     smoothing >= 0 (0 is the true median; above it, distances below `smoothing` count as
///            `smoothing`); tolerance >= 0; max_iterations >= 0. start::inside is the report with the least sum of
///            distances or, along the columns, the one nearest to the median of 32 of them.
/// Errors     a parameter out of range; n = 0.
/// Guarantee  |result - mean of any n-f|^2 <= 4 (1 + f/(n-2f))^2 times their mean squared deviation
///            while f < n/2 rows lie, for the exact median. Stops when the unit vectors towards the
///            reports cancel to within `tolerance` of their number, so that the sum of distances is
///            within a share of 2 tolerance of the least one; tolerance 0 runs exactly max_iterations.
/// Cost       between rows one read for the geometry, O(n^2 d), O(n^2) an iteration, one read for the result; along the
///            columns, where rows are many, one read of O(n d) an iteration on one thread and two with an executor.
///            `iterate` says which; automatic follows from n, d and max_iterations. In pipes and states: between rows.
/// NaN        rows without a geometry (non-finite) weigh nothing; if they are half of the weight or
///            more, every column is NaN.
/// Weights    the weighted sum of distances.  Ties  an even number of reports on a line has many medians:
///            one of them.
/// Source     Weiszfeld; Vardi and Zhang 2000 (an iterate that meets a report); Pillutla et al. 2022.
///            byzfl's is {.smoothing = 0.1, .tolerance = 0, .max_iterations = 3, .start = start::origin}.
/// Example    examples/federated_round.cpp
struct geometric_median {
  double smoothing = 0;
  double tolerance = 1e-6;
  Index max_iterations = 1000;
  robagg::start start = robagg::start::inside;
  robagg::iterate iterate = robagg::iterate::automatic;

  static constexpr int reads = detail::has_weights | detail::has_origin;
  static constexpr void parameters(auto& op, auto visit) {
    visit("smoothing", op.smoothing), visit("tolerance", op.tolerance);
    visit("max_iterations", op.max_iterations), visit("start", op.start), visit("iterate", op.iterate);
  }

  void check(Index) const {
    if (!(smoothing >= 0) || !std::isfinite(smoothing)) {
      detail::refuse(*this, "needs a finite smoothing >= 0", {{"smoothing", smoothing}});
    }
    if (!(tolerance >= 0)) detail::refuse(*this, "needs tolerance >= 0", {{"tolerance", tolerance}});
    if (max_iterations < 0) detail::refuse(*this, "needs max_iterations >= 0", {{"max_iterations", max_iterations}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::combine(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// The median as a mixture of the reports; what is missing to 1 is the origin's.
  geometry::vector weights(geometry const& g, workspace& ws) const {
    detail::progress unused;
    return weights(g, ws, unused);
  }
  geometry::vector weights(geometry const& g, workspace& ws, detail::progress& seen) const {
    Index const n = g.rows();
    auto result = ws.vector<double>(n);
    auto const scope = ws.scope();
    auto alpha = ws.vector<double>(n);       // the reports' weights, 0 without a geometry
    auto z = ws.vector<double>(n + 1);       // the iterate, as a mixture of the reports and the origin
    auto target = ws.vector<double>(n + 1);  // where Weiszfeld's step leads
    auto Gz = ws.vector<double>(n + 1);
    for (Index i = 0; i < n; ++i) alpha(i) = g.located(i) ? g.weight(i) : 0;
    double const total = detail::sum(alpha);
    if (!(2 * total > (1 + g.weight_rounding()) * g.total_weight())) {
      result.setConstant(std::numeric_limits<double>::quiet_NaN());
      return result;
    }
    z.setZero();
    z(start == robagg::start::origin ? g.origin() : most_central(g, alpha)) = 1;

    seen = {0, tolerance == 0};
    for (; seen.iterations < max_iterations; ++seen.iterations) {
      detail::multiply(g.products(), z, Gz);
      double const square = detail::dot(z, Gz);
      double sum = 0, here = 0;  // of the pulls, and the weight of reports that z has met
      target.setZero();
      for (Index i = 0; i < n; ++i) {
        if (alpha(i) == 0) continue;
        double const own = g.inner(i, i), gap = std::max(0., own - 2 * Gz(i) + square);
        bool const met = smoothing == 0 && gap <= 1e-15 * (own + square);
        if (met) here += alpha(i);
        target(i) = met ? 0 : alpha(i) / std::max(std::sqrt(gap), smoothing);
        sum += target(i);
      }
      seen.converged = true;
      if (sum == 0) break;  // all weight is here
      target /= sum;
      target -= z;  // now the step
      detail::multiply(g.products(), target, Gz);
      double const pull = sum * std::sqrt(std::max(0., detail::dot(target, Gz)));
      if (pull <= here) break;  // the others together cannot draw z off the report it has met
      z += (1 - here / pull) * target;
      if (tolerance > 0 && pull - here <= tolerance * total) break;
      seen.converged = tolerance == 0;
    }
    result = z.head(n);
    return result;
  }

  bool along_columns(Index n, Index d) const {
    return detail::goes_along_columns(iterate, n, d, std::min<Index>(max_iterations, 7));  // as many as are usual
  }
  /// The same of a point that moves along the columns.
  bool run(auto& z, detail::progress& seen) const {
    bool sees = false;
    if (start == robagg::start::origin) {
      z.start_at_origin();
      sees = z.look();
    }
    if (!sees && !z.start_inside()) return false;
    double const total = z.total_weight();
    seen = {0, tolerance == 0};
    for (; seen.iterations < max_iterations; ++seen.iterations) {
      double sum = 0, here = 0, pull = 0;  // as in weights
      do {
        sum = 0;
        here = 0;
        pull = z.pull([&](Index i, double gap) {
          bool const met = smoothing == 0 && z.met(i);
          if (met) here += z.weight(i);
          return met ? 0 : z.weight(i) / std::max(std::sqrt(gap), smoothing);
        });
        for (Index i = 0; i < z.rows(); ++i) sum += z.pulled(i);
      } while (here > 0 && z.came_near());
      seen.converged = true;
      if (sum == 0 || pull <= here) break;
      z.move((here > 0 ? 1 - here / pull : 1) / sum);
      if (tolerance > 0 && pull - here <= tolerance * total) break;
      seen.converged = tolerance == 0;
    }
    return true;
  }

 private:
  // The report with the least sum of distances: every later iterate has a smaller one, so that the
  // iteration never meets a report again.
  static Index most_central(geometry const& g, auto const& alpha) {
    Index best = 0;
    double least = detail::infinity;
    for (Index i = 0; i < g.rows(); ++i) {
      double sum = 0;
      for (Index k = 0; k < g.rows() && alpha(i) > 0; ++k) {
        if (alpha(k) > 0) sum += alpha(k) * std::sqrt(g.squared_distance(i, k));
      }
      if (alpha(i) > 0 && sum < least) {
        least = sum;
        best = i;
      }
    }
    return best;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

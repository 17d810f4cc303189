// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "quantile_averaging.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Quantile averaging with one weight a model for very many observations: multiplicative steps, the mean of all iterates, in
/// memory for a few vectors of weights besides the data.
///
/// Shapes     as quantile_averaging::fit: a cube of observations x (models x levels), outcomes, weights if wanted -> a fit.
/// Ranges     levels in (0, 1); iterations >= 1; tolerance: of the certified gap, relative, at which it stops early.
/// Errors     as quantile_averaging.
/// Guarantee  weights >= 0 with sum 1; the gap is proved, from the mean of the subgradients. After 1,000 iterations the
/// objective is
///            usually within 1e-5 of the optimum, and proved to be within 1e-3.
/// Cost       O(n p r) an iteration: one read of the forecasts.
/// NaN        refused.   Ties  none.
/// Source     Kivinen and Warmuth, 1997; steps as in AdaGrad.      Example  examples/quantile_ensemble.cpp
struct exponentiated_gradient {
  list<double> levels;
  Index iterations = 1000;
  double tolerance = 1e-3;

  static constexpr void parameters(auto& op, auto visit) {
    visit("levels", op.levels), visit("iterations", op.iterations), visit("tolerance", op.tolerance);
  }

  template <cubes C, class Y>
  quantile_averaging_fit fit(C const& forecasts, Y const& y) const {
    return fit(forecasts, y, Eigen::VectorXd::Ones(static_cast<Index>(y.size())).eval());
  }
  template <cubes C, class Y, class W>
  quantile_averaging_fit fit(C const& forecasts, Y const& y, W const& observation_weights) const {
    if (iterations < 1) detail::refuse(*this, "needs iterations >= 1", {{"iterations", iterations}});
    Index const n = forecasts.size(), r = levels.size();
    detail::check_averaging(*this, forecasts, y, observation_weights, levels);
    Index const p = forecasts[0].rows();
    double const infinite = std::numeric_limits<double>::infinity();
    Eigen::ArrayXd w = Eigen::ArrayXd::Constant(p, 1 / static_cast<double>(p)), mean = Eigen::ArrayXd::Zero(p), logs = mean,
                   pulls = mean, gradient(p);
    double squares = 0, best_bound = -infinite;
    quantile_averaging_fit out;
    // The objective at some weights, and its gradient in them: of forecasts less outcomes, since the weights sum to 1.
    auto const objective = [&](Eigen::ArrayXd const& at) {
      double sum = 0;
      gradient.setZero();
      for (Index i = 0; i < n; ++i) {
        auto const x = forecasts[i];
        double const c = static_cast<double>(detail::score_at(observation_weights, i)),
                     outcome = static_cast<double>(detail::score_at(y, i));
        if (c == 0) continue;
        for (Index k = 0; k < r; ++k) {
          double e = 0;
          for (Index j = 0; j < p; ++j) e -= at[j] * (static_cast<double>(x(j, k)) - outcome);
          double const slope = c * (e < 0 ? 1 - levels[k] : -levels[k]);
          sum -= slope * e;
          for (Index j = 0; j < p; ++j) gradient[j] += slope * (static_cast<double>(x(j, k)) - outcome);
        }
      }
      return sum;
    };
    for (out.iterations = 1;; ++out.iterations) {
      objective(w);
      pulls += gradient;
      mean += (w - mean) / static_cast<double>(out.iterations);
      best_bound = std::max(best_bound, pulls.minCoeff() / static_cast<double>(out.iterations));
      squares += std::pow(gradient.maxCoeff() - gradient.minCoeff(), 2);
      if (!std::isfinite(squares)) break;
      bool const looks = out.iterations % 50 == 0 || out.iterations == iterations;
      if (squares > 0) logs -= std::sqrt(std::log(static_cast<double>(std::max<Index>(p, 2))) / squares) * 2 * gradient;
      w = (logs - logs.maxCoeff()).exp();
      w /= w.sum();
      if (looks) {
        out.objective = objective(mean);
        out.gap = std::max(0., out.objective - best_bound);
        if (out.gap <= tolerance * out.objective || out.iterations == iterations) break;
      }
    }
    bool const proved = out.gap <= tolerance * out.objective;
    out.status = !std::isfinite(squares + out.objective) ? fit_status::overflow
                 : proved                                ? fit_status::near_optimal
                                                         : fit_status::not_converged;
    out.weights = mean.matrix().replicate(1, r);
    out.intercepts = Eigen::VectorXd::Zero(r);
    return out;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

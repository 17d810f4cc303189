// SPDX-License-Identifier: BSL-1.0
// The maximum of a concave function to the last digits, from its gradient and curvature alone.
#pragma once

#include "../../detail/base/config.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

struct newton_end {
  double gradient = 0;  // its largest entry
  Index iterations = 0;
  bool converged = true;
};

// h becomes the Cholesky factor of the curvature, with as much on the diagonal as it takes: where likelihoods are flat, digits
// run out. Returns the trace, 0 where nothing helps.
template <class Model>
double factor(Model const& model, Eigen::VectorXd const& x, Eigen::MatrixXd& h) {
  for (double more = 0; more < 1; more = std::max(1e-12, more * 100)) {
    model.curvature(x, h);
    h.diagonal() *= 1 + more;
    h.diagonal().array() += more * h.diagonal().maxCoeff();
    double const trace = h.trace();
    if (Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> const llt(h); llt.info() == Eigen::Success) return trace;
  }
  return 0;
}
inline void solve_factored(Eigen::MatrixXd const& h, Eigen::VectorXd& v) {
  h.triangularView<Eigen::Lower>().solveInPlace(v);
  h.triangularView<Eigen::Lower>().adjoint().solveInPlace(v);
}

// Newton's method. A step is too long where the slope at its end is steep downhill: then it is cut by the secant. No values of
// the function are needed, which differ by less than their rounding long before the gradient is 0.
template <class Model>
newton_end maximise(Model const& model, Eigen::VectorXd& x) {
  Index const n = x.size();
  Eigen::VectorXd g(n), step(n), next(n), g_next(n);
  Eigen::MatrixXd h(n, n);
  newton_end end;
  end.converged = false;
  model.gradient(x, g);
  double before = std::numeric_limits<double>::infinity();
  for (end.iterations = 1; end.iterations <= 500; ++end.iterations) {
    double const trace = detail::factor(model, x, h);
    if (!(trace > 0)) break;
    step = g;
    detail::solve_factored(h, step);
    double const longest = step.lpNorm<Eigen::Infinity>();
    if (!std::isfinite(longest)) break;
    // What is left after such a step is below the last digit. Or the gradient is the rounding of its terms, which sum to
    // about the trace, and steps no longer shrink.
    bool const last = longest <= 1e-9 || (longest > before / 2 && g.lpNorm<Eigen::Infinity>() <= 1e-14 * trace);
    if (last) {
      end.converged = true;
      if (longest <= 1e-6) {
        x += step;
        model.gradient(x, g);
      }
      break;
    }
    before = longest;
    if (longest > 8) step *= 8 / longest;
    double const slope = g.dot(step);
    for (double t = 1; t > 1e-8;) {
      next = x + t * step;
      model.gradient(next, g_next);
      double const there = g_next.dot(step);
      if (there >= -.5 * slope) break;
      t *= std::isfinite(there) ? std::clamp(slope / (slope - there), .1, .7) : .1;
    }
    x.swap(next);
    g.swap(g_next);
  }
  end.gradient = g.lpNorm<Eigen::Infinity>();
  return end;
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/table/check.hpp"
#include "../detail/table/output.hpp"
#include "detail/simplex_quadratic.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// A mixture of options by its mean and variance over scenarios, and what is proved of it.
struct mean_variance {
  Eigen::VectorXd weights;  ///< of the options
  double mean = 0, variance = 0;
  double utility = 0;  ///< mean - gamma variance
  double gap = 0;      ///< no mixture has a utility above this one's by more, up to rounding
};

/// How to divide among options for a high mean over scenarios and a low variance: the s that maximises
/// mean(s) - gamma variance(s). Options whose results cancel each other share.
///
/// Shapes     n scenarios x d options -> d weights, >= 0 with sum 1; `solve` adds mean, variance, utility and gap.
/// Ranges     gamma >= 0 and finite; 0: the option with the highest mean.
/// Errors     values that are NaN or infinite, or whose square is not finite; gamma; n = 0, d = 0.
/// Guarantee  exact but for rounding: an active set, whose gap is proved by the slopes.
/// Cost       one read, O(n d^2), then O(k^3) a step for k options in use, about as many steps as there are options in the end.
///            Holds n d + 2 d^2 doubles.
/// NaN        refused.
/// Weights    the scenarios' probabilities, divided by their sum; 0 is absent. The variance has no n - 1.
/// Ties       the first option; of equal mixtures one, the same on every call.
/// Source     Markowitz, 1952. As the best response to opponents who play column k of a game with probability w_k (a row here),
///            the risk-averse equilibrium of Slumbers et al., 2023, as far as it could be known: docs/papers.md.
/// Example    examples/mixtures.cpp
struct mean_variance_mixture {
  required<real, "gamma"> gamma;

  static constexpr int reads = detail::has_weights;
  static constexpr void parameters(auto& op, auto visit) { visit("gamma", op.gamma); }
  void check(Index) const {
    if (!(gamma >= 0) || !std::isfinite(gamma.value)) detail::refuse(*this, "needs a finite gamma >= 0", {{"gamma", gamma}});
  }

  std::size_t scratch(auto const& r) const {
    Index const n = r.rows(), d = r.cols();
    return workspace::room<double>(n * d) + workspace::room<double>(d * d) + workspace::room<double>(n) +
           4 * workspace::room<double>(d) + detail::simplex_quadratic::scratch(d);
  }
  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    detail::need(*this, scratch(r), ws);
    auto const scope = ws.scope();
    double* const weights = ws.take<double>(r.cols());
    find(r, weights, ws);
    detail::fit_vector(*this, out, r.cols());
    detail::store(out, 0, weights, r.cols());
  }
  template <any_reports R>
  mean_variance solve(R const& r) const {
    workspace ws;
    detail::check_table(*this, r);
    Eigen::VectorXd weights(r.cols());
    mean_variance to = find(r, weights.data(), ws);
    to.weights = std::move(weights);
    return to;
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

 private:
  template <class R>
  mean_variance find(R const& r, double* s, workspace& ws) const {
    auto&& entered = detail::enter(*this, r);
    auto const& x = detail::plain_of(entered);
    Index const n = r.rows(), d = r.cols();
    if (d < 1) detail::refuse(*this, "needs at least one option", {{"d", d}});
    double *const apart = ws.take<double>(n * d), *const Q = ws.take<double>(d * d), *const p = ws.take<double>(n);
    double *const mean = ws.take<double>(d), *const c = ws.take<double>(d);
    detail::read_weights(r, p);
    double total = 0, largest = 0;
    for (Index k = 0; k < n; ++k) total += p[k];
    for (Index k = 0; k < n; ++k) p[k] /= total;
    for (Index j = 0; j < d; ++j) {
      mean[j] = 0;
      for (Index k = 0; k < n; ++k) {
        double const v = apart[k * d + j] = static_cast<double>(x(k, j));
        if (!(std::isfinite(v) && std::isfinite(v * v)))
          detail::refuse(*this, "needs finite values, and finite squares", {{"scenario", k}, {"option", j}, {"value", v}});
        mean[j] += p[k] * v;
      }
      for (Index k = 0; k < n; ++k) apart[k * d + j] -= mean[j];
    }
    // Differences of means, and variances beside them, in units of the largest of either.
    double const top = *std::max_element(mean, mean + d);
    for (Index i = 0; i < d; ++i) {
      largest = std::max(largest, top - mean[i]);
      for (Index j = 0; j <= i; ++j) {
        double sum = 0;
        for (Index k = 0; k < n; ++k) sum += p[k] * apart[k * d + i] * apart[k * d + j];
        Q[i * d + j] = Q[j * d + i] = sum;
      }
    }
    double spread = 0;
    for (Index i = 0; i < d; ++i) spread = std::max(spread, Q[i * (d + 1)]);
    double const unit = std::max(largest, gamma * spread), scale = unit > 0 ? unit : 1;
    if (!std::isfinite(unit)) detail::refuse(*this, "needs gamma times the variance finite", {{"largest variance", spread}});
    for (Index i = 0; i < d; ++i) c[i] = (mean[i] - top) / scale;
    for (Index i = 0; i < d * d; ++i) Q[i] *= 2 * (gamma / scale);
    mean_variance found;
    found.gap = scale * detail::simplex_quadratic(d, Q, c, s, ws).maximise();
    for (Index j = 0; j < d; ++j) found.mean += s[j] * mean[j];
    for (Index k = 0; k < n; ++k) {
      double off = 0;
      for (Index j = 0; j < d; ++j) off += s[j] * apart[k * d + j];
      found.variance += p[k] * off * off;
    }
    found.utility = found.mean - gamma * found.variance;
    return found;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

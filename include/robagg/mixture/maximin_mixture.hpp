// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/table/check.hpp"
#include "../detail/table/output.hpp"
#include "detail/matrix_game.hpp"

#include <cmath>
#include <limits>

namespace robagg::inline ROBAGG_ABI {

/// A mixture of options against the worst of the scenarios, and what is proved of it.
struct maximin {
  Eigen::VectorXd weights;    ///< of the options
  Eigen::VectorXd scenarios;  ///< the mixture of scenarios that no option beats by more than `bound`
  double value = 0;           ///< what `weights` get in their worst scenario
  double bound = 0;           ///< no mixture gets more
  double gap() const { return bound - value; }
};

/// How to mix options at random so that the worst scenario is as good as it can be: worst_case for mixtures of columns.
///
/// Shapes     n scenarios x d options, the larger the better -> d weights, >= 0 with sum 1; `solve` adds value and bound.
/// Errors     values that are NaN or infinite; n = 0, d = 0.
/// Guarantee  never below the best single option's worst scenario. `bound - value` is proved by a mixture of scenarios: up to
///            rounding it is 0, below 1e-9 of the range of the table for 50 x 50 and more (tests), and it is a bound even
///            where more pivots than 50 (n + d) would have been needed.
/// Cost       one read, then the simplex method: O(n d) a pivot, usually n to 2 n of them. Holds n d doubles.
/// NaN        refused.       Weights  no weighted form: the worst is the worst, however unlikely.
/// Ties       of several best mixtures one with as few options as scenarios that matter, the same on every call.
/// Source     von Neumann, 1928; Dantzig, 1951. Between two parties that choose candidates, the adversarial setting of
///            Goplerud, Imai and Jerzak's conjoint analysis.
/// Example    examples/mixtures.cpp
struct maximin_mixture {
  static constexpr int reads = detail::plain;

  std::size_t scratch(auto const& r) const {
    Index const n = r.rows(), d = r.cols();
    return detail::matrix_game::scratch(n, d) + workspace::room<double>(n * d) + 2 * workspace::room<double>(n + d);
  }
  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    detail::need(*this, scratch(r), ws);
    auto const scope = ws.scope();
    double *const weights = ws.take<double>(r.cols()), *const scenarios = ws.take<double>(r.rows());
    find(r, weights, scenarios, ws);
    detail::fit_vector(*this, out, r.cols());
    detail::store(out, 0, weights, r.cols());
  }
  template <any_reports R>
  maximin solve(R const& r) const {
    workspace ws;
    detail::check_table(*this, r);
    maximin to{Eigen::VectorXd(r.cols()), Eigen::VectorXd(r.rows())};
    std::tie(to.value, to.bound) = find(r, to.weights.data(), to.scenarios.data(), ws);
    return to;
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

 private:
  template <class R>
  std::pair<double, double> find(R const& r, double* weights, double* scenarios, workspace& ws) const {
    auto&& entered = detail::enter(*this, r);
    auto const& x = detail::plain_of(entered);
    Index const n = r.rows(), d = r.cols();
    if (d < 1) detail::refuse(*this, "needs at least one option", {{"d", d}});
    double* const values = ws.take<double>(n * d);
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < d; ++j) {
        double const v = values[i * d + j] = static_cast<double>(x(i, j));
        if (!std::isfinite(v)) detail::refuse(*this, "needs finite values", {{"scenario", i}, {"option", j}, {"value", v}});
        low = std::min(low, v);
        high = std::max(high, v);
      }
    }
    double const half = high / 2 - low / 2;  // which does not overflow
    detail::matrix_game game(
        n, d, [&](Index i, Index j) { return half > 0 ? 1 + (values[i * d + j] / 2 - low / 2) / half : 1; }, ws);
    game.solve(50 * (n + d), weights);
    game.theirs(scenarios);
    double const value = worst_row(values, n, d, weights), bound = best_column(values, n, d, scenarios);
    // Where rounding left less than a single option has, that is the answer.
    Index best = 0;
    double sure = -std::numeric_limits<double>::infinity();
    for (Index j = 0; j < d; ++j) {
      double least = values[j];
      for (Index i = 1; i < n; ++i) least = std::min(least, values[i * d + j]);
      if (least > sure) {
        best = j;
        sure = least;
      }
    }
    if (value >= sure) return {value, std::max(value, bound)};
    std::fill_n(weights, d, 0.), weights[best] = 1;
    return {sure, std::max(sure, bound)};
  }
  static double worst_row(double const* values, Index n, Index d, double const* weights) {
    double worst = std::numeric_limits<double>::infinity();
    for (Index i = 0; i < n; ++i) {
      double sum = 0;
      for (Index j = 0; j < d; ++j) sum += weights[j] * values[i * d + j];
      worst = std::min(worst, sum);
    }
    return worst;
  }
  static double best_column(double const* values, Index n, Index d, double const* scenarios) {
    double best = -std::numeric_limits<double>::infinity();
    for (Index j = 0; j < d; ++j) {
      double sum = 0;
      for (Index i = 0; i < n; ++i) sum += scenarios[i] * values[i * d + j];
      best = std::max(best, sum);
    }
    return best;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/table/check.hpp"
#include "../detail/table/output.hpp"
#include "outcome_score.hpp"  // until 0.3

#include <array>
#include <cmath>
#include <limits>

namespace robagg::inline ROBAGG_ABI {

/// How experts' probabilities are pooled: their weighted mean, or their weighted geometric mean, normalised.
enum class pooling_rule { linear, logarithmic };
constexpr std::array<std::string_view, 2> enumerators(pooling_rule) { return {"linear", "logarithmic"}; }

/// One distribution over outcomes from many experts', made more extreme if wanted: pooled forecasts of people who do not share
/// what they know are not extreme enough.
///
/// Shapes     n experts x K outcomes, probabilities -> K probabilities. A binary event has two columns, p and 1 - p.
/// Ranges     extremise >= 0: the pool to that power, normalised; 1 leaves it, 1.5 to 2.5 is usual, 0 is uniform where
/// positive. Errors     a single outcome, which would have all the probability; negative or infinite probabilities, NaN;
/// extremise; nothing left: every outcome is impossible to somebody. Guarantee  sums to 1. The logarithmic pool may be computed
/// before or after everybody learns the same evidence. Cost       O(n K), a logarithm a probability. NaN        refused.
/// Weights  the experts', normalised; of weight 0 is absent.   Ties  none. Source     Genest and Zidek, 1986; Satopaa et al.,
/// 2014 (extremising).            Example  examples/quantile_ensemble.cpp
struct opinion_pool {
  pooling_rule rule = pooling_rule::linear;
  double extremise = 1;

  static constexpr int reads = detail::has_weights;
  static constexpr void parameters(auto& op, auto visit) { visit("rule", op.rule), visit("extremise", op.extremise); }
  void check(Index) const {
    if (!(extremise >= 0) || !std::isfinite(extremise))
      detail::refuse(*this, "needs a finite extremise >= 0", {{"extremise", extremise}});
  }

  std::size_t scratch(auto const& r) const { return workspace::room<double>(r.rows()) + workspace::room<double>(r.cols()); }
  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    auto&& entered = detail::enter(*this, r);
    detail::need(*this, scratch(r), ws);
    constexpr double infinite = std::numeric_limits<double>::infinity();
    Index const n = r.rows(), d = r.cols();
    if (d == 1) detail::refuse(*this, "needs two outcomes or more: give both", {{"outcomes", d}});
    auto const scope = ws.scope();
    auto const& x = detail::plain_of(entered);
    auto weights = ws.vector<double>(n), log = ws.vector<double>(d);
    detail::read_weights(r, weights.data());
    double total = 0, highest = -infinite, sum = 0;
    for (Index i = 0; i < n; ++i) total += weights(i);
    for (Index k = 0; k < d; ++k) {
      double pooled = 0;
      for (Index i = 0; i < n; ++i) {
        double const p = static_cast<double>(x(i, k));
        if (!(p >= 0) || p == infinite)
          detail::refuse(*this, "needs finite probabilities >= 0", {{"expert", i}, {"outcome", k}, {"probability", p}});
        if (weights(i) > 0) pooled += weights(i) / total * (rule == pooling_rule::linear ? p : std::log(p));
      }
      log(k) = rule == pooling_rule::linear ? std::log(pooled) : pooled;
      highest = std::max(highest, log(k));
    }
    if (d > 0 && highest == -infinite)
      detail::refuse(*this, "needs an outcome that is possible to all experts", {{"outcomes", d}});
    for (Index k = 0; k < d; ++k) {
      log(k) = log(k) == -infinite ? 0 : std::exp(extremise * (log(k) - highest));
      sum += log(k);
    }
    for (Index k = 0; k < d; ++k) log(k) /= sum;
    detail::fit_vector(*this, out, d);
    detail::store(out, 0, log.data(), d);
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};
}  // namespace robagg::inline ROBAGG_ABI

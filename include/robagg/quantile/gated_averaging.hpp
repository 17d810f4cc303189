// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/table/check.hpp"
#include "../detail/table/output.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace robagg::inline ROBAGG_ABI {

/// Averages quantiles with weights that a gate chose for this very case: the softmax of its logits, of whatever model.
///
/// Shapes     p models x r levels -> r.
/// Ranges     logits: one a model, or p r of them, a model's levels together; -infinity is a model that is closed.
/// Errors     another number of logits; NaN or +infinity among them; a level at which all are closed; n = 0.
/// Guarantee  between the smallest and the largest quantile of a level; any logits that differ by a constant are the same. With
/// one
///            logit a model no crossing that the models do not have.
/// Cost       one read, an exponential a logit.
/// NaN        propagates, unless its model is closed.   Weights  multiply the gate's.   Ties  none.
/// Source     Fakoor et al., 2023 (local aggregation); the gate is yours.      Example  examples/quantile_ensemble.cpp
struct gated_averaging {
  list<double> logits;

  static constexpr int reads = detail::has_weights;
  static constexpr void parameters(auto& op, auto visit) { visit("logits", op.logits); }

  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    auto&& entered = detail::enter(*this, r);
    detail::need(*this, scratch(r), ws);
    constexpr double infinite = std::numeric_limits<double>::infinity();
    Index const p = r.rows(), d = r.cols(), size = logits.size();
    bool const by_level = size != p;
    if (by_level && size != p * d)
      detail::refuse(*this, "needs a logit for each model, or for each level of each",
                     {{"logits", size}, {"models", p}, {"levels", d}});
    for (Index i = 0; i < size; ++i) {
      if (!(logits[i] < infinite))
        detail::refuse(*this, "needs logits below +infinity, not NaN", {{"at", i}, {"logit", logits[i]}});
    }
    auto const scope = ws.scope();
    auto const& x = detail::plain_of(entered);
    auto weights = ws.vector<double>(p), sum = ws.vector<double>(d);
    detail::read_weights(r, weights.data());
    for (Index k = 0; k < d; ++k) {
      auto const logit = [&](Index j) { return logits[by_level ? j * d + k : j]; };
      double highest = -infinite, total = 0, average = 0;
      for (Index j = 0; j < p; ++j) highest = std::max(highest, weights(j) > 0 ? logit(j) : -infinite);
      if (highest == -infinite) detail::refuse(*this, "needs a model that is not closed", {{"level", k}});
      auto const share = [&](Index j) { return weights(j) > 0 ? weights(j) * std::exp(logit(j) - highest) : 0; };
      for (Index j = 0; j < p; ++j) total += share(j);
      for (Index j = 0; j < p; ++j) {
        double const w = share(j) / total;
        if (w > 0) average += w * static_cast<double>(x(j, k));
      }
      sum(k) = average;
    }
    detail::fit_vector(*this, out, d);
    detail::store(out, 0, sum.data(), d);
  }
  /// The logits of the other models.
  gated_averaging without(Index model, Index models, workspace& ws) const {
    Index const terms = logits.size() / models, kept = logits.size() - terms;
    double* const others = ws.take<double>(kept);
    std::copy(logits.begin() + (model + 1) * terms, logits.end(), std::copy_n(logits.begin(), model * terms, others));
    return {list<double>(others, kept)};
  }
  std::size_t scratch(auto const& r) const { return workspace::room<double>(r.rows()) + workspace::room<double>(r.cols()); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};

}  // namespace robagg::inline ROBAGG_ABI

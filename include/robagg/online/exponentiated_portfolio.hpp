// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "hedge.hpp"
#include "portfolio.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Multiplicative steps along the gradient of log wealth: w_k becomes w_k e^(rate x_k / w'x). Hedge on the losses -x_k / w'x.
///
/// Shapes     a rule of portfolio_state.     Ranges  rate > 0.
/// Errors     those of portfolio_state; another rate.
/// Guarantee  log wealth >= that of every portfolio that is rebalanced to constant weights b, less max over k of bound(k):
///            ln(1/prior_k) / rate + rate / 8 sum of ((largest - smallest x) / w'x)^2. regret() is that of the linear losses,
///            which is no less than what was paid over the best b.
/// Cost       an exponential an asset and period.     NaN  refused.     Weights  the prior.
/// Source     Helmbold, Schapire, Singer and Warmuth, 1998.      Example  docs/experts.md
struct exponentiated_portfolio {
  double rate = .05;

  static constexpr Index slots = 0;
  static constexpr bool takes_prior = true, mixes = false;
  static constexpr void parameters(auto& op, auto visit) { visit("rate", op.rate); }
  void check() const {
    if (!(rate > 0 && rate <= 1e100)) detail::refuse(*this, "needs a rate > 0", {{"rate", rate}});
  }
  static double loss_of(double relative, double factor) { return -relative / factor; }
  double tilt(detail::expert_memory const&) const { return rate; }
  double bound(detail::expert_memory const& m, Index k) const { return hedge{rate}.bound(m, k); }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "portfolio.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Buy and hold: each asset's or strategy's weight is its share of the wealth. The aggregating algorithm for the log loss,
/// where what an asset does stands for a likelihood.
///
/// Shapes     a rule of portfolio_state.     Ranges  power > 0: of the wealth. 1 is buying and holding; others are ours.
/// Errors     those of portfolio_state; another power.
/// Guarantee  with power 1 the wealth is the mean of the components' (by the prior), so that log wealth >= that of component
///            k less ln(1/prior_k): bound(k). regrets()(k) is what was paid. No bound is proved for another power, and
///            bound() is infinite.
/// Cost       an exponential and a logarithm an asset and period.     NaN  refused.     Weights  the prior.
/// Source     Cesa-Bianchi and Lugosi, 2006, chapter 10.      Example  docs/experts.md
struct wealth_proportional {
  double power = 1;

  static constexpr Index slots = 0;
  static constexpr bool takes_prior = true, mixes = false;
  static constexpr void parameters(auto& op, auto visit) { visit("power", op.power); }
  void check() const {
    if (!(power > 0 && power <= 1e6)) detail::refuse(*this, "needs a power > 0", {{"power", power}});
  }
  static double loss_of(double relative, double) { return -std::log(relative); }
  double tilt(detail::expert_memory const&) const { return power; }
  double bound(detail::expert_memory const& m, Index k) const { return power == 1 ? -m.prior(k) : -detail::no_weight; }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "experts.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Hedge for a best expert that changes: after each round everybody shares a little of the weight, so that nobody falls too far
/// behind to come back.
///
/// Shapes     a rule of expert_state.
/// Ranges     rate > 0; share in [0, 1]: how much of all weight is dealt out evenly after a round; 0 is hedge.
/// Errors     those of expert_state; another rate or share.
/// Guarantee  regret to any sequence of experts with K switches <= [ln(1/prior) + K ln N + K ln(1/share) + (T-1-K)
///            ln(1/(1-share))] / rate + rate / 8 sum of squared ranges: bound(k, K). bound(k) is that without a switch.
/// Cost       an exponential and a logarithm an expert and round.     Merge  none: the order of rounds counts.
/// NaN        asleep.     Weights  the prior.     Ties  equal weights.
/// Source     Herbster and Warmuth, 1998.         Example  examples/online_experts.cpp
struct fixed_share {
  required<real, "rate"> rate;
  double share = .01;

  static constexpr Index slots = 1;  // logarithms of the weights
  static constexpr bool takes_prior = true;
  static constexpr bool mixes = false;
  static constexpr void parameters(auto& op, auto visit) { visit("rate", op.rate), visit("share", op.share); }
  void check() const {
    if (!(rate > 0 && rate <= 1e100)) detail::refuse(*this, "needs a rate > 0", {{"rate", rate}});
    if (!(share >= 0 && share <= 1)) detail::refuse(*this, "needs a share in [0, 1]", {{"share", share}});
  }
  void start(detail::expert_memory& m) const { m.slot(0) = m.prior; }
  void learn(detail::expert_memory& m, Eigen::ArrayXd const& r) const {
    auto& x = m.scratch;
    x = m.slot(0) + rate.value * r;
    double const dealt = share / static_cast<double>(m.included);
    if (share == 0) {
      m.slot(0) = x;
      m.slot(0) -= detail::log_sum(x);
    } else {
      detail::softmax(x);
      m.slot(0) = (m.prior == detail::no_weight).select(detail::no_weight, (dealt + (1 - share) * x).log());
    }
  }
  void logits(detail::expert_memory const& m, Eigen::ArrayXd& out) const { out = m.slot(0); }
  double bound(detail::expert_memory const& m, Index k) const { return bound(m, k, 0); }
  double bound(detail::expert_memory const& m, Index k, Index switches) const {
    if (m.included < 2) return m.prior(k) == detail::no_weight ? -detail::no_weight : 0;
    auto const count = static_cast<double>(switches), stays = static_cast<double>(std::max<Index>(m.rounds - 1 - switches, 0));
    double const changes = count > 0 ? count * (m.log_count() - std::log(share)) : 0;
    double const kept = stays > 0 ? stays * -std::log1p(-share) : 0;
    return (-m.prior(k) + changes + kept) / rate + rate / 8 * m.ranges;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

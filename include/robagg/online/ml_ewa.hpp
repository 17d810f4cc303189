// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/base/dot.hpp"
#include "experts.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Exponential weights with a rate for each expert: e^(eta_k regret to k), eta_k = sqrt(ln N / sum of squared regrets to k).
/// No parameter.
///
/// Shapes     a rule of expert_state.        Ranges  none to choose.
/// Errors     those of expert_state; a prior.
/// Guarantee  none that we know of, so that there is no bound(): ml_prod is the variant with a theorem.
/// Cost       a square root and an exponential an expert and round.     Merge  none: rates depend on the order of rounds.
/// NaN        asleep.     Ties  equal weights.
/// Source     opera's MLewa; Gaillard, Stoltz and van Erven, 2014, for its kin.     Example  docs/experts.md
struct ml_ewa {
  static constexpr Index slots = 1;  // sums of squares
  static constexpr bool takes_prior = false;
  static constexpr bool mixes = false;
  static constexpr void parameters(auto&, auto) {}
  void check() const {}

  void learn(detail::expert_memory& m, Eigen::ArrayXd const& r) const { m.slot(0) += r.square(); }
  void logits(detail::expert_memory const& m, Eigen::ArrayXd& out) const {
    out = (m.slot(0) > 0).select(detail::roots_of(m.log_count() / m.slot(0)) * m.regrets, 0.);
  }
  static bool valid(detail::expert_memory const& m) { return (m.slot(0) >= 0).all(); }
};

}  // namespace robagg::inline ROBAGG_ABI

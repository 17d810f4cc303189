// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/base/dot.hpp"
#include "server_state.hpp"

namespace robagg::inline ROBAGG_ABI {

/// FedYogi: as FedAdam, but the mean square moves by no more than the square of the change: it forgets a large one slowly.
///
/// Shapes     a rule of server_state: two numbers a parameter.
/// Ranges     rate > 0; beta1 and beta2 in [0, 1); tau > 0.
/// Errors     bad_input for others, and those of server_state.
/// Guarantee  m = beta1 m + (1 - beta1) change; v = v - (1 - beta2) change^2 sign(v - change^2); the model moves by rate m /
///            (sqrt(v) + tau), without a correction for the first rounds. v is never below 0.
/// Cost       O(d), a root a parameter.      NaN  refused.      Weights  those of the rule before it.      Ties  sign(0) = 0.
/// Source     Reddi et al., Adaptive federated optimization, 2021; Zaheer et al., 2018.
/// Example    docs/federated.md
struct fed_yogi {
  double rate = .01;
  double beta1 = .9;
  double beta2 = .99;
  double tau = 1e-3;

  static constexpr int slots = 2, squares = 1;
  static constexpr void parameters(auto& op, auto visit) {
    visit("rate", op.rate), visit("beta1", op.beta1), visit("beta2", op.beta2), visit("tau", op.tau);
  }
  void check() const { detail::check_adaptive(*this); }
  double factor(double) const { return rate; }
  void move(auto& kept, auto const& by, double factor, auto& step) const {
    kept.col(0) = beta1 * kept.col(0) + (1 - beta1) * by;
    step = (1 - beta2) * by.square();
    step = (kept.col(1) > by.square()).select(-step, (kept.col(1) < by.square()).select(step, 0.));
    kept.col(1) += step;
    step = factor * kept.col(0) / (detail::roots_of(kept.col(1)) + tau);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/base/dot.hpp"
#include "server_state.hpp"

namespace robagg::inline ROBAGG_ABI {

/// FedAdam: the server moves each parameter by the mean of its changes over the root of their mean square: about `rate` a
/// round, whatever the size of the changes.
///
/// Shapes     a rule of server_state: two numbers a parameter.
/// Ranges     rate > 0; beta1 and beta2 in [0, 1); tau > 0, how small a mean square still counts.
/// Errors     bad_input for others, and those of server_state.
/// Guarantee  m = beta1 m + (1 - beta1) change; v = beta2 v + (1 - beta2) change^2; in round t = 1, 2, ... the model moves by
///            rate sqrt(1 - beta2^(t+1)) / (1 - beta1^(t+1)) m / (sqrt(v) + tau), the exponents as flower has them.
/// Cost       O(d), a root a parameter.      NaN  refused.      Weights  those of the rule before it.      Ties  none.
/// Source     Reddi et al., Adaptive federated optimization, 2021; Kingma and Ba, 2015.
/// Example    examples/participation.cpp
struct fed_adam {
  double rate = .1;
  double beta1 = .9;
  double beta2 = .99;
  double tau = 1e-3;

  static constexpr int slots = 2, squares = 1;
  static constexpr void parameters(auto& op, auto visit) {
    visit("rate", op.rate), visit("beta1", op.beta1), visit("beta2", op.beta2), visit("tau", op.tau);
  }
  void check() const { detail::check_adaptive(*this); }
  double factor(double round) const {
    return rate * std::sqrt(1 - std::pow(beta2, round + 1)) / (1 - std::pow(beta1, round + 1));
  }
  void move(auto& kept, auto const& by, double factor, auto& step) const {
    kept.col(0) = beta1 * kept.col(0) + (1 - beta1) * by;
    kept.col(1) = beta2 * kept.col(1) + (1 - beta2) * by.square();
    step = factor * kept.col(0) / (detail::roots_of(kept.col(1)) + tau);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

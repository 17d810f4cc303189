// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/base/dot.hpp"
#include "server_state.hpp"

namespace robagg::inline ROBAGG_ABI {

/// FedAdagrad: the server moves each parameter by its change over the root of the sum of the squares of all its changes: steps
/// only become smaller.
///
/// Shapes     a rule of server_state: one number a parameter.
/// Ranges     rate > 0; tau > 0.         Errors     bad_input for others, and those of server_state.
/// Guarantee  v = v + change^2; the model moves by rate change / (sqrt(v) + tau): less than rate.
/// Cost       O(d), a root a parameter.      NaN  refused.      Weights  those of the rule before it.      Ties  none.
/// Source     Reddi et al., Adaptive federated optimization, 2021.
/// Example    docs/federated.md
struct fed_adagrad {
  double rate = .1;
  double tau = 1e-3;

  static constexpr int slots = 1, squares = 0;
  static constexpr void parameters(auto& op, auto visit) { visit("rate", op.rate), visit("tau", op.tau); }
  void check() const { detail::check_rate(*this, rate), detail::check_tau(*this, tau); }
  double factor(double) const { return rate; }
  void move(auto& kept, auto const& by, double factor, auto& step) const {
    kept.col(0) += by.square();
    step = factor * by / (detail::roots_of(kept.col(0)) + tau);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "server_state.hpp"

namespace robagg::inline ROBAGG_ABI {

/// FedAvgM: the server moves by a running sum of changes, in which older ones fade. Without momentum and with rate 1 the
/// aggregate is the next model.
///
/// Shapes     a rule of server_state: one number a parameter.
/// Ranges     rate > 0; momentum in [0, 1).         Errors     bad_input for others, and those of server_state.
/// Guarantee  v = momentum v - change; the model moves by -rate v: for a change that stays the same by rate / (1 - momentum)
///            times it.
/// Cost       O(d).      NaN  refused.      Weights  those of the rule before it.      Ties  none.
/// Source     Hsu, Qi and Brown, Measuring the effects of non-identical data distribution, 2019.
/// Example    examples/participation.cpp
struct fedavg_momentum {
  double rate = 1;
  double momentum = .9;

  static constexpr int slots = 1, squares = -1;
  static constexpr void parameters(auto& op, auto visit) { visit("rate", op.rate), visit("momentum", op.momentum); }
  void check() const {
    detail::check_rate(*this, rate);
    detail::check_decay(*this, "momentum", "needs 0 <= momentum < 1", momentum);
  }
  double factor(double) const { return -rate; }
  void move(auto& kept, auto const& by, double factor, auto& step) const {
    kept.col(0) = momentum * kept.col(0) - by;
    step = factor * kept.col(0);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

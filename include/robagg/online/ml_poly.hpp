// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "experts.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Polynomial weights with a rate for each expert: the weight is eta_k max(regret to k, 0), where
/// 1 / eta_k = sum of squared regrets + the largest of anybody. No parameter; weights of 0 are common.
///
/// Shapes     a rule of expert_state.        Ranges  none to choose.
/// Errors     those of expert_state; a prior.
/// Guarantee  regret to k <= sqrt(N (1 + ln(1 + T)) (B + sum r_k^2)), r the regrets of each round and B their largest square: a
///            theorem where B is known before, and no counterexample is known where, as here, it grows.
/// Cost       a division an expert and round.        Merge  none: rates depend on the order of rounds.
/// NaN        asleep.     Ties  equal weights, also while nobody has been better than the mixture.
/// Source     Gaillard, Stoltz and van Erven, 2014; as in opera.     Example  docs/experts.md
struct ml_poly {
  static constexpr Index slots = 1;  // sums of squares
  static constexpr bool takes_prior = false;
  static constexpr bool mixes = false;
  static constexpr void parameters(auto&, auto) {}
  void check() const {}

  void learn(detail::expert_memory& m, Eigen::ArrayXd const& r) const {
    m.slot(0) += r.square();
    m.shared[0] = std::max(m.shared[0], r.square().maxCoeff());
  }
  void shares(detail::expert_memory const& m, Eigen::ArrayXd& out) const {
    out = m.regrets.max(0.) / (m.slot(0) + m.shared[0]).max(1e-300);  // squares may have been too small to be numbers
    double const most = out.maxCoeff();
    if (most > 0) {
      out *= 1 / most;
      out *= 1 / out.sum();
    } else {
      out.setConstant(1 / static_cast<double>(m.size()));
    }
  }
  double bound(detail::expert_memory const& m, Index k) const {
    double const rounds = static_cast<double>(m.rounds), experts = static_cast<double>(m.size());
    return std::sqrt(experts * (1 + std::log1p(rounds)) * (m.shared[0] + m.slot(0)(k)));
  }
  static bool valid(detail::expert_memory const& m) { return m.shared[0] >= 0 && (m.slot(0) >= 0).all(); }
};

}  // namespace robagg::inline ROBAGG_ABI

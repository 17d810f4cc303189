// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "experts.hpp"
#include "project_simplex.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Online gradient descent on the weights: a step against the losses, and back to the simplex. Steps are
/// round^-exponent / the largest norm of losses so far.
///
/// Shapes     a rule of expert_state.       Ranges  exponent in [0, 1]; 1/2 is the one with the smallest bound.
/// Errors     those of expert_state; a prior; another exponent.
/// Guarantee  regret to every expert, and with `gradient` to every mixture of them, <= G T^exponent + sum eta_t |g_t|^2 / 2,
///            where G is the largest norm of losses g and eta_t are the steps: O(G sqrt T).
/// Cost       O(N log N) a round, for a sort.      Merge  none: steps depend on the order of rounds.
/// NaN        asleep: it is thought to have lost what the mixture lost.      Ties  equal weights.
/// Source     Zinkevich, 2003; steps as in opera's OGD.       Example  docs/experts.md
struct projected_gradient {
  double exponent = .5;

  static constexpr Index slots = 1;  // the weights
  static constexpr bool takes_prior = false;
  static constexpr bool mixes = false;
  static constexpr void parameters(auto& op, auto visit) { visit("exponent", op.exponent); }
  void check() const {
    if (!(exponent >= 0 && exponent <= 1)) detail::refuse(*this, "needs an exponent in [0, 1]", {{"exponent", exponent}});
  }
  void start(detail::expert_memory& m) const { m.slot(0).setConstant(1 / static_cast<double>(m.size())); }
  void learn(detail::expert_memory& m, Eigen::ArrayXd const& r) const {
    double const norm = (m.paid - r).matrix().norm();
    m.shared[0] = std::max(m.shared[0], norm);
    if (!(m.shared[0] > 0)) return;
    double const step = std::pow(static_cast<double>(m.rounds), -exponent) / m.shared[0];
    m.shared[1] += step * norm * norm;
    m.slot(0) += step * (r - m.paid);
    detail::project_on_simplex(m.slots.data(), m.size(), 1, m.scratch.data());
  }
  void shares(detail::expert_memory const& m, Eigen::ArrayXd& out) const { out = m.slot(0); }
  double bound(detail::expert_memory const& m, Index) const {
    return m.size() < 2 ? 0 : m.shared[0] * std::pow(static_cast<double>(m.rounds), exponent) + m.shared[1] / 2;
  }
  static bool valid(detail::expert_memory const& m) { return m.shared[0] >= 0 && m.shared[1] >= 0 && (m.slot(0) >= 0).all(); }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/base/dot.hpp"
#include "experts.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Bernstein online aggregation: exponential weights of second-order regrets, with a rate for each expert. With V_k = 2.2 sum
/// r^2 and eta_k = 1/sqrt(V_k), Q_k grows by r - eta_k r^2, and weights are as eta_k prior_k e^(eta_k Q_k); experts without a
/// regret so far keep their prior. No parameter; the default of opera's users for good reason: fast where losses are curved.
///
/// Shapes     a rule of expert_state.        Ranges  none to choose.
/// Errors     those of expert_state.
/// Guarantee  regret to k <= sqrt(V_k) (ln(1/prior_k) + ln(1 + N (1 + ln(1 + T)))) + 2 sqrt(V_k) / 2.2 + largest |r|: the
///            shape of the paper's theorem from memory, with constants of ours, checked on hostile sequences and not proved.
/// Cost       a root, a logarithm and an exponential an expert and round.     Merge  none: rates depend on the order of
///            rounds.
/// NaN        asleep: neither Q nor V moves.      Weights  the prior.      Ties  equal weights.
/// Source     Wintenberger, Optimal learning with Bernstein online aggregation, 2017; constants as in opera, whose own BOA
///            mixes up experts where some are asleep.      Example  docs/experts.md
struct boa {
  static constexpr Index slots = 2;  // Q, V
  static constexpr bool takes_prior = true;
  static constexpr bool mixes = false;
  static constexpr void parameters(auto&, auto) {}
  void check() const {}

  void learn(detail::expert_memory& m, Eigen::ArrayXd const& r) const {
    auto q = m.slot(0), v = m.slot(1);
    v += 2.2 * r.square();
    q += (v > 0).select(r - r.square() / detail::roots_of(v), 0.);
    m.shared[0] = std::max(m.shared[0], r.abs().maxCoeff());
  }
  void logits(detail::expert_memory const& m, Eigen::ArrayXd& out) const {
    // Those with a regret share what the others leave.
    double kept = 0, largest = detail::no_weight, sum = 0;
    for (Index k = 0; k < m.size(); ++k) {
      double const v = m.slots(k, 1);
      if (v > 0) {
        out(k) = m.prior(k) + m.slots(k, 0) / std::sqrt(v) - .5 * std::log(v);
        largest = std::max(largest, out(k));
      } else {
        kept += std::exp(m.prior(k));
        out(k) = m.prior(k);
      }
    }
    if (largest == detail::no_weight) return;
    for (Index k = 0; k < m.size(); ++k) sum += m.slots(k, 1) > 0 ? std::exp(out(k) - largest) : 0;
    double const shift = std::log(std::max(1 - kept, 0.)) - largest - std::log(sum);
    for (Index k = 0; k < m.size(); ++k) out(k) += m.slots(k, 1) > 0 ? shift : 0;
  }
  double bound(detail::expert_memory const& m, Index k) const {
    if (m.prior(k) == detail::no_weight) return -detail::no_weight;  // excluded, even where there has been no regret
    if (m.included < 2) return 0;
    double const rounds = static_cast<double>(m.rounds), root = std::sqrt(m.slots(k, 1));
    double const grown = std::log1p(static_cast<double>(m.size()) * (1 + std::log1p(rounds)));
    return root * (grown - m.prior(k)) + 2 * root / 2.2 + m.shared[0];
  }
  static bool valid(detail::expert_memory const& m) { return m.shared[0] >= 0 && (m.slot(1) >= 0).all(); }
};

}  // namespace robagg::inline ROBAGG_ABI

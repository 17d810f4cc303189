// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "experts.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Products with a rate for each expert: a factor 1 + eta_k r for a regret of r, taken to the power by which eta_k shrinks;
/// eta_k = min(1 / (2 largest |r|), sqrt(ln N / (1 + sum r^2))). No parameter. Little is paid to experts that the mixture is
/// always close to.
///
/// Shapes     a rule of expert_state.        Ranges  none to choose; the 1 above is in the losses' own unit, squared.
/// Errors     those of expert_state; a prior.
/// Guarantee  regret to k <= C (sqrt((1 + sum r^2) / ln N) + 2 max |r|), C = 3 ln N + ln(1 + N (1 + ln(1 + T)) / (2 e)): the
///            paper's, for losses in [0, 1] and rates that do not know the round's own regret. With opera's, as here, it has
///            been checked on hostile sequences and is not proved.
/// Cost       two logarithms, two roots and an exponential an expert and round.     Merge  none: the order of rounds counts.
/// NaN        asleep.     Ties  equal weights.
/// Source     Gaillard, Stoltz and van Erven, A second-order bound with excess losses, 2014; as in opera.
/// Example    docs/experts.md
struct ml_prod {
  static constexpr Index slots = 3;  // logarithms of products; sums of squares; largest |r|
  static constexpr bool takes_prior = false;
  static constexpr bool mixes = false;
  static constexpr void parameters(auto&, auto) {}
  void check() const {}

  void learn(detail::expert_memory& m, Eigen::ArrayXd const& r) const {
    double const log_count = m.log_count();
    for (Index k = 0; k < m.size(); ++k) {
      double &product = m.slots(k, 0), &squares = m.slots(k, 1), &most = m.slots(k, 2);
      double const before = rate(squares, most, log_count);
      squares += r(k) * r(k);
      most = std::max(most, std::abs(r(k)));
      double const now = rate(squares, most, log_count);
      product = now / before * product + std::log1p(now * r(k));
    }
  }
  void logits(detail::expert_memory const& m, Eigen::ArrayXd& out) const {
    double const log_count = m.log_count();
    for (Index k = 0; k < m.size(); ++k) out(k) = m.slots(k, 0) + std::log(rate(m.slots(k, 1), m.slots(k, 2), log_count));
  }
  double bound(detail::expert_memory const& m, Index k) const {
    double const rounds = static_cast<double>(m.rounds), experts = static_cast<double>(m.size()), log_count = m.log_count();
    if (m.size() < 2) return 0;
    double const c = 3 * log_count + std::log1p(experts / 2 * std::exp(-1.) * (1 + std::log1p(rounds)));
    return c * (std::sqrt((1 + m.slots(k, 1)) / log_count) + 2 * m.slots(k, 2));
  }
  static bool valid(detail::expert_memory const& m) { return (m.slots.rightCols(2) >= 0).all(); }

 private:
  static double rate(double squares, double most, double log_count) {
    return std::min(.5 / most, std::sqrt(log_count / (1 + squares)));
  }
};

}  // namespace robagg::inline ROBAGG_ABI

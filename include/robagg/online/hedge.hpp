// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "experts.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Exponential weights: each expert's weight is its prior times e^(rate * regret to it), which with everybody awake is
/// e^(-rate * its losses). The rule to begin with.
///
/// Shapes     a rule of expert_state.
/// Ranges     rate > 0, or 0: it tunes itself (AdaHedge), with no knowledge of how many rounds or how large losses are.
/// Errors     those of expert_state; another rate; a merge where it tunes itself, since rates depend on the order.
/// Guarantee  regret to k <= ln(1/prior_k) / rate + rate / 8 sum of squared ranges of losses: sqrt(T ln N / 2) for losses in
///            [0, 1] with rate_for(N, T). Self-tuned: <= D + D' ln(1/prior_k) / ln N, where D is the sum of the mixability gaps
///            and D' that before the last round; never more than about twice the bound of the best rate in hindsight.
/// Cost       one exponential an expert and round, two where it tunes itself.
/// NaN        asleep.     Weights  the prior.     Ties  equal weights.
/// Source     Littlestone and Warmuth, 1994; Freund and Schapire, 1997; de Rooij, van Erven, Grunwald and Koolen, 2014.
/// Example    examples/online_experts.cpp
struct hedge {
  double rate = 0;

  static constexpr Index slots = 0;
  static constexpr bool takes_prior = true;
  static constexpr bool mixes = false;
  static constexpr void parameters(auto& op, auto visit) { visit("rate", op.rate); }
  void check() const {
    if (!(rate >= 0 && rate <= 1e100)) detail::refuse(*this, "needs a rate > 0, or 0 to tune itself", {{"rate", rate}});
  }
  /// The rate with the smallest bound for so many experts and rounds of losses within a range, and that bound for any rate.
  static double rate_for(Index experts, Index rounds, double range = 1) {
    return std::sqrt(8 * std::log(static_cast<double>(experts)) / static_cast<double>(rounds)) / range;
  }
  static double bound_for(double rate, Index experts, Index rounds, double range = 1) {
    return std::log(static_cast<double>(experts)) / rate + rate / 8 * range * range * static_cast<double>(rounds);
  }

  bool merges() const { return rate > 0; }
  bool learns() const { return rate == 0; }
  // 0: so large that the leader takes all.
  double tilt(detail::expert_memory const& m) const {
    if (rate > 0) return rate;
    return m.shared[0] > m.log_count() * 1e-140 ? m.log_count() / m.shared[0] : 0;
  }
  void logits(detail::expert_memory const& m, Eigen::ArrayXd& out) const {
    double const eta = tilt(m);
    if (eta > 0) {
      out = m.prior + eta * m.regrets;
    } else {  // the leader takes all
      double const most = (m.prior == detail::no_weight).select(detail::no_weight, m.regrets).maxCoeff();
      out = (m.regrets == most).select(m.prior, detail::no_weight);
    }
  }
  void learn(detail::expert_memory& m, Eigen::ArrayXd const& r) const {
    double const gap = gap_of(m, r);
    m.shared[1] = m.shared[0];
    m.shared[0] += std::max(gap, 0.);
  }
  double bound(detail::expert_memory const& m, Index k) const {
    if (m.prior(k) == detail::no_weight) return -detail::no_weight;  // excluded
    if (m.included < 2) return 0;
    if (rate > 0) return static_cast<double>(m.runs) * -m.prior(k) / rate + rate / 8 * m.ranges;
    return m.shared[0] + (m.shared[1] > 0 ? m.shared[1] * -m.prior(k) / m.log_count() : 0);
  }
  static bool valid(detail::expert_memory const& m) { return m.shared[0] >= m.shared[1] && m.shared[1] >= 0; }

 private:
  // By how much the potential log(sum prior e^(eta R)) / eta grows.
  static double gap_of(detail::expert_memory& m, Eigen::ArrayXd const& r) {
    double const eta = hedge{}.tilt(m), largest = r.maxCoeff(), least = r.minCoeff();
    auto& x = m.scratch;
    if (!(eta > 0)) {
      auto const excluded = m.prior == detail::no_weight;
      return excluded.select(detail::no_weight, m.regrets + r).maxCoeff() -
             excluded.select(detail::no_weight, m.regrets).maxCoeff();
    }
    if (eta * (largest - least) < 50) {
      x = eta * r;
      detail::exponentials(x.data(), x.size(), eta * largest);
      return largest + std::log((m.weights * x).sum()) / eta;
    }
    x = m.prior + eta * (m.regrets + r);  // weights too small to be numbers may count now
    double const after = detail::log_sum(x);
    x = m.prior + eta * m.regrets;
    return (after - detail::log_sum(x)) / eta;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "experts.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Vovk's aggregating algorithm for the square loss: weights are as e^(-rate * losses), and the prediction is not their mean
/// but the number that does well against both ends of the range. It pays a constant over the best expert, however long it
/// plays.
///
/// Shapes     a rule of expert_state: predict(row), update(outcome).
/// Ranges     low < high: forecasts and outcomes are between them; 0 < rate <= 2 / (high - low)^2; 0 is the largest.
/// Errors     those of expert_state; a number outside [low, high]; another loss; losses without predictions.
/// Guarantee  loss <= loss of expert k + ln(1/prior_k) / rate, always, also over the rounds in which k was awake: ln N / 2 on
///            [0, 1].
/// Cost       two exponentials and a logarithm an expert to predict, one to learn.
/// NaN        asleep.    Weights  the prior.    Ties  equal weights.
/// Merge      of states that saw other rounds: the weights of all.
/// Source     Vovk, 1990 and 2001; Kivinen and Warmuth, 1999.       Example  docs/experts.md
struct aggregating_algorithm_square {
  double low = 0, high = 1;
  double rate = 0;

  static constexpr Index slots = 0;
  static constexpr bool takes_prior = true, mixes = false, own_game = true;
  static constexpr void parameters(auto& op, auto visit) {
    visit("low", op.low), visit("high", op.high), visit("rate", op.rate);
  }
  double largest_rate() const { return 2 / ((high - low) * (high - low)); }
  void check() const {
    if (!(low < high && high - low < 1e70 && high - low > 1e-70))
      detail::refuse(*this, "needs low < high", {{"low", low}, {"high", high}});
    if (!(rate >= 0 && rate <= largest_rate() * (1 + 1e-12)))
      detail::refuse(*this, "needs a rate that the square loss allows: at most 2 / (high - low)^2, or 0 for that",
                     {{"rate", rate}});
  }
  void check_value(double v) const {
    if (!(v >= low && v <= high))
      detail::refuse(*this, "needs forecasts and outcomes in [low, high]", {{"value", v}, {"low", low}, {"high", high}});
  }
  bool merges() const { return true; }
  double tilt(detail::expert_memory const&) const { return eta(); }
  double predict(Eigen::ArrayXd const& shares, Eigen::ArrayXd const& row, Eigen::ArrayXd& scratch) const {
    auto const cost = [&](double end) {  // of the generalised prediction, if the outcome is there
      scratch = shares.log() - eta() * (row - end).square();
      return -detail::log_sum(scratch) / eta();
    };
    return std::clamp((low + high) / 2 - (cost(high) - cost(low)) / (2 * (high - low)), low, high);
  }
  double bound(detail::expert_memory const& m, Index k) const { return static_cast<double>(m.runs) * -m.prior(k) / eta(); }

 private:
  double eta() const { return rate > 0 ? rate : largest_rate(); }
};

/// Vovk's aggregating algorithm for the log loss: Bayes' mixture. Weights are as the prior times the product of the
/// probabilities that an expert gave to what came.
///
/// Shapes     a rule of expert_state: update_likelihoods(p), what each gave to what came; predict(p) is the mixture's
///            probability. Of K outcomes: pool(state, table of N x K) -> K; densities do as well as probabilities.
///            update(losses): -log p.
/// Ranges     probabilities >= 0, finite.
/// Errors     those of expert_state; an outcome that all with a weight held to be impossible.
/// Guarantee  -log of the mixture <= that of expert k + ln(1/prior_k), always, also over the rounds in which k was awake. So
///            the divergences of the mixture from k, where k is right, sum to that at most, and its total variations over T
///            rounds to sqrt(T ln(1/prior_k) / 2).
/// Cost       a logarithm and three exponentials an expert and round.      Merge  of other rounds: the posterior of all.
/// NaN        asleep.    Weights  the prior.    Ties  equal weights.
/// Source     Vovk, 1990; DeSantis, Markowsky and Wegman, 1988.      Example  examples/sparse_equilibrium.cpp
struct aggregating_algorithm_log {
  static constexpr Index slots = 0;
  static constexpr bool takes_prior = true, mixes = true;
  static constexpr void parameters(auto&, auto) {}
  void check() const {}
  bool merges() const { return true; }
  double tilt(detail::expert_memory const&) const { return 1; }
  double bound(detail::expert_memory const& m, Index k) const { return static_cast<double>(m.runs) * -m.prior(k); }
};

/// The mixture of experts' rows: what they say of K outcomes at once, N x K -> K.
template <class Rule, reports X>
Eigen::VectorXd pool(expert_state<Rule> const& state, X const& rows) {
  auto&& x = detail::readable(rows);
  if (x.rows() != state.experts())
    detail::refuse(state, "needs a row from each expert", {{"rows", x.rows()}, {"experts", state.experts()}});
  return x.template cast<double>().transpose() * state.weights().matrix();
}

}  // namespace robagg::inline ROBAGG_ABI

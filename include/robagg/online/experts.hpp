// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/engine.hpp"

namespace robagg::inline ROBAGG_ABI {

/// How experts are judged: what a forecast costs; by its slope at the mixture (the gradient trick) or by itself; and their
/// weights before the first round.
struct expert_options {
  forecast_loss loss = forecast_loss::square;
  double level = .5;  // of the pinball loss
  bool gradient = true;
  list<double> prior = {};  // uniform where empty; an expert with 0 is excluded for good
};

/// Experts that advise round after round, and a rule that weighs them: `expert_state experts(hedge{.rate = .5}, 3);`.
///
///     double const p = experts.predict(row);      // what N experts say -> the mixture
///     experts.update(outcome);                    // or update(losses) alone, where there is nothing to predict
///
/// Rules      hedge, fixed_share, ml_poly, ml_prod, ml_ewa, boa, projected_gradient; aggregating_algorithm_square and _log.
/// Shapes     N experts; rows, losses and awake are any vector of N numbers. Everything is computed in double.
/// Ranges     awake in [0, 1] for each expert, 1 where it is not given; losses and forecasts up to 1e140.
/// Sleeping   NaN in a row or in losses is asleep, too: weight 0 in this round, the others share, and only those awake learn:
///            r is awake (loss of the mixture less the expert's). A round with nobody awake predicts NaN, and teaches
///            nothing.
/// Gradient   experts lose slope * forecast, and the mixture slope * prediction: regret is then to the best convex
///            combination, too.
/// Regret     regrets()(k) is what has been lost over expert k in the rounds that it was awake, by those losses; bound(k) is
///            what theory allows, for the losses that came. A rule without a theorem has no bound.
/// Errors     bad_input, and nothing has changed: another number of experts; parameters out of range; a prior that the rule
///            does not take; infinite forecasts or losses; awake outside [0, 1]; an outcome before a prediction; a merge of
///            other states.
/// Cost       O(N) a round, no allocation after the constructor; hedge takes one exponential an expert.
/// Merge      of states that saw other rounds, as the rule says: with everybody awake weights are those of all rounds. Regret
///            and bound are the sums. Does not compile for rules whose rates depend on the order.
/// Source     as the rules; sleeping as in opera (Gaillard and Goude).      Example  examples/online_experts.cpp
template <class Rule>
class expert_state : public detail::expert_engine<Rule> {
  using engine = detail::expert_engine<Rule>;

 public:
  explicit expert_state(Rule const& rule, Index experts, expert_options const& options = {})
      : engine(rule, experts, {options.loss, options.level}, options.gradient, options.prior) {}

  /// The mixture of what experts say, for the outcome that follows.
  template <detail::scores Row>
  double predict(Row const& row) {
    return engine::predict_with(row, engine::everybody);
  }
  template <detail::scores Row, detail::scores Awake>
  double predict(Row const& row, Awake const& awake) {
    return engine::predict_with(row, awake);
  }
  /// What the last prediction was about. Returns what the prediction cost.
  double update(double outcome)
    requires(!Rule::mixes)
  {
    return engine::update_by_outcome(outcome);
  }
  /// What each expert lost. Returns what the mixture lost.
  template <detail::scores Losses>
  double update(Losses const& losses) {
    return engine::update_by_losses(losses, engine::everybody);
  }
  template <detail::scores Losses, detail::scores Awake>
  double update(Losses const& losses, Awake const& awake) {
    return engine::update_by_losses(losses, awake);
  }
  /// The same where you did otherwise than the mixture, and this is what you lost.
  template <detail::scores Losses>
  double update_paid(Losses const& losses, double paid) {
    return engine::update_by_losses(losses, engine::everybody, &paid);
  }
  /// The probability, or density, that each expert gave to what came. Returns -log of the mixture's.
  template <detail::scores Probabilities>
  double update_likelihoods(Probabilities const& probabilities)
    requires(Rule::mixes)
  {
    return engine::update_by_likelihoods(probabilities, engine::everybody);
  }
  template <detail::scores Probabilities, detail::scores Awake>
  double update_likelihoods(Probabilities const& probabilities, Awake const& awake)
    requires(Rule::mixes)
  {
    return engine::update_by_likelihoods(probabilities, awake);
  }

  /// What another one has seen.
  void merge(expert_state const& other) {
    static_assert(
        requires(Rule const& r) { r.merges(); },
        "robagg: this rule cannot be merged: its weights depend on the order of rounds");
    if constexpr (requires(Rule const& r) { r.merges(); }) engine::merge_with(other);
  }
  /// The state as bytes, and back: the same bits afterwards. Bytes that pack did not write are bad_input.
  std::vector<std::byte> pack() const { return engine::packed(detail::packed_kind::experts); }
  static expert_state unpack(std::span<std::byte const> bytes) {
    return expert_state(engine::unpacked(bytes, detail::packed_kind::experts));
  }

 private:
  explicit expert_state(engine&& state) : engine(std::move(state)) {}
};
template <class Rule>
expert_state(Rule, Index) -> expert_state<Rule>;
template <class Rule>
expert_state(Rule, Index, expert_options) -> expert_state<Rule>;

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
// Rounds of experts: reads what they say, asks the rule (memory.hpp) for weights, keeps what was lost and over whom.
#pragma once

#include "../forecast_loss.hpp"
#include "../../scores.hpp"
#include "memory.hpp"
#include "../../detail/packed_rule.hpp"

#include <span>
#include <string>
#include <vector>

namespace robagg::inline ROBAGG_ABI::detail {

// Where numbers that are doubles side by side in memory are, or nullptr.
template <class X>
double const* doubles_of(X const& x) {
  if constexpr (std::is_base_of_v<Eigen::EigenBase<X>, X>) {
    if constexpr (bool(Eigen::internal::traits<X>::Flags & Eigen::DirectAccessBit) &&
                  std::is_same_v<typename X::Scalar, double>) {
      return x.innerStride() == 1 ? x.data() : nullptr;
    }
  } else if constexpr (std::is_convertible_v<decltype(x.data()), double const*>) {
    return x.data();
  }
  return nullptr;
}

template <class Rule>
class expert_engine {
  static constexpr bool own_game = requires { Rule::own_game; };  // predicts in its own way, for the square loss
  static constexpr bool mixes = Rule::mixes;                      // losses are logarithms of likelihoods
  static constexpr double most = 1e140;                           // squares of losses are numbers

 public:
  std::string name() const { return robagg::name(rule_); }
  Rule const& rule() const { return rule_; }
  Index experts() const { return memory_.size(); }
  Index rounds() const { return memory_.rounds; }
  /// Of the next round, with everybody awake; they sum to 1.
  Eigen::ArrayXd const& weights() const { return memory_.weights; }
  /// Of the last round: what was predicted or lost is their sum.
  Eigen::ArrayXd const& mixture() const { return shares_; }
  /// What the mixture has lost in all rounds.
  double loss() const { return loss_; }
  Eigen::ArrayXd const& regrets() const { return memory_.regrets; }
  double regret() const { return memory_.regrets.maxCoeff(); }
  double bound(Index k) const
    requires requires(Rule const& r, expert_memory const& m) { r.bound(m, Index{}); }
  {
    return rule_.bound(memory_, checked(k));
  }
  double bound(Index k, Index switches) const
    requires requires(Rule const& r, expert_memory const& m) { r.bound(m, Index{}, Index{}); }
  {
    if (switches < 0) refuse("needs switches >= 0", {{"switches", switches}});
    return rule_.bound(memory_, checked(k), switches);
  }

 protected:
  struct everybody_awake {};
  static constexpr everybody_awake everybody{};

  expert_engine(Rule const& rule, Index n, loss_function const& loss, bool gradient, list<double> prior)
      : rule_(rule), loss_of_(loss), gradient_(gradient && !own_game) {
    if (n < 1) refuse("needs at least one expert", {{"experts", n}});
    rule_.check();
    if (!(loss.level > 0 && loss.level < 1)) refuse("needs 0 < level < 1", {{"level", loss.level}});
    if (own_game && loss.kind != forecast_loss::square) refuse("needs the square loss");
    auto& m = memory_;
    double const uniform = -std::log(static_cast<double>(n));
    m.prior = Eigen::ArrayXd::Constant(n, uniform);
    m.included = n;
    if (!prior.empty()) read_prior(prior);
    m.regrets = Eigen::ArrayXd::Zero(n);
    m.slots = Eigen::ArrayXXd::Zero(n, Rule::slots);
    m.weights = m.scratch = shares_ = row_ = awake_ = next_row_ = next_awake_ = regrets_ = m.regrets;
    if constexpr (requires { rule_.start(m); }) rule_.start(m);
    settle();
    shares_ = m.weights;
  }

  double predict_with(auto const& row, auto const& awake) {
    bool const all = take(row, awake);
    if (!(seen_.range.within(std::numeric_limits<double>::max()))) refuse("needs finite forecasts; NaN is asleep");
    if constexpr (own_game) {
      for (Index k = 0; k < experts(); ++k) {
        if (all || next_awake_(k) > 0) rule_.check_value(next_row_(k));
      }
    }
    if (all) next_awake_.setOnes();
    row_.swap(next_row_);
    awake_.swap(next_awake_);
    all_awake_ = all;
    pending_ = true;
    somebody_ = share(awake_, all);
    prediction_ = std::numeric_limits<double>::quiet_NaN();
    if (!somebody_) return prediction_;
    if constexpr (own_game) {
      prediction_ = rule_.predict(shares_, row_, memory_.scratch);
    } else {
      prediction_ = (shares_ * row_).sum();
    }
    return prediction_;
  }

  double update_by_outcome(double y) {
    if (!pending_) refuse("needs a prediction before its outcome", {{"rounds", rounds()}});
    if (!std::isfinite(y)) refuse("needs a finite outcome", {{"outcome", y}});
    if constexpr (own_game) rule_.check_value(y);
    if (!somebody_) return pending_ = false, prediction_;
    double const paid = loss_of_(prediction_, y), slope = loss_of_.slope(prediction_, y);
    double const own = gradient_ ? slope * prediction_ : paid;
    for (Index k = 0; k < experts(); ++k) {
      next_row_(k) = !(awake_(k) > 0) ? own : gradient_ ? slope * row_(k) : loss_of_(row_(k), y);
    }
    seen_.range = detail::range_of(next_row_);
    auto const range = checked_range(own);
    if (!(std::abs(paid) <= most)) refuse("needs losses up to 1e140", {{"loss", paid}});
    learn(range, awake_, all_awake_, own);
    loss_ += paid;
    return paid;
  }

  double update_by_losses(auto const& losses, auto const& awake, double const* paid = nullptr) {
    if constexpr (own_game) {
      if (paid == nullptr) refuse("needs predictions and outcomes, or what was paid for them");
    }
    bool const all = take(losses, awake);
    if constexpr (mixes) return mix(all, paid);
    auto const range = checked_range(paid == nullptr ? 0 : *paid);
    if constexpr (tilts) {
      if (all && memory_.included > 1 && !learns()) {
        double const own = paid == nullptr ? seen_.product : *paid;
        count_round(range, own);
        shares_.swap(memory_.weights);
        detail::learn_and_tilt(memory_, rule_.tilt(memory_), own, next_row_.data());
        return loss_ += own, own;
      }
    }
    if (!share(next_awake_, all)) return pending_ = false, std::numeric_limits<double>::quiet_NaN();
    double const own = paid == nullptr ? (shares_ * next_row_).sum() : *paid;
    learn(range, next_awake_, all, own);
    loss_ += own;
    return own;
  }

  double update_by_likelihoods(auto const& p, auto const& awake) {
    bool const all = take(p, awake);
    double const least = next_row_.minCoeff(), largest = next_row_.maxCoeff();
    if (!(least >= 0 && largest < -no_weight)) {
      refuse("needs probabilities or densities: finite, >= 0", {{"least", least}, {"largest", largest}});
    }
    next_row_ = -next_row_.log();
    return mix(all, nullptr);
  }

  void merge_with(expert_engine const& other) {
    auto& m = memory_;
    auto const& o = other.memory_;
    if (o.size() != m.size()) refuse("merges with as many experts", {{"experts", m.size()}, {"other experts", o.size()}});
    if (!rule_.merges()) refuse("merges with a fixed rate only: others depend on the order of rounds");
    if (!detail::same_rule(rule_, other.rule_) || !(o.prior == m.prior).all() || !same_losses(other)) {
      refuse("merges with the same parameters, losses and prior");
    }
    if (o.rounds > counted - m.rounds || o.runs > counted - m.runs) refuse("needs rounds that can be counted");
    m.regrets += o.regrets;
    m.rounds += o.rounds;
    m.runs += o.runs;
    m.ranges += o.ranges;
    loss_ += other.loss_;
    pending_ = false;
    settle();
  }

  std::vector<std::byte> packed(packed_kind kind) const {
    byte_writer out(kind, sizeof(double));
    auto const& m = memory_;
    detail::put_rule(out, rule_);
    out.put(static_cast<std::uint8_t>(loss_of_.kind));
    out.put(loss_of_.level);
    for (bool const flag : {gradient_, pending_, somebody_, all_awake_}) out.put(static_cast<std::uint8_t>(flag));
    for (double const v : {prediction_, loss_, m.ranges, m.shared[0], m.shared[1]}) out.put(v);
    out.put_count(m.rounds);
    out.put_count(m.runs);
    out.put_count(m.size());
    for (auto const* values : {&m.prior, &m.regrets, &shares_, &row_, &awake_}) out.put(values->data(), m.size());
    out.put(m.slots.data(), m.slots.size());
    return std::move(out).finish();
  }
  static expert_engine unpacked(std::span<std::byte const> bytes, packed_kind kind) {
    byte_reader in(type_name<Rule>(), bytes, kind, sizeof(double));
    Rule const rule = detail::get_rule<Rule>(in);
    loss_function loss;
    auto const number = in.get<std::uint8_t>();
    in.demand(number < enumerators(forecast_loss{}).size());
    loss.kind = static_cast<forecast_loss>(number);
    loss.level = in.get<double>();
    bool const gradient = in.get_flag(), pending = in.get_flag(), somebody = in.get_flag(), all = in.get_flag();
    double const prediction = in.get<double>(), paid = in.get<double>(), ranges = in.get<double>();
    std::array<double, 2> const shared{in.get<double>(), in.get<double>()};
    Index const rounds = in.get_index(), runs = in.get_index();
    Index const n = in.get_count((5 + static_cast<std::size_t>(Rule::slots)) * sizeof(double));
    expert_engine state(rule, n, loss, gradient, {});
    auto& m = state.memory_;
    for (auto* values : {&m.prior, &m.regrets, &state.shares_, &state.row_, &state.awake_}) in.get(values->data(), n);
    in.get(m.slots.data(), m.slots.size());
    in.finish();
    m.shared = shared;
    m.rounds = rounds;
    m.runs = runs;
    m.ranges = ranges;
    m.included = (m.prior > no_weight).count();
    state.loss_ = paid;
    state.prediction_ = prediction;
    state.pending_ = pending;
    state.somebody_ = somebody;
    state.all_awake_ = all;
    in.demand(state.sound());
    state.settle();
    in.demand(m.weights.isFinite().all() && std::abs(m.weights.sum() - 1) < 1e-6);
    return state;
  }

 private:
  static constexpr Index counted = std::numeric_limits<Index>::max() / 4;
  [[noreturn]] void refuse(std::string_view rule, std::initializer_list<named_value> values = {}) const {
    detail::refuse(rule_, rule, values);
  }
  Index checked(Index k) const {
    if (k < 0 || k >= experts()) refuse("needs one of its experts", {{"expert", k}, {"experts", experts()}});
    return k;
  }
  bool same_losses(expert_engine const& other) const {
    return other.loss_of_.kind == loss_of_.kind && other.loss_of_.level == loss_of_.level && other.gradient_ == gradient_;
  }
  void read_prior(list<double> prior) {
    auto& m = memory_;
    if (!Rule::takes_prior) refuse("starts from equal weights, without a prior");
    if (prior.size() != experts()) refuse("needs a prior for each expert", {{"prior", prior.size()}, {"experts", experts()}});
    double largest = 0;
    for (double const p : prior) {
      if (!(p >= 0 && p < -no_weight)) refuse("needs a finite prior >= 0", {{"prior", p}});
      largest = std::max(largest, p);
    }
    if (!(largest > 0)) refuse("needs a prior with a weight above 0");
    m.included = 0;
    for (Index k = 0; k < experts(); ++k) {
      m.prior(k) = std::log(prior[k]) - std::log(largest);
      m.included += prior[k] > 0;  // quotients may be too small
    }
    m.weights = m.prior;
    m.prior -= detail::log_sum(m.weights);
  }

  // Numbers into next_row_ and next_awake_; those asleep say 0. Is everybody awake?
  bool take(auto const& values, auto const& awake) {
    auto&& x = detail::readable(values);
    Index const n = experts();
    if (static_cast<Index>(values.size()) != n) {
      refuse("needs a number from each expert", {{"numbers", static_cast<Index>(values.size())}, {"experts", n}});
    }
    double const* from = detail::doubles_of(x);
    if (from == nullptr) {
      for (Index k = 0; k < n; ++k) next_row_(k) = static_cast<double>(detail::score_at(x, k));
      from = next_row_.data();
    }
    seen_ = detail::look(from, next_row_.data(), memory_.weights.data(), n);
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(awake)>, everybody_awake>) {
      if (seen_.product == seen_.product) return true;  // of next_awake_ nothing is read then
      next_awake_.setOnes();
    } else {
      auto&& a = detail::readable(awake);
      if (static_cast<Index>(awake.size()) != n) {
        refuse("needs awake for each expert", {{"awake", static_cast<Index>(awake.size())}, {"experts", n}});
      }
      for (Index k = 0; k < n; ++k) next_awake_(k) = static_cast<double>(detail::score_at(a, k));
      for (double const v : next_awake_) {
        if (!(v >= 0 && v <= 1)) refuse("needs awake in [0, 1]", {{"awake", v}});
      }
    }
    for (Index k = 0; k < n; ++k) {
      if (next_row_(k) != next_row_(k)) next_awake_(k) = 0;
      if (!(next_awake_(k) > 0)) next_row_(k) = 0;
    }
    seen_.range = detail::range_of(next_row_);
    return (next_awake_ == 1).all();
  }

  void settle() {
    auto& m = memory_;
    if (m.included == 1) {
      m.weights = (m.prior > no_weight).template cast<double>();
      return;
    }
    if constexpr (requires { rule_.tilt(m); }) {
      if (double const tilt = rule_.tilt(m); tilt > 0) return detail::tilt(m, tilt);
    }
    if constexpr (logarithmic) {
      logits(m.weights);
      detail::softmax(m.weights);
    } else {
      rule_.shares(m, m.weights);
    }
  }
  static constexpr bool tilts = requires(Rule const& r, expert_memory const& m) { r.tilt(m); };
  static constexpr bool logarithmic =
      tilts || requires(Rule const& r, expert_memory const& m, Eigen::ArrayXd& out) { r.logits(m, out); };
  void logits(Eigen::ArrayXd& out) const {
    if constexpr (requires { rule_.logits(memory_, out); }) {
      rule_.logits(memory_, out);
    } else {
      out = memory_.prior + rule_.tilt(memory_) * memory_.regrets;
    }
  }
  // The weights of those awake; where they are too small to be numbers, from their logarithms. Is anybody awake?
  bool share(Eigen::ArrayXd const& awake, bool all) {
    auto& m = memory_;
    if (all) return shares_ = m.weights, true;
    shares_ = m.weights * awake;
    double const sum = shares_.sum();
    if (sum > 1e-200) return shares_ *= 1 / sum, true;
    if constexpr (logarithmic) {
      logits(shares_);
      shares_ = (awake > 0).select(shares_ + awake.log(), no_weight);
      if (detail::softmax(shares_) > no_weight) return true;
    }
    shares_ = (m.prior > no_weight).select(awake, 0.);
    double const anybody = shares_.sum();
    return anybody > 0 ? (shares_ *= 1 / anybody, true) : false;
  }
  value_range checked_range(double own) const {
    auto const range = seen_.range;
    if (range.within(most) && std::abs(own) <= most) return range;
    refuse("needs losses between -1e140 and 1e140; NaN is asleep", {{"least", range.least}, {"largest", range.largest}});
  }
  void count_round(value_range range, double own) {
    auto& m = memory_;
    if (m.rounds >= counted) refuse("needs rounds that can be counted", {{"rounds", m.rounds}});
    ++m.rounds;
    m.ranges += (range.largest - range.least) * (range.largest - range.least);
    m.paid = own;
    pending_ = false;
  }
  // From the losses in next_row_.
  void learn(value_range range, Eigen::ArrayXd const& awake, bool all, double own) {
    auto& m = memory_;
    if (!all) {
      next_row_ = (awake > 0).select(next_row_, own);
      if (!mixes) range = detail::range_of(next_row_), range = {std::min(range.least, own), std::max(range.largest, own)};
    }
    count_round(range, own);
    if constexpr (requires { rule_.learn(m, regrets_); }) {
      if (m.included > 1 && learns()) return learn_more(awake, all), settle();
    }
    if (all) {
      m.regrets += own - next_row_;
    } else {
      m.regrets += awake * (own - next_row_);
    }
    settle();
  }
  // Hedge at a fixed rate does not.
  bool learns() const {
    if constexpr (requires { rule_.learns(); }) {
      return rule_.learns();
    } else {
      return requires(Rule const& r, expert_memory& m) { r.learn(m, m.regrets); };
    }
  }
  void learn_more(Eigen::ArrayXd const& awake, bool all) {
    auto& m = memory_;
    regrets_ = m.paid - next_row_;
    if (!all) regrets_ *= awake;
    rule_.learn(m, regrets_);
    m.regrets += regrets_;
  }
  // next_row_ are minus logarithms of likelihoods, infinite for what an expert held to be impossible.
  double mix(bool all, double const* paid) {
    auto& m = memory_;
    double const least = detail::range_of(next_row_).least;
    if (!(least >= -most)) refuse("needs losses above -1e140", {{"least", least}});
    logits(m.scratch);
    if (!all) m.scratch = (next_awake_ > 0).select(m.scratch + next_awake_.log(), no_weight);
    regrets_ = m.scratch - next_row_;
    double const before = detail::log_sum(m.scratch);
    if (before == no_weight) return pending_ = false, std::numeric_limits<double>::quiet_NaN();  // nobody is awake
    double const after = detail::log_sum(regrets_);
    double const own = paid == nullptr ? before - after : *paid;
    if (!(std::abs(own) <= most)) refuse("needs an outcome that an expert with a weight holds to be possible");
    share(next_awake_, all);
    learn({}, next_awake_, all, own);
    loss_ += own;
    return own;
  }

  bool sound() const {
    auto const& m = memory_;
    auto const in = [](auto const& x, double low, double high) { return (x >= low && x <= high).all(); };
    double const huge = std::numeric_limits<double>::max(), lowest = mixes ? no_weight : -huge;
    bool const priors = Rule::takes_prior || m.included == m.size();
    if (!in(m.prior, no_weight, 1e-6) || m.included < 1 || !priors || std::abs(m.prior.exp().sum() - 1) > 1e-6) return false;
    if (!in(m.regrets, lowest, huge) || !in(row_, -huge, huge) || !in(awake_, 0, 1) || !in(shares_, 0, 1 + 1e-6)) return false;
    if (!(m.slots == m.slots).all() || !(std::abs(m.ranges) <= huge && m.ranges >= 0 && std::abs(loss_) <= huge)) return false;
    if (!in(m.slots, requires(Rule const& r, expert_memory& m0) { r.start(m0); } ? no_weight : -huge, huge)) return false;
    if (m.rounds > counted || m.runs < 1 || m.runs > counted || (pending_ && somebody_ && !std::isfinite(prediction_)))
      return false;
    if (!std::isfinite(m.shared[0] + m.shared[1]) || all_awake_ > (awake_ == 1).all()) return false;
    if constexpr (requires { Rule::valid(m); }) return m.included < 2 || Rule::valid(m);
    return true;
  }

  Rule rule_;
  loss_function loss_of_;
  bool gradient_, pending_ = false, somebody_ = true, all_awake_ = false;
  double prediction_ = 0, loss_ = 0;
  expert_memory memory_;
  seen_values seen_;
  Eigen::ArrayXd shares_, row_, awake_, next_row_, next_awake_, regrets_;
};

}  // namespace robagg::inline ROBAGG_ABI::detail

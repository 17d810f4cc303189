// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/numbers.hpp"
#include "detail/rates.hpp"

namespace robagg::inline ROBAGG_ABI {

/// What a server makes of an aggregate: a step of an optimiser that remembers earlier rounds, on the result of any rule.
///
///     server_state server(fed_adam{.rate = .1}, d);
///     server.step(trimmed_mean{.f = 2}(models), model);             // an aggregate of models: model changes in place
///     server.step_by(median{}(changes), model);                     // or of what clients changed
///
/// Rules      fedavg_momentum, fed_adam, fed_yogi, fed_adagrad.
/// Shapes     aggregates of d numbers: any Eigen vector or expression, std::vector, std::span. The model: d float, double, half
///            or bfloat16, in any of these that can be written to. Everything is computed in double.
/// Errors     bad_input, and neither state nor model have changed: another length, an aggregate or a model that is not finite,
///            changes above 1e140, a step that the model's numbers do not hold; parameters of the rule.
/// Guarantee  each parameter of the model on its own: states of parts of a model make the steps of one of the whole, to the
///            same bits. Robust as far as the aggregate is.
/// Cost       O(d), two passes; one number a parameter for fedavg_momentum and fed_adagrad, two for the others. No allocation.
/// NaN        refused.      Weights  those of the rule before it.      Ties  none.
/// Merge      has no meaning: what is remembered depends on the order of rounds.
/// Source     Hsu, Qi and Brown, 2019 (momentum); Reddi et al., Adaptive federated optimization, 2021.
/// Example    examples/participation.cpp
template <class Rule>
class server_state {
 public:
  explicit server_state(Rule const& by, Index parameters) : rule_(by) {
    rule_.check();
    if (parameters < 0) refuse("needs d >= 0", {{"d", parameters}});
    memory_ = memory::Zero(parameters, Rule::slots);
  }
  std::string name() const { return robagg::name(rule_); }
  Rule const& rule() const { return rule_; }
  Index size() const { return memory_.rows(); }
  Index rounds() const { return rounds_; }

  /// Towards an aggregate of models.
  template <detail::numbers Aggregate>
  void step(Aggregate const& aggregate, auto&& model) {
    auto&& to = detail::readable(aggregate);
    move(static_cast<Index>(aggregate.size()), model,
         [&](Index j, double x) { return static_cast<double>(detail::score_at(to, j)) - x; });
  }
  /// Along an aggregate of changes.
  template <detail::numbers Change>
  void step_by(Change const& change, auto&& model) {
    auto&& by = detail::readable(change);
    move(static_cast<Index>(change.size()), model,
         [&](Index j, double) { return static_cast<double>(detail::score_at(by, j)); });
  }

  /// The state as bytes, and back: the same bits afterwards. Bytes that pack did not write are bad_input.
  std::vector<std::byte> pack() const {
    detail::byte_writer out(detail::packed_kind::server, sizeof(double));
    detail::put_rule(out, rule_), out.put_count(rounds_), out.put_count(size()), out.put(memory_.data(), memory_.size());
    return std::move(out).finish();
  }
  static server_state unpack(std::span<std::byte const> bytes) {
    detail::byte_reader in(detail::type_name<Rule>(), bytes, detail::packed_kind::server, sizeof(double));
    auto const rule = detail::get_rule<Rule>(in);
    Index const rounds = in.get_index();
    server_state state(rule, in.get_count(Rule::slots * sizeof(double)));
    in.get(state.memory_.data(), state.memory_.size());
    in.finish();
    in.demand(static_cast<double>(rounds) <= detail::largest_count && state.memory_.isFinite().all() &&
              (rounds > 0 || (state.memory_ == 0).all()));
    if constexpr (Rule::squares >= 0) in.demand((state.memory_.col(Rule::squares) >= 0).all());
    state.rounds_ = rounds;
    return state;
  }

 private:
  using memory = Eigen::Array<double, Eigen::Dynamic, Rule::slots>;
  static constexpr double most = 1e140;  // squares of changes, and their sums, are numbers
  [[noreturn]] void refuse(std::string_view rule, std::initializer_list<detail::named_value> values) const {
    detail::refuse(rule_, rule, values);
  }

  template <class Model, class Change>
  void move(Index given, Model& model, Change const& change) {
    static_assert(detail::writable_vector<Model>,
                  "robagg: the model needs a writable Eigen vector, a std::vector or a std::span");
    using S = std::remove_cvref_t<decltype(detail::element_at(model, Index{}))>;
    static_assert(!std::is_integral_v<S>,
                  "robagg: a model of whole numbers cannot take small steps: float, double, half or bfloat16");
    if (given != size()) refuse("needs an aggregate of d values", {{"values", given}, {"d", size()}});
    if (auto const n = static_cast<Index>(model.size()); n != size())
      refuse("needs a model of d values", {{"values", n}, {"d", size()}});
    double const factor = rule_.factor(static_cast<double>(rounds_) + 1);
    block b;
    for (Index j = 0; j < size(); j += width) {  // a look first: what is refused changes nothing
      compute(b, j, model, change, factor);
      if (looks_fine<S>(b)) continue;
      for (Index k = 0; k < std::min(width, size() - j); ++k) check<S>(b, j, k);
    }
    for (Index j = 0; j < size(); j += width) {
      compute(b, j, model, change, factor);
      Index const n = std::min(width, size() - j);
      memory_.middleRows(j, n) = b.kept.topRows(n);
      for (Index k = 0; k < n; ++k) detail::element_at(model, j + k) = static_cast<S>(b.x(k) + b.step(k));
    }
    ++rounds_;
  }
  // So many parameters at a time, the last ones with zeros beside them: wherever a parameter is, it takes the same
  // instructions.
  static constexpr Index width = 64;
  struct block {
    Eigen::Array<double, width, 1> x, by, step;
    Eigen::Array<double, width, Rule::slots> kept;
  };
  void compute(block& b, Index j, auto& model, auto const& change, double factor) const {
    Index const n = std::min(width, size() - j);
    if (n < width) {
      b.x.setZero();
      b.by.setZero();
      b.kept.setZero();
    }
    for (Index k = 0; k < n; ++k) {
      b.x(k) = static_cast<double>(detail::element_at(model, j + k));
      b.by(k) = change(j + k, b.x(k));
    }
    b.kept.topRows(n) = memory_.middleRows(j, n);
    rule_.move(b.kept, b.by, factor, b.step);
  }
  // Is everything far from what is refused? x - x is 0 for what is finite.
  template <class S>
  static bool looks_fine(block const& b) {
    auto const next = (b.x + b.step).template cast<S>().template cast<double>().eval();
    auto const far = (b.by * (std::numeric_limits<double>::max() / most * 8)).eval();
    Eigen::Array<double, width, 1> off = (b.x - b.x) + (next - next) + (far - far);
    for (Index s = 0; s < Rule::slots; ++s) off += b.kept.col(s) - b.kept.col(s);
    Eigen::Array<double, 16, 1> few = off.template segment<16>(0);
    for (Index k = 16; k < width; k += 16) few += off.template segment<16>(k);
    double all = 0;  // not by Eigen's sum, about which g++ 12 warns
    for (Index k = 0; k < 16; ++k) all += few(k);
    return all == 0;
  }
  template <class S>
  void check(block const& b, Index j, Index k) const {
    if (!(std::isfinite(b.x(k)) && std::abs(b.by(k)) <= most)) {
      refuse("needs a finite aggregate and model, no more than 1e140 apart",
             {{"parameter", j + k}, {"model", b.x(k)}, {"change", b.by(k)}});
    }
    bool fits = std::isfinite(static_cast<double>(static_cast<S>(b.x(k) + b.step(k))));
    for (Index s = 0; s < Rule::slots; ++s) fits &= std::isfinite(b.kept(k, s));
    if (!fits) refuse("needs a step that the model's numbers hold", {{"parameter", j + k}, {"step", b.step(k)}});
  }

  Rule rule_;
  memory memory_;
  Index rounds_ = 0;
};
template <class Rule>
server_state(Rule, Index) -> server_state<Rule>;

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "staleness_weights.hpp"
#include "../running.hpp"

namespace robagg::inline ROBAGG_ABI {

/// FedBuff's buffer: changes that arrive at any time, from models of any age; after every `capacity` of them the server makes a
/// step. They are folded into one sum on arrival, in O(d) memory.
///
///     staleness_buffer buffer(staleness_weights{}, 10, d);
///     Index const pulled = buffer.steps();                    // kept by the server with each client that takes the model
///     if (buffer.add(change, pulled)) model += rate * buffer.take();
///
/// Shapes     changes of d numbers, any Eigen vector; pulled is steps() when the client took the model. A robust rule needs the
///            reports side by side: keep them and their ages, and use staleness_weights.
/// Ranges     capacity >= 1 (1: a step on every arrival); examples >= 0; radius >= 0: every change is shortened to it on
///            arrival.
/// Errors     bad_input, and nothing has changed: a model from the future (an age below 0), a change that is not finite where
///            there is no radius, a full buffer, results where nothing weighs anything, a merge of another rule, shape or
///            number of steps.
/// Guarantee  with a radius any one change moves take() by at most radius examples / count(); nothing else here is robust.
/// Cost       O(d) a change; memory O(d).
/// NaN        refused; with a radius a change that is not finite counts as zeros.     Weights  staleness times examples.
/// Merge      of buffers that were filled for the same step, up to rounding; together they may hold more than capacity.
/// Source     Nguyen et al., 2022; folding on arrival is LIFL's eager aggregation (Qi et al., 2024).
/// Example    examples/participation.cpp
class staleness_buffer {
 public:
  staleness_buffer(staleness_weights const& by, Index capacity, Index columns,
                   double radius = std::numeric_limits<double>::infinity())
      : rule_(by), capacity_(capacity), sum_(columns, radius) {
    rule_.check();
    if (capacity < 1) refuse("needs capacity >= 1", {{"capacity", capacity}});
  }
  std::string name() const { return "staleness_buffer"; }
  staleness_weights const& rule() const { return rule_; }
  Index capacity() const { return capacity_; }
  /// Steps of the server so far: the version of the model.
  Index steps() const { return steps_; }
  Index count() const { return count_; }
  double weight() const { return sum_.weight(); }
  bool full() const { return count_ >= capacity_; }

  /// Is the buffer full now?
  template <class Change>
  bool add(Eigen::DenseBase<Change> const& change, Index pulled, double examples = 1) {
    if (full()) refuse("needs its step before the next change", {{"count", count_}, {"capacity", capacity_}});
    if (pulled < 0 || pulled > steps_) {
      refuse("needs an age >= 0: no client has a model of a step to come", {{"pulled", pulled}, {"steps", steps_}});
    }
    detail::read_number(*this, examples, detail::example_rule);
    auto&& x = detail::readable(change.derived());
    for (Index j = 0; j < x.size() && sum_.radius() == std::numeric_limits<double>::infinity(); ++j) {
      auto const v = static_cast<double>(x.coeff(j));
      if (!std::isfinite(v)) refuse("needs finite changes, or a radius", {{"column", j}, {"value", v}});
    }
    sum_.add(x, rule_.weight(static_cast<double>(steps_ - pulled)) * examples);
    return ++count_, full();
  }
  /// The weighted mean of what is here.
  Eigen::VectorXd mean() const {
    if (!(weight() > 0)) refuse("needs a change that weighs something", {{"count", count_}});
    return sum_.mean();
  }
  /// FedBuff's step: the weighted sum, divided by how many changes there are. Old changes make a small step. The buffer is
  /// empty then, and steps() one more. Before it is full, too.
  Eigen::VectorXd take() {
    Eigen::VectorXd step = mean() * (weight() / static_cast<double>(count_));
    next();
    return step;
  }
  /// The same where the step was made of mean(), or where nothing weighs anything.
  void next() {
    sum_ = running(sum_.columns(), sum_.radius());
    count_ = 0;
    ++steps_;
  }

  /// What another one holds for the same step.
  void merge(staleness_buffer const& other) {
    if (!detail::same_rule(other.rule_, rule_) || other.capacity_ != capacity_)
      refuse("merges with the same rule and capacity", {});
    if (other.steps_ != steps_) refuse("merges within the same step", {{"steps", steps_}, {"other steps", other.steps_}});
    if (static_cast<double>(count_) + static_cast<double>(other.count_) > detail::largest_count) {
      refuse("needs changes that can be counted", {{"count", count_}, {"other count", other.count_}});
    }
    sum_.merge(other.sum_);
    count_ += other.count_;
  }
  /// The state as bytes, and back: the same bits afterwards. Bytes that pack did not write are bad_input.
  std::vector<std::byte> pack() const {
    detail::byte_writer out(detail::packed_kind::staleness, sizeof(double));
    detail::put_rule(out, rule_), out.put_count(capacity_), out.put_count(steps_), out.put_count(count_);
    auto const inner = sum_.pack();
    out.put_count(static_cast<Index>(inner.size()));
    for (std::byte const b : inner) out.put(static_cast<std::uint8_t>(b));
    return std::move(out).finish();
  }
  static staleness_buffer unpack(std::span<std::byte const> bytes) {
    detail::byte_reader in("staleness_buffer", bytes, detail::packed_kind::staleness, sizeof(double));
    auto const rule = detail::get_rule<staleness_weights>(in);
    Index const capacity = in.get_index(), steps = in.get_index(), count = in.get_index();
    std::vector<std::byte> inner(static_cast<std::size_t>(in.get_count(1)));
    for (std::byte& b : inner) b = static_cast<std::byte>(in.get<std::uint8_t>());
    in.finish();
    running sum = running::unpack(inner);
    double const most = detail::largest_count;
    in.demand(capacity >= 1 && sum.rows() <= count && static_cast<double>(count) <= most && static_cast<double>(steps) <= most);
    in.demand(sum.rows() == 0 || sum.mean().allFinite());
    staleness_buffer state(rule, capacity, sum.columns(), sum.radius());
    state.steps_ = steps;
    state.count_ = count;
    state.sum_ = std::move(sum);
    return state;
  }

 private:
  [[noreturn]] void refuse(std::string_view rule, std::initializer_list<detail::named_value> values) const {
    detail::refuse(*this, rule, values);
  }

  staleness_weights rule_;
  Index capacity_, steps_ = 0, count_ = 0;
  running sum_;
};

}  // namespace robagg::inline ROBAGG_ABI

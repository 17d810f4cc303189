// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/numbers.hpp"

#include <array>

namespace robagg::inline ROBAGG_ABI {

/// polynomial: 1 / (1 + age)^exponent. threshold: 1 up to the age `cutoff`, `after` beyond.
enum class staleness { polynomial, threshold };
constexpr std::array<std::string_view, 2> enumerators(staleness) { return {"polynomial", "threshold"}; }

/// Reports that were made from an old model weigh less: how much by their age, which is how many steps the server has made
/// since the client pulled the model.
///
/// Shapes     ages of n reports -> n weights; with examples (how much data each has seen) their products. staleness_buffer does
///            it as reports arrive.
/// Ranges     ages >= 0, whole or not; exponent and after in [0, 1]; cutoff >= 0.
/// Errors     bad_input for others, for NaN, for examples below 0 or infinite, and where no report weighs anything.
/// Guarantee  weights are in [0, 1] before examples, and never grow with age.
/// Cost       O(n).      NaN  refused.     Weights  are what it makes: `weighted(reports, w)`.     Ties  none.
/// Source     Xie, Koyejo and Gupta, Asynchronous federated optimization, 2019; Nguyen et al., Federated learning with buffered
///            asynchronous aggregation, 2022 (FedBuff: polynomial, exponent 1/2).
/// Example    examples/participation.cpp
struct staleness_weights {
  staleness kind = staleness::polynomial;
  double exponent = .5;
  double cutoff = 10;
  double after = .1;

  static constexpr void parameters(auto& op, auto visit) {
    visit("kind", op.kind), visit("exponent", op.exponent), visit("cutoff", op.cutoff), visit("after", op.after);
  }
  void check() const {
    if (!(exponent >= 0 && exponent <= 1)) detail::refuse(*this, "needs 0 <= exponent <= 1", {{"exponent", exponent}});
    if (!(cutoff >= 0)) detail::refuse(*this, "needs cutoff >= 0", {{"cutoff", cutoff}});
    if (!(after >= 0 && after <= 1)) detail::refuse(*this, "needs 0 <= after <= 1", {{"after", after}});
  }
  /// Of one report.
  double weight(double age) const {
    detail::read_number(*this, age, age_rule);
    if (kind == staleness::threshold) return age <= cutoff ? 1 : after;
    return exponent == .5 ? 1 / std::sqrt(1 + age) : std::pow(1 + age, -exponent);
  }
  template <detail::numbers Ages>
  Eigen::VectorXd operator()(Ages const& ages) const {
    check();
    Eigen::VectorXd w = detail::read_numbers(*this, ages, age_rule);
    for (double& v : w) v = weight(v);
    return detail::need_weight(*this, w), w;
  }
  template <detail::numbers Ages, detail::numbers Examples>
  Eigen::VectorXd operator()(Ages const& ages, Examples const& examples) const {
    Eigen::VectorXd w = (*this)(ages);
    w.array() *= detail::read_numbers(*this, examples, w.size(), detail::example_rule).array();
    return detail::need_weight(*this, w), w;
  }

 private:
  static constexpr detail::number_rule age_rule{"age", "needs ages >= 0 and finite"};
};

}  // namespace robagg::inline ROBAGG_ABI

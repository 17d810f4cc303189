// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/table/output.hpp"
#include "../scores.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// How likely to choose each option: proportional to exp(score / temperature). Unlike the position of the highest score it
/// does not jump when two scores change places.
///
/// Shapes     d scores -> d weights, >= 0 with sum 1.
/// Ranges     temperature > 0 and finite.
/// Errors     no scores; all scores NaN; temperature.
/// Guarantee  scores that move by at most e each move the weights by at most e / (2 temperature) in total variation.
/// Cost       O(d), one exponential each, in double.
/// NaN        weighs 0. If any are +infinity they share all; -infinity weighs 0 unless there is nothing else.
/// Ties       equal scores weigh the same.    Source  definition.   Example  examples/conservative_mixture.cpp
struct soft_argmax {
  required<real, "temperature"> temperature;

  static constexpr void parameters(auto& op, auto visit) { visit("temperature", op.temperature); }

  template <detail::scores V>
  void into(V const& scores, auto&& out, workspace& ws) const {
    auto const d = static_cast<Index>(scores.size());
    if (!(temperature > 0) || !std::isfinite(temperature.value)) {
      detail::refuse(*this, "needs temperature > 0 and finite", {{"temperature", temperature}});
    }
    if (d < 1) detail::refuse(*this, "needs at least one score", {{"d", d}});
    auto const scope = ws.scope();
    auto const* const score = detail::score_values(scores, ws);
    double highest = -std::numeric_limits<double>::infinity(), sum = 0;
    bool known = false;
    for (Index i = 0; i < d; ++i) {
      known = known || score[i] == score[i];
      highest = score[i] > highest ? static_cast<double>(score[i]) : highest;
    }
    if (!known) detail::refuse(*this, "needs a score that is not NaN", {{"scores", d}});
    auto weight = ws.vector<double>(d);
    for (Index i = 0; i < d; ++i) {
      double const gap = score[i] == highest ? 0 : score[i] - highest;  // infinity less infinity
      weight(i) = gap == gap ? std::exp(gap / temperature) : 0;
      sum += weight(i);
    }
    weight /= sum;
    detail::fit_vector(*this, out, d);
    detail::store(out, 0, weight.data(), d);
  }
  std::size_t scratch(auto const& scores) const { return 2 * workspace::room<double>(static_cast<Index>(scores.size())); }
  auto operator()(detail::scores auto const& scores) const {
    workspace ws;
    Eigen::VectorXd out;
    into(scores, out, ws);
    return out;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

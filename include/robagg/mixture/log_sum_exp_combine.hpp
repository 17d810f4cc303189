// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../detail/table/check.hpp"
#include "detail/options.hpp"

#include <cmath>
#include <limits>

namespace robagg::inline ROBAGG_ABI {

/// One number from many agents' values: the soft maximum of each agent's actions, weighted by how far the agent has gone from
/// what is known. As a penalty it pulls most at those who deviate most.
///
/// Shapes     n agents x d actions, values, and n divergences -> one number; `weights(divergences)` are the agents' weights.
/// Ranges     tau >= 0: 0 weighs all alike, infinity takes the agent with the largest divergence alone. temperature > 0 and
///            finite: towards 0 the highest value of each agent.
/// Errors     tau or temperature out of range; another number of divergences, or one that is not finite; a value that is NaN or
///            infinity; an agent without an action; n = 0.
/// Guarantee  sum over agents of softmax(tau divergence) times temperature log sum exp(value / temperature); never overflows.
///            Between the weighted maxima and those plus temperature log d.
/// Cost       one read, an exponential a value.
/// NaN        refused. An action that an agent does not have is -infinity.      Weights  no weighted form.
/// Ties       with tau infinite, the first agent.
/// Source     the conservative penalty of CFCQL (Shao et al., 2023), from its code, where tau 100 stands for infinity. Whether
///            its text gives more weight to those who deviate more, as the code does, is not known.
/// Example    examples/mixtures.cpp
struct log_sum_exp_combine {
  required<real, "tau"> tau;
  double temperature = 1;

  static constexpr int reads = detail::plain;
  static constexpr void parameters(auto& op, auto visit) { visit("tau", op.tau), visit("temperature", op.temperature); }
  void check(Index) const {
    if (!(tau >= 0)) detail::refuse(*this, "needs tau >= 0", {{"tau", tau}});
    if (!(temperature > 0) || !std::isfinite(temperature))
      detail::refuse(*this, "needs a finite temperature > 0", {{"temperature", temperature}});
  }

  template <any_reports R, detail::scores D>
  void into(R const& r, D const& divergences, double& out, workspace& ws) const {
    auto&& entered = detail::enter(*this, r);
    auto const scope = ws.scope();
    auto const& x = detail::plain_of(entered);
    Index const n = r.rows(), given = static_cast<Index>(divergences.size());
    if (given != n) detail::refuse(*this, "needs a divergence for each agent", {{"agents", n}, {"divergences", given}});
    double const* const weight = weigh(divergences, ws);
    double sum = 0;
    for (Index i = 0; i < n; ++i) {
      double const own = soft_maximum(x, i);
      if (weight[i] > 0) sum += weight[i] * own;
    }
    out = sum;
  }
  auto operator()(any_reports auto const& r, detail::scores auto const& divergences) const {
    workspace ws;
    double out = 0;
    into(r, divergences, out, ws);
    return out;
  }
  Eigen::VectorXd weights(detail::scores auto const& divergences) const {
    workspace ws;
    check(0);
    return Eigen::Map<Eigen::VectorXd const>(weigh(divergences, ws), static_cast<Index>(divergences.size()));
  }

 private:
  double const* weigh(auto const& divergences, workspace& ws) const {
    Index const n = static_cast<Index>(divergences.size());
    double const* const d = detail::finite_scores(*this, divergences, "needs finite divergences", ws);
    double* const w = ws.take<double>(n);
    double const* const highest = std::max_element(d, d + n);
    for (Index i = 0; i < n; ++i) w[i] = std::isinf(tau.value) ? d + i == highest : tau > 0 ? d[i] - *highest : 0;
    if (!std::isinf(tau.value)) detail::tilted_weights(w, n, tau > 0 ? 1 / tau : 1, [](Index) { return 1.; });
    double sum = 0;
    for (Index i = 0; i < n; ++i) sum += w[i];
    for (Index i = 0; i < n; ++i) w[i] /= sum;
    return w;
  }
  double soft_maximum(auto const& x, Index i) const {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    double highest = -infinite, sum = 0;
    for (Index j = 0; j < x.cols(); ++j) {
      double const v = static_cast<double>(x(i, j));
      if (!(v < infinite)) detail::refuse(*this, "needs values that are finite or -infinity", {{"agent", i}, {"value", v}});
      highest = std::max(highest, v);
    }
    if (highest == -infinite) detail::refuse(*this, "needs an action for each agent", {{"agent", i}});
    for (Index j = 0; j < x.cols(); ++j) sum += std::exp((static_cast<double>(x(i, j)) - highest) / temperature);
    return highest + temperature * std::log(sum);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

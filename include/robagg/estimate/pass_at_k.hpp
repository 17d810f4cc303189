// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "best_of_n_curve.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// The chance that k of N samples, drawn without replacement, have a right one among them if c are right:
/// 1 - C(N - c, k) / C(N, k).
///
/// Shapes     three numbers -> a number in 0..1.
/// Errors     unless 0 <= correct <= samples and 1 <= k <= samples.
/// Guarantee  unbiased for the chance that one of k independent samples is right.
/// Cost       O(k), without binomials.   Source  Chen et al., Evaluating large language models trained on code, 2021.
/// Example    examples/best_of_n_worth.cpp
inline double pass_at_k(Index samples, Index correct, Index k) {
  struct pass_at_k_op {
    static std::string name() { return "pass_at_k"; }
  };
  if (correct < 0 || correct > samples || k < 1 || k > samples) {
    detail::refuse(pass_at_k_op{}, "needs 0 <= correct <= samples and 1 <= k <= samples",
                   {{"samples", samples}, {"correct", correct}, {"k", k}});
  }
  double missed = 1;
  for (Index i = 0; i < k && missed > 0; ++i) {
    missed *= static_cast<double>(std::max<Index>(samples - correct - i, 0)) / static_cast<double>(samples - i);
  }
  return 1 - missed;
}

/// The expected highest score among k of N samples, drawn without replacement.
///
/// Shapes     N scores -> a number.       Ranges  1 <= k <= N.    Errors  no scores; k out of range.
/// Cost       one sort.                   NaN     comes last, and spoils the result if it can be chosen.
/// Source     best_of_n_curve with the score as its own proxy.    Example  examples/best_of_n_worth.cpp
struct max_at_k {
  required<count, "k"> k;

  static constexpr void parameters(auto& op, auto visit) { visit("k", op.k); }

  template <detail::scores V>
  void into(V const& scores, double& out, workspace& ws) const {
    auto const n = static_cast<Index>(scores.size());
    if (n < 1) detail::refuse(*this, "needs at least one score", {{"N", n}});
    if (k < 1 || k > n) detail::refuse(*this, "needs 1 <= k <= N", {{"k", k}, {"N", n}});
    auto const scope = ws.scope();
    out = detail::expected_best(detail::values_by_proxy(scores, scores, ws), n, static_cast<double>(k));
  }
  auto operator()(detail::scores auto const& scores) const {
    workspace ws;
    double out = 0;
    into(scores, out, ws);
    return out;
  }
};

/// How far best-of-n can be from the policy that it samples: log n - (n - 1) / n, an upper bound on the Kullback-Leibler
/// divergence, in nats. n >= 1.
inline double best_of_n_divergence(Index n) {
  struct best_of_n_divergence_op {
    static std::string name() { return "best_of_n_divergence"; }
  };
  if (n < 1) detail::refuse(best_of_n_divergence_op{}, "needs n >= 1", {{"n", n}});
  double const m = static_cast<double>(n);
  return std::log(m) - (m - 1) / m;
}

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "best_of_n_curve.hpp"
#include "best_of_n_divergence.hpp"  // these are here until 0.3
#include "max_at_k.hpp"

#include <algorithm>

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
}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../error.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// How far best-of-n can be from the policy that it samples: log n - (n - 1) / n, an upper bound on the Kullback-Leibler
/// divergence, in nats. n >= 1.
/// Source  Gao, Schulman and Hilton 2023; Beirami et al., Theoretical guarantees on the best-of-n alignment policy, 2024 (a
/// bound).
inline double best_of_n_divergence(Index n) {
  struct best_of_n_divergence_op {
    static std::string name() { return "best_of_n_divergence"; }
  };
  if (n < 1) detail::refuse(best_of_n_divergence_op{}, "needs n >= 1", {{"n", n}});
  double const m = static_cast<double>(n);
  return std::log(m) - (m - 1) / m;
}

}  // namespace robagg::inline ROBAGG_ABI

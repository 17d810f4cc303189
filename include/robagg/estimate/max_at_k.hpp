// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../scores.hpp"
#include "detail/curve.hpp"

namespace robagg::inline ROBAGG_ABI {

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

}  // namespace robagg::inline ROBAGG_ABI

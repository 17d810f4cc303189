// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/select/rank.hpp"
#include "../scores.hpp"

#include <algorithm>

namespace robagg::inline ROBAGG_ABI {

/// The confidence of one token: the mean of -log p over the top_k most likely tokens, from a row of natural
/// log-probabilities (all of them, or just the top ones): the higher, the more the distribution is concentrated on one.
///
/// Shapes     V log-probabilities -> a number.   Ranges  top_k >= 1 (20 in the source); fewer are averaged where V is less.
/// Errors     no log-probabilities; top_k < 1.   Cost    O(V).   NaN  comes last; +infinity is an impossible probability and
///            makes the result -infinity.        Source  Fu et al., Deep think with confidence, 2025.
/// Example    examples/trace_confidence.cpp
struct token_confidence {
  Index top_k = 20;

  static constexpr void parameters(auto& op, auto visit) { visit("top_k", op.top_k); }

  template <detail::scores V>
  void into(V const& log_probabilities, double& out, workspace& ws) const {
    auto const d = static_cast<Index>(log_probabilities.size());
    if (top_k < 1) detail::refuse(*this, "needs top_k >= 1", {{"top_k", top_k}});
    if (d < 1) detail::refuse(*this, "needs at least one log-probability", {{"V", d}});
    auto const scope = ws.scope();
    auto const* const x = detail::score_values(log_probabilities, ws);
    Index const k = std::min(top_k, d);
    double sum = 0;
    if (k == d) {
      for (Index j = 0; j < d; ++j) sum += static_cast<double>(x[j]);
    } else {
      auto const level = detail::from_top(x, d, k - 1, ws);
      for (Index j = 0; j < d; ++j) sum += x[j] > level.value ? static_cast<double>(x[j]) : 0;
      sum += static_cast<double>(k - level.above) * static_cast<double>(level.value);  // of equal ones as many as are missing
    }
    out = -sum / static_cast<double>(k);
  }
  auto operator()(detail::scores auto const& log_probabilities) const {
    workspace ws;
    double out = 0;
    into(log_probabilities, out, ws);
    return out;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

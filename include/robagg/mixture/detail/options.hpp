// SPDX-License-Identifier: BSL-1.0
// What mixtures over options have in common: scores that are read, and weights tilted by them.
#pragma once

#include "../../scores.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

// Weights proportional to base(i) exp(score(i) / temperature), in place of the scores.
inline void tilted_weights(double* score, Index n, double temperature, auto const& base) {
  double highest = -std::numeric_limits<double>::infinity(), sum = 0;
  for (Index i = 0; i < n; ++i) highest = base(i) > 0 ? std::max(highest, score[i]) : highest;
  for (Index i = 0; i < n; ++i) {
    score[i] = base(i) > 0 ? base(i) * std::exp((score[i] - highest) / temperature) : 0;
    sum += score[i];
  }
  for (Index i = 0; i < n; ++i) score[i] /= sum;
}

template <class Op, class V>
double const* finite_scores(Op const& op, V const& scores, char const* rule, workspace& ws) {
  Index const d = static_cast<Index>(scores.size());
  if (d < 1) refuse(op, "needs at least one option", {{"d", d}});
  auto const* const given = detail::score_values(scores, ws);
  double* const wide = ws.take<double>(d);
  for (Index i = 0; i < d; ++i) {
    wide[i] = static_cast<double>(given[i]);
    if (!std::isfinite(wide[i])) refuse(op, rule, {{"position", i}, {"value", wide[i]}});
  }
  return wide;
}

}  // namespace robagg::inline ROBAGG_ABI::detail

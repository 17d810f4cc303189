// SPDX-License-Identifier: BSL-1.0
// Points of the simplex: weights >= 0 whose sum is 1.
#pragma once

#include "../../scores.hpp"

#include <algorithm>
#include <cmath>
#include <functional>  // std::greater

namespace robagg::inline ROBAGG_ABI::detail {

// The nearest point of the simplex to v, in place; `sorted` is scratch of the same size.
inline void move_onto_simplex(double* v, Index n, double* sorted) {
  std::copy_n(v, n, sorted);
  std::sort(sorted, sorted + n, std::greater<>{});
  // By differences from the largest, so that large values lose nothing.
  double const top = sorted[0];
  double sum = 0, cut = 0;
  for (Index k = 0; k < n; ++k) {
    sum += sorted[k] - top;
    double const level = (sum - 1) / static_cast<double>(k + 1);
    if (sorted[k] - top > level) cut = level;
  }
  for (Index i = 0; i < n; ++i) v[i] = std::max(0., v[i] - top - cut);
}

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

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../scores.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// Proper scores of a distribution over K outcomes, once the outcome is known.
struct outcome_score {
  double brier = 0;        ///< loss, 0 to 2: the sum of squared differences (half of it is the binary Brier score)
  double logarithmic = 0;  ///< loss: -ln p of the outcome, infinite for 0
  double spherical = 0;    ///< reward: p of the outcome over the norm of p
  double quadratic = 0;    ///< reward: 2 p of the outcome less the sum of squares, 1 - brier
  double ranked = 0;       ///< loss, of ordered outcomes: the sum of squared differences of the cumulated distributions
};
/// Errors     a single outcome; an outcome that is none of the K; NaN propagates.     Source  Gneiting and Raftery, 2007.
template <detail::scores P>
outcome_score score_outcome(P const& probabilities, Index outcome) {
  auto const K = static_cast<Index>(probabilities.size());
  if (K == 1) detail::throw_bad_input("score_outcome", "needs two outcomes or more: give both", {{"outcomes", K}});
  if (outcome < 0 || outcome >= K)
    detail::throw_bad_input("score_outcome", "needs one of the outcomes", {{"outcome", outcome}, {"outcomes", K}});
  outcome_score s;
  double squares = 0, cumulated = 0;
  for (Index k = 0; k < K; ++k) {
    double const p = static_cast<double>(detail::score_at(probabilities, k));
    s.brier += (p - (k == outcome)) * (p - (k == outcome));
    squares += p * p;
    cumulated += p;
    double const step = cumulated - (k >= outcome);
    if (k + 1 < K) s.ranked += step * step;
  }
  double const p = static_cast<double>(detail::score_at(probabilities, outcome));
  s.logarithmic = -std::log(p);
  s.spherical = p / std::sqrt(squares);
  s.quadratic = 2 * p - squares;
  return s;
}

}  // namespace robagg::inline ROBAGG_ABI

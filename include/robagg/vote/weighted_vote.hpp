// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/grouped.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Each sample votes for its answer with its score as the weight; the largest sum (or mean, or maximum) wins.
///
/// Shapes     N answers and N scores -> a verdict with at most k answers.
/// Ranges     scores >= 0, infinity allowed; class_score sum by default; k >= 1.
/// Errors     no answers; another number of scores; a negative score; k < 1.
/// Guarantee  none: a large score outvotes any number of small ones.
/// Cost       O(N + D log k) for D different answers, summed in double.
/// NaN        a sample with a NaN score has no vote.
/// Ties       the answer that votes first.        Source  Li et al., 2023.   Example  examples/best_of_majority.cpp
struct weighted_vote {
  robagg::class_score class_score = robagg::class_score::sum;
  Index k = 1;

  static constexpr void parameters(auto& op, auto visit) { visit("class_score", op.class_score), visit("k", op.k); }

  template <answers Ls, detail::scores V>
  void into(Ls const& given, V const& scores, verdict<detail::label_of<Ls>>& out, workspace& ws) const {
    detail::open_vote(*this, given, scores, ws, [&](auto const& labels, auto const& score) {
      Index const n = labels.size();
      detail::check_scores(*this, score, n, 0, std::numeric_limits<double>::infinity(), "needs scores >= 0");
      detail::vote_by(*this, labels, class_score, score, score, out, ws);
    });
  }
  auto operator()(answers auto const& labels, detail::scores auto const& scores) const {
    return detail::evaluate_votes(*this, labels, scores);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

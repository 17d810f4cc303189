// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/grouped.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Each sample votes with the log-odds of its score above a baseline: a sample that the verifier doubts votes against its
/// answer.
///
/// Shapes     N answers and N scores -> a verdict with at most k answers; totals may be negative.
/// Ranges     scores in 0..1, the probability that the answer is right; 0 < baseline < 1; k >= 1. Scores count as at
///            least 1e-9 and at most 1 - 1e-9, so that no sample votes with infinity.
/// Errors     no answers; another number of scores; scores or baseline out of range; k < 1.
/// Guarantee  if scores are calibrated and samples independent, the order of the posterior odds.
/// Cost       O(N + D log k) for D different answers, with one logarithm each.
/// NaN        a sample with a NaN score has no vote.
/// Ties       the answer that votes first.        Source  Kuang et al., 2025, as scorio has it.
/// Example    examples/best_of_majority.cpp
struct logit_vote {
  double baseline = .5;
  Index k = 1;

  static constexpr void parameters(auto& op, auto visit) { visit("baseline", op.baseline), visit("k", op.k); }

  template <answers Ls, detail::scores V>
  void into(Ls const& given, V const& scores, verdict<detail::label_of<Ls>>& out, workspace& ws) const {
    detail::open_vote(*this, given, scores, ws, [&](auto const& labels, auto const& score) {
      Index const n = labels.size();
      if (!(baseline > 0 && baseline < 1)) detail::refuse(*this, "needs 0 < baseline < 1", {{"baseline", baseline}});
      detail::check_scores(*this, score, n, 0, 1, "needs scores in 0..1");
      auto weight = ws.vector<double>(n);
      for (Index i = 0; i < n; ++i) {
        double const s = score(i), p = s != s ? s : std::clamp(s, 1e-9, 1 - 1e-9);
        weight(i) = std::log(p / (1 - p)) - std::log(baseline / (1 - baseline));
      }
      detail::vote_by(*this, labels, class_score::sum, [&](Index i) { return weight(i); }, score, out, ws);
    });
  }
  auto operator()(answers auto const& labels, detail::scores auto const& scores) const {
    return detail::evaluate_votes(*this, labels, scores);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

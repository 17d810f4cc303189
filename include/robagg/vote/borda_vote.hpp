// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/grouped.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Samples are ranked by score and vote with the weight (N - rank + 1)^power, the first of N with N^power: majority for
/// power 0, best-of-n for a large one; only the order of the scores matters.
///
/// Shapes     N answers and N scores -> a verdict with at most k answers. Weights are divided by N^power where that is
///            above 2^52.
/// Ranges     power >= 0 and finite; negative (the default): 0.3 for N <= 16, 1.2 for N >= 32, linear in log2 N between.
///            N counts the samples that vote. k >= 1.
/// Errors     no answers; another number of scores; power; k < 1.
/// Guarantee  a rising transformation of all scores changes nothing; a sample that changes its answer moves a total by at
///            most N^power.
/// Cost       O(N log N).
/// NaN        a sample with a NaN score, or without a valid answer, has no vote and takes no rank.
/// Ties       equal scores: the earlier sample ranks higher; equal totals: the answer that appears first.
/// Source     Kang et al., Self-certainty, 2025, whose code leaves invalid answers their ranks.
/// Example    examples/best_of_majority.cpp
struct borda_vote {
  double power = -1;
  Index k = 1;

  static constexpr void parameters(auto& op, auto visit) { visit("power", op.power), visit("k", op.k); }

  /// The power for n samples that vote.
  double power_for(Index n) const {
    if (power >= 0) return power;
    return .3 + .9 * std::clamp(std::log2(static_cast<double>(std::max<Index>(n, 1))) - 4, 0., 1.);
  }

  template <answers Ls, detail::scores V>
  void into(Ls const& given, V const& scores, verdict<detail::label_of<Ls>>& out, workspace& ws) const {
    detail::open_vote(*this, given, scores, ws, [&](auto const& labels, auto const& score) {
      if (!std::isfinite(power)) detail::refuse(*this, "needs a finite power", {{"power", power}});
      auto weight = ws.vector<double>(labels.size());
      auto const [ranked, voting] = detail::by_score(labels, score, ws);
      double const n = static_cast<double>(voting), p = power_for(voting);
      double const unit = p * std::log2(std::max(n, 1.)) <= 52 ? 1 : n;
      weight.setConstant(detail::no_vote);
      for (Index r = 0; r < voting; ++r) weight(ranked[r].place) = std::pow((n - static_cast<double>(r)) / unit, p);
      detail::vote_by(*this, labels, class_score::sum, [&](Index i) { return weight(i); }, score, out, ws);
    });
  }
  auto operator()(answers auto const& labels, detail::scores auto const& scores) const {
    return detail::evaluate_votes(*this, labels, scores);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

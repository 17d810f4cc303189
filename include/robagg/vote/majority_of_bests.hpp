// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/grouped.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The answer that best-of-n gives most often on random samples of the samples: the mode of the bootstrap, in closed form.
///
/// Shapes     N answers and N scores -> a verdict with at most k answers; totals are probabilities and sum to 1.
/// Ranges     sample: how many samples a resample draws, with replacement; 0: floor(sqrt N). k >= 1. N counts the samples
///            that vote.
/// Errors     no answers; another number of scores; sample < 0; k < 1.
/// Guarantee  only the order of the scores matters; the sample of rank t (from 0) counts ((N-t)^m - (N-t-1)^m) / N^m.
/// Cost       O(N log N).
/// NaN        a sample with a NaN score, or without a valid answer, has no vote and takes no rank.
/// Ties       equal scores: the earlier sample ranks higher; equal totals: the answer that appears first.
/// Source     Rakhsha et al., Majority of the bests, 2025.   Example  examples/best_of_majority.cpp
struct majority_of_bests {
  Index sample = 0;
  Index k = 1;

  static constexpr void parameters(auto& op, auto visit) { visit("sample", op.sample), visit("k", op.k); }

  template <answers Ls, detail::scores V>
  void into(Ls const& given, V const& scores, verdict<detail::label_of<Ls>>& out, workspace& ws) const {
    detail::open_vote(*this, given, scores, ws, [&](auto const& labels, auto const& score) {
      if (sample < 0) detail::refuse(*this, "needs sample >= 0", {{"sample", sample}});
      auto weight = ws.vector<double>(labels.size());
      auto const [ranked, voting] = detail::by_score(labels, score, ws);
      double const n = static_cast<double>(voting), m = sample > 0 ? static_cast<double>(sample) : std::floor(std::sqrt(n));
      weight.setConstant(detail::no_vote);
      for (Index r = 0; r < voting; ++r) {
        // a^m - b^m = a^m (1 - (b / a)^m) for a = (N - t) / N and b = a - 1 / N, without cancellation.
        double const t = static_cast<double>(r);
        weight(ranked[r].place) = -std::exp(m * std::log1p(-t / n)) * std::expm1(m * std::log1p(-1 / (n - t)));
      }
      detail::vote_by(*this, labels, class_score::sum, [&](Index i) { return weight(i); }, score, out, ws);
    });
  }
  auto operator()(answers auto const& labels, detail::scores auto const& scores) const {
    return detail::evaluate_votes(*this, labels, scores);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/select/rank.hpp"
#include "detail/grouped.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The samples with the highest scores vote, with their scores as weights (DeepConf, offline).
///
/// Shapes     N answers and N scores -> a verdict with at most k answers.
/// Ranges     0 < keep <= 1: those whose score is at least the (1 - keep)-quantile of the scores (linear interpolation, as
///            NumPy has it); ties may keep more. Scores >= 0, infinity allowed; k >= 1.
/// Errors     no answers; another number of scores; keep; a negative score; k < 1.
/// Guarantee  none: a large score outvotes any number of small ones.
/// Cost       O(N + D log k) for D different answers.
/// NaN        a sample with a NaN score, or without a valid answer, has no vote and no place among the scores.
/// Ties       the answer that votes first.        Source  Fu et al., Deep think with confidence, 2025.
/// Example    examples/best_of_majority.cpp
struct filtered_vote {
  double keep = .1;
  Index k = 1;

  static constexpr void parameters(auto& op, auto visit) { visit("keep", op.keep), visit("k", op.k); }

  template <answers Ls, detail::scores V>
  void into(Ls const& given, V const& scores, verdict<detail::label_of<Ls>>& out, workspace& ws) const {
    detail::open_vote(*this, given, scores, ws, [&](auto const& labels, auto const& score) {
      Index const n = labels.size();
      if (!(keep > 0 && keep <= 1)) detail::refuse(*this, "needs 0 < keep <= 1", {{"keep", keep}});
      detail::check_scores(*this, score, n, 0, std::numeric_limits<double>::infinity(), "needs scores >= 0");
      auto voters = ws.vector<double>(n);
      Index voting = 0;
      for (Index i = 0; i < n; ++i) {
        if (robagg::is_answer(labels[i]) && score(i) == score(i)) voters(voting++) = score(i);
      }
      double const least = voting == 0 ? 0 : detail::interpolated_quantile(voters.data(), voting, 1 - keep);
      auto const weight = [&](Index i) { return score(i) >= least ? score(i) : detail::no_vote; };
      detail::vote_by(*this, labels, class_score::sum, weight, score, out, ws);
    });
  }
  auto operator()(answers auto const& labels, detail::scores auto const& scores) const {
    return detail::evaluate_votes(*this, labels, scores);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

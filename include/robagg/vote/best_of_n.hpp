// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/grouped.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The answer with the highest score (best-of-n); with k the k best different answers.
///
/// Shapes     N answers and N scores -> a verdict with at most k answers.
/// Ranges     k >= 1.
/// Errors     no answers; k < 1; another number of scores.
/// Guarantee  none: one sample with a wrong high score decides, the more samples the likelier (best_of_majority).
/// Cost       O(N + D log k) for D different answers.
/// NaN        a sample with a NaN score is not eligible.
/// Ties       the sample that comes first.        Source  definition.   Example  examples/best_of_majority.cpp
struct best_of_n {
  Index k = 1;

  static constexpr void parameters(auto& op, auto visit) { visit("k", op.k); }

  template <answers Ls, detail::scores V>
  void into(Ls const& given, V const& scores, verdict<detail::label_of<Ls>>& out, workspace& ws) const {
    detail::open_vote(*this, given, scores, ws, [&](auto const& labels, auto const& score) {
      detail::vote_by(*this, labels, class_score::max, score, score, out, ws);
    });
  }
  auto operator()(answers auto const& labels, detail::scores auto const& scores) const {
    return detail::evaluate_votes(*this, labels, scores);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/grouped.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The answer that most samples give (self-consistency).
///
/// Shapes     N answers (and N scores, which choose representatives only) -> a verdict with at most k answers.
/// Ranges     k >= 1.
/// Errors     no answers; k < 1; another number of scores.
/// Guarantee  `changes`: fewer samples that change their answer cannot alter the first answer, so many can.
/// Cost       O(N + D log k) for D different answers: small integers index a table, others are hashed.
/// NaN        a sample with a NaN score votes; it represents its answer only if no other can.
/// Ties       the answer that appears first.      Source  Wang et al., Self-consistency, 2023.
/// Example    examples/best_of_majority.cpp
struct majority {
  Index k = 1;

  static constexpr void parameters(auto& op, auto visit) { visit("k", op.k); }

  template <answers Ls>
  void into(Ls const& given, verdict<detail::label_of<Ls>>& out, workspace& ws) const {
    detail::check_votes(*this, given);
    auto const scope = ws.scope();
    decide(list(given), detail::unscored{}, out, ws);
  }
  template <answers Ls, detail::scores V>
  void into(Ls const& given, V const& scores, verdict<detail::label_of<Ls>>& out, workspace& ws) const {
    detail::open_vote(*this, given, scores, ws, [&](auto const& labels, auto const& score) { decide(labels, score, out, ws); });
  }
  auto operator()(answers auto const& labels) const { return detail::evaluate_votes(*this, labels); }
  auto operator()(answers auto const& labels, detail::scores auto const& scores) const {
    return detail::evaluate_votes(*this, labels, scores);
  }

 private:
  template <class L>
  void decide(list<L> labels, auto const& score, verdict<L>& out, workspace& ws) const {
    detail::vote_by(*this, labels, class_score::sum, [](Index) { return 1.; }, score, out, ws);
    // A sample that changes sides closes the margin by 2; it may be the first with its new answer, and so win a tie.
    if (out) out.changes = std::max<Index>(1, (static_cast<Index>(out.margin) + 1) / 2);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/grouped.hpp"

namespace robagg::inline ROBAGG_ABI {

/// What best_of_majority does when fewer than k answers are frequent enough.
enum class underflow { return_fewer, fill_by_frequency, relax_gate };
constexpr std::array<std::string_view, 3> enumerators(underflow) { return {"return_fewer", "fill_by_frequency", "relax_gate"}; }

/// Of the answers that are given often enough, the k with the highest scores: the frequency gate keeps out what the
/// reward model overrates, the scores choose among the rest.
///
/// Shapes     N answers and N scores -> a verdict with at most k answers; totals are class scores.
/// Ranges     one of alpha in 0..1 (the least share of the valid answers, inclusive) and min_count >= 1 (the least
///            number): no value suits all, 2 drops what was said once. k >= 1. class_score: of an answer's samples.
///            underflow: with fewer than k survivors return them; or add the most frequent others; or, if none
///            survives, drop the gate.
/// Errors     no answers; another number of scores; neither or both of alpha and min_count; k < 1.
/// Guarantee  an answer given by less than the gate cannot be returned, whatever its score. Regret does not grow with N,
///            unlike best-of-n's (Di et al., Theorem 5.1, for alpha = 3 / (4 C*), 1 / C* the share of the best answer).
/// Cost       O(N + D log k) for D different answers.
/// NaN        a sample with a NaN score counts in the frequency, not in the class score; an answer with no other score is
///            not eligible.
/// Ties       the answer that appears first.      Source  Di et al., Best-of-majority, 2025, from summaries of it; the mean
///            as class score is scorio's reading.   Example  examples/best_of_majority.cpp
struct best_of_majority {
  double alpha = -1;    ///< negative: not set
  Index min_count = 0;  ///< 0: not set
  Index k = 1;
  robagg::class_score class_score = robagg::class_score::mean;
  robagg::underflow underflow = robagg::underflow::return_fewer;

  static constexpr void parameters(auto& op, auto visit) {
    visit("alpha", op.alpha), visit("min_count", op.min_count), visit("k", op.k);
    visit("class_score", op.class_score), visit("underflow", op.underflow);
  }

  template <answers Ls, detail::scores V>
  void into(Ls const& given, V const& scores, verdict<detail::label_of<Ls>>& out, workspace& ws) const {
    detail::open_vote(*this, given, scores, ws, [&](auto const& labels, auto const& score) {
      Index const n = labels.size();
      bool const share = alpha >= 0;
      if (share == (min_count >= 1) || !(alpha <= 1)) {
        detail::refuse(*this, "needs either alpha in 0..1 or min_count >= 1", {{"alpha", alpha}, {"min_count", min_count}});
      }
      detail::with_slots(labels, ws, [&](auto const& slots) {
        double const* const votes = detail::totals<detail::adds>(slots, n, [](Index) { return 1.; }, ws);
        double const* const total = class_scores(slots, n, score, ws);
        Index const valid = detail::valid_answers(slots, n);
        auto const frequent = [&](Index s) {
          return share ? votes[s] / static_cast<double>(valid) >= alpha : votes[s] >= static_cast<double>(min_count);
        };
        auto const first = [](Index, Index) { return true; };
        // The frequent ones first, each part in an order of its own.
        Index* const order = ws.take<Index>(slots.size);
        Index const eligible = detail::voters<detail::takes_highest>(slots, total, order);
        Index const gated = std::partition(order, order + eligible, frequent) - order;
        Index const open = gated == 0 && underflow == robagg::underflow::relax_gate ? eligible : gated;
        Index ranked = detail::rank(slots, total, order, open, k, n, first, ws), m = std::min(k, ranked);
        out.margin = detail::margin_of(total, order, ranked);
        if (underflow == robagg::underflow::fill_by_frequency && m < k) {
          ranked = detail::rank(slots, votes, order + m, eligible - m, k - m, n, first, ws);
          m += std::min(k - m, ranked);
        }
        detail::introduce(labels, slots, total, order, m, [](Index) { return true; }, score, out, ws);
        out.changes = -1;
        out.valid = valid;
      });
    });
  }
  auto operator()(answers auto const& labels, detail::scores auto const& scores) const {
    return detail::evaluate_votes(*this, labels, scores);
  }

 private:
  // NaN where no score is known.
  double const* class_scores(auto const& slots, Index n, auto const& score, workspace& ws) const {
    if (class_score == robagg::class_score::max) return detail::totals<detail::takes_highest>(slots, n, score, ws);
    double* const sum = class_score == robagg::class_score::mean ? detail::means(slots, n, score, ws)
                                                                 : detail::totals<detail::adds>(slots, n, score, ws);
    for (Index s = 0; s < slots.size; ++s) {
      if (!detail::adds::voted(sum[s])) sum[s] = detail::no_vote;
    }
    return sum;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

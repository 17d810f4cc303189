// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/grouped.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Each sample votes with the weight exp(score / temperature) (CISC): between majority, for a high temperature, and
/// best-of-n, for a low one.
///
/// Shapes     N answers and N scores -> a verdict with at most k answers. Weights are relative to the highest score's.
/// Ranges     temperature > 0, infinity allowed (majority); k >= 1.
/// Errors     no answers; another number of scores; temperature; k < 1.
/// Guarantee  a common shift of all scores changes nothing.
/// Cost       O(N + D log k) for D different answers, with one exponential each.
/// NaN        a sample with a NaN score has no vote. If any are +infinity they alone vote, equally; -infinity weighs 0.
/// Ties       the answer that votes first.        Source  Taubenfeld et al., Confidence improves self-consistency, 2025.
/// Example    examples/best_of_majority.cpp
struct softmax_vote {
  double temperature = 1;
  Index k = 1;

  static constexpr void parameters(auto& op, auto visit) { visit("temperature", op.temperature), visit("k", op.k); }

  template <answers Ls, detail::scores V>
  void into(Ls const& given, V const& scores, verdict<detail::label_of<Ls>>& out, workspace& ws) const {
    detail::open_vote(*this, given, scores, ws, [&](auto const& labels, auto const& score) {
      Index const n = labels.size();
      if (!(temperature > 0)) detail::refuse(*this, "needs temperature > 0", {{"temperature", temperature}});
      auto weight = ws.vector<double>(n);
      double highest = -std::numeric_limits<double>::infinity();
      for (Index i = 0; i < n; ++i) {
        weight(i) = robagg::is_answer(labels[i]) ? score(i) : detail::no_vote;
        highest = weight(i) > highest ? weight(i) : highest;
      }
      for (Index i = 0; i < n; ++i) {
        double const gap = weight(i) == highest ? 0 : weight(i) - highest;  // infinity less infinity
        weight(i) = std::isinf(temperature) && std::isfinite(gap) ? 1 : std::exp(gap / temperature);
      }
      detail::vote_by(*this, labels, class_score::sum, [&](Index i) { return weight(i); }, score, out, ws);
    });
  }
  auto operator()(answers auto const& labels, detail::scores auto const& scores) const {
    return detail::evaluate_votes(*this, labels, scores);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

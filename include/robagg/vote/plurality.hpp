// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../detail/check.hpp"
#include "../detail/order.hpp"
#include "../detail/tile.hpp"

namespace robagg::inline ROBAGG_ABI {

/// What an election says.
struct election {
  Index winner = 0;
  Index runner_up = 0;         ///< the winner itself where there is one class only
  Index votes = 0;             ///< of the winner
  Index runner_up_votes = 0;
  Index margin = 0;            ///< votes - runner_up_votes
  Index certified_radius = 0;  ///< no so many poisoned training points can change the winner
};

/// Every model votes for its highest class; the class with the most votes wins (deep partition
/// aggregation).
///
/// Shapes     n models x K classes, scores -> an election.
/// Errors     n = 0, K = 0.
/// Guarantee  certified_radius: if the models were trained on disjoint partitions of the data, no r <=
///            certified_radius inserted or deleted training points change the winner. Exact: one more
///            can. With one class it is n.
/// Cost       one read of the table, O(n K).
/// NaN        a NaN score never gets a model's vote unless all of its scores are NaN (class 0).
/// Weights    no weighted form.               Ties  the lowest class, in ballots and in votes.
/// Source     Levine and Feizi, Deep partition aggregation, 2021.
/// Example    examples/certified_vote.cpp
struct plurality {
  using result_type = election;

  static constexpr int reads = detail::plain;

  template <any_reports R>
  election elect(R const& r, workspace& ws) const {
    detail::enter(*this, r);
    if (r.cols() < 1) detail::refuse(*this, "needs at least one class", {{"K", r.cols()}});
    using T = detail::wide_of<R>;
    auto const scope = ws.scope();
    auto&& x = detail::readable(detail::plain_of(r));
    Index const n = x.rows(), classes = x.cols();
    auto scores = ws.vector<T>(classes);
    auto votes = ws.vector<Index>(classes);
    votes.setZero();
    for (Index i = 0; i < n; ++i) {
      detail::read_row(x, i, 0, classes, scores.data());
      Index choice = 0;
      auto highest = detail::ordered_key(scores(0));
      for (Index c = 1; c < classes; ++c) {
        if (auto const key = detail::ordered_key(scores(c)); key > highest) highest = key, choice = c;
      }
      ++votes(choice);
    }
    Index first = 0;
    for (Index c = 1; c < classes; ++c) {
      if (votes(c) > votes(first)) first = c;
    }
    if (classes == 1) return {0, 0, n, 0, n, n};
    Index second = first == 0 ? 1 : 0;
    for (Index c = 0; c < classes; ++c) {
      if (c != first && votes(c) > votes(second)) second = c;
    }
    // One poisoned model closes the gap by 2; a tie goes to the lower class.
    Index const margin = votes(first) - votes(second);
    return {first, second, votes(first), votes(second), margin, (margin - (second < first)) / 2};
  }
  auto operator()(any_reports auto const& r) const { return evaluate(*this, r); }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "detail/poison.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Every model votes for its highest class; the class with the most votes wins (deep partition aggregation, DPA; with a
/// bucket_map finite aggregation, FA).
///
/// Shapes     n models x K classes, scores -> an election.
/// Ranges     bucket_map: the shifts of finite aggregation, different and in 0..n-1: hash bucket h of the training data
///            feeds the models (h + shift) mod n. Empty: bucket h feeds model h alone.
/// Errors     n = 0, K = 0, shifts that are equal or out of range.
/// Guarantee  certified_radius: no r <= certified_radius inserted or deleted training points change the winner, if the
///            models were trained on their buckets alone. Without a bucket_map exact: one more can. With one class it is n.
/// Cost       one read of the table, O(n K); with a bucket_map or weights O(n log n) per challenger that comes close.
/// NaN        counts as -infinity.
/// Weights    a model's vote counts as much as its weight, rounded to 2^-49 of their sum; a point still touches one model.
/// Ties       the lowest class, in ballots and in votes.
/// Source     Levine and Feizi, Deep partition aggregation, 2021; Wang, Levine and Feizi, Improved certified defenses
///            against data poisoning with (deterministic) finite aggregation, 2022.
/// Example    examples/certified_vote.cpp
struct plurality {
  list<Index> bucket_map;  ///< shifts; empty: a bucket per model

  using result_type = election;
  static constexpr int reads = detail::has_weights | detail::lacks_rows;
  static constexpr void parameters(auto& op, auto visit) { visit("bucket_map", op.bucket_map); }

  template <any_reports R>
  election elect(R const& r, workspace& ws) const {
    return detail::hold(*this, r, bucket_map, ws, [&](auto const& ballots, auto const& cost) {
      Index const winner = ballots.leader(), second = ballots.leader(winner);
      detail::weakest weakest{ballots.models() + 1};
      for (Index turn = 0; turn < ballots.classes(); ++turn) {
        Index const b = turn == 0 ? second : turn - (turn <= second);  // the runner-up comes closest as a rule
        if (b == winner) continue;
        weakest.consider(cost.overtaken(detail::first_gap(ballots, winner, b), winner, b, weakest.points), b);
      }
      double const votes = ballots.value(ballots.votes(winner)), others = ballots.value(ballots.votes(second));
      return election{winner, second, votes, others, votes - others, weakest.points - 1, weakest.challenger, -1};
    });
  }
  std::size_t scratch(auto const& r) const { return detail::election_scratch(r, bucket_map); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "detail/poison.hpp"

namespace robagg::inline ROBAGG_ABI {
namespace detail {

// A class beats the winner either way: it takes the runner-up's place in the first round and wins the second, or it and
// a third class leave the winner behind in the first.
template <class B, class Cost>
weakest weakest_point(B const& ballots, Cost const& cost, Index winner, Index second, workspace& ws) {
  Index const classes = ballots.classes();
  weakest found{ballots.models() + 1};
  for (Index turn = 0; turn < classes; ++turn) {
    Index const b = turn == 0 ? second : turn - (turn <= second);  // the runner-up comes closest as a rule
    if (b == winner) continue;
    Index const gap = second_gap(ballots, winner, b);
    if (cost.least(gap) >= found.points) continue;
    Index const enters = b == second ? 0 : cost.overtaken(first_gap(ballots, second, b), second, b, found.points);
    if (enters >= found.points) continue;
    found.consider(std::max(enters, cost.beaten(gap, winner, b, found.points)), b);
  }
  Index* const close = ws.take<Index>(classes);  // the other classes, sorted by their gaps as far as it is asked for
  Index others = 0, sorted = 0;
  for (Index b = 0; b < classes; ++b) {
    if (b != winner) close[others++] = b;
  }
  auto const gap = [&](Index i) {
    auto const less = [&](Index a, Index b) {
      Index const x = first_gap(ballots, winner, a), y = first_gap(ballots, winner, b);
      return x < y || (x == y && a < b);
    };
    for (; sorted <= i; ++sorted) std::iter_swap(close + sorted, std::min_element(close + sorted, close + others, less));
    return first_gap(ballots, winner, close[i]);
  };
  for (Index i = 0; i + 1 < others && cost.least(gap(i), gap(i + 1)) < found.points; ++i) {
    Index const first = cost.overtaken(gap(i), winner, close[i], found.points);
    for (Index j = i + 1; j < others && std::max(first, cost.least(gap(i), gap(j))) < found.points; ++j) {
      Index const other = cost.overtaken(gap(j), winner, close[j], found.points);
      if (other >= found.points) continue;
      Index const together = cost.both(gap(i), gap(j), winner, close[i], close[j], found.points);
      found.consider(std::max({first, other, together}), close[i], close[j]);
    }
  }
  return found;
}

}  // namespace detail

/// Every model ranks the classes by score. The two classes with the most first choices meet; whichever more models rank
/// before the other wins (run-off election: DPA+ROE; with a bucket_map FA+ROE).
///
/// Shapes     n models x K classes, scores -> an election.
/// Ranges     bucket_map: as in plurality.
/// Errors     n = 0, K = 0, shifts that are equal or out of range.
/// Guarantee  certified_radius: no r <= certified_radius inserted or deleted training points change the winner, if the
///            models were trained on their buckets alone. Exact or one too small, in every election of three classes
///            that was tried. With two classes it is plurality's, with one class n.
/// Cost       one read of the table, O(n K + K log K); with a bucket_map or weights O(n log n) per pair of challengers
///            that comes close.
/// NaN        counts as -infinity.
/// Weights    a model's vote counts as much as its weight, rounded to 2^-49 of their sum; a point still touches one model.
/// Ties       the lower class, in ballots, in votes and in the run-off.
/// Source     Rezaei, Banihashem, Chegini and Feizi, Run-off election, 2023.
/// Example    examples/certified_vote.cpp
struct run_off {
  list<Index> bucket_map;  ///< shifts of finite aggregation; empty: a bucket per model

  using result_type = election;
  static constexpr int reads = detail::has_weights | detail::lacks_rows;
  static constexpr void parameters(auto& op, auto visit) { visit("bucket_map", op.bucket_map); }

  template <any_reports R>
  election elect(R const& r, workspace& ws) const {
    return detail::hold(*this, r, bucket_map, ws, [&](auto const& ballots, auto const& cost) {
      Index const one = ballots.leader(), two = ballots.leader(one);
      bool const stands = detail::second_gap(ballots, one, two) > 0;
      Index const winner = stands ? one : two, second = stands ? two : one;
      auto const weakest = detail::weakest_point(ballots, cost, winner, second, ws);
      Index const margin = 2 * ballots.preferring(winner, second) - ballots.total();
      return election{winner,
                      second,
                      ballots.value(ballots.votes(winner)),
                      ballots.value(ballots.votes(second)),
                      ballots.value(margin),
                      weakest.points - 1,
                      weakest.challenger,
                      weakest.second};
    });
  }
  std::size_t scratch(auto const& r) const {
    return detail::election_scratch(r, bucket_map) + workspace::room<Index>(r.cols());
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
// What rules of voting promise, on thousands of electorates with level and missing items; and, of those that do not promise it,
// that there is an electorate which shows it: if none were found, the test would not bite.
#include "profiles.hpp"

#include <robagg/rank.hpp>

using namespace robagg_test;
using robagg::borda, robagg::copeland, robagg::footrule_optimal, robagg::instant_run_off, robagg::kemeny, robagg::median_rank,
    robagg::minimax, robagg::ranked_pairs, robagg::schulze, robagg::unranked;

namespace {

profiles::profile reversed_electorate(profiles::profile p) {
  p.scores = -p.scores;
  return p;
}
// Whole weights, so that sums are exact.
profiles::profile electorate(std::uint64_t seed, double missing) {
  auto p = profiles::drawn(3 * seed + 1, 6, 5, missing);
  return p;
}
std::vector<Index> common(std::vector<Index> const& a, std::vector<Index> const& b) {
  std::vector<Index> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

// How many of so many electorates contradict the law.
constexpr std::uint64_t electorates = 1500;
int contradictions(auto const& law) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= electorates; ++seed) found += law(seed) ? 0 : 1;
  return found;
}

// Where two electorates have best items in common, these are the best of both together.
int against_reinforcement(auto const& op) {
  return contradictions([&](std::uint64_t seed) {
    numbers random(seed);
    Index const d = 2 + random.below(4), n = 1 + random.below(5), m = 1 + random.below(5);
    matrix all(n + m, d);
    for (Index e = 0; e < all.size(); ++e) all.data()[e] = static_cast<double>(random.below(5));
    auto const shared = common(profiles::winners(op(matrix(all.topRows(n)))), profiles::winners(op(matrix(all.bottomRows(m)))));
    return shared.empty() || profiles::winners(op(all)) == shared;
  });
}
// Of voters who all think the opposite, the opposite order.
int against_reversal(auto const& op) {
  return contradictions([&](std::uint64_t seed) {
    auto const p = electorate(seed, 0);
    auto const there = op(p.voters()), back = op(reversed_electorate(p).voters());
    for (Index a = 0; a < there.size(); ++a) {
      for (Index b = 0; b < there.size(); ++b) {
        if ((there(a) > there(b)) != (back(b) > back(a))) return false;
      }
    }
    return true;
  });
}
// The only winner does not lose by being raised in a ballot.
int against_monotonicity(auto const& op) {
  return contradictions([&](std::uint64_t seed) {
    auto p = electorate(seed, 0);
    Index const winner = profiles::winners(op(p.voters()))[0];
    p.scores(static_cast<Index>(seed) % p.scores.rows(), winner) += 1.5;
    auto const then = profiles::winners(op(p.voters()));
    return std::find(then.begin(), then.end(), winner) != then.end();
  });
}
int against_condorcet(auto const& op) {
  return contradictions([&](std::uint64_t seed) {
    auto const p = electorate(seed, .2);
    Index const winner = profiles::condorcet_winner(p, op.unranked);
    return winner < 0 || profiles::winners(op(p.voters())) == std::vector<Index>{winner};
  });
}

}  // namespace

TEST_CASE("rules: electorates that agree agree together", "[long]") {
  CHECK(against_reinforcement(borda{}) == 0);
  // Kemeny's orders, not their winners alone: where one order is the best of both, it is of both together.
  CHECK(contradictions([](std::uint64_t seed) {
          numbers random(seed);
          Index const d = 2 + random.below(4), n = 1 + random.below(4), m = 1 + random.below(4);
          profiles::profile all{matrix(n + m, d), std::vector<double>(static_cast<std::size_t>(n + m), 1)};
          for (Index e = 0; e < all.scores.size(); ++e) all.scores.data()[e] = static_cast<double>(random.below(5));
          profiles::profile const first{all.scores.topRows(n), std::vector<double>(static_cast<std::size_t>(n), 1)},
              second{all.scores.bottomRows(m), std::vector<double>(static_cast<std::size_t>(m), 1)};
          double const one = kemeny{}.solve(first.scores).cost, other = kemeny{}.solve(second.scores).cost,
                       both = kemeny{}.solve(all.scores).cost;
          auto order = profiles::items(d);
          bool agreed = false;
          do {
            agreed = agreed || (profiles::cost(first, order, unranked::last) == one &&
                                profiles::cost(second, order, unranked::last) == other);
          } while (!agreed && std::next_permutation(order.begin(), order.end()));
          return agreed ? both == one + other : both > one + other;
        }) == 0);
  CHECK(against_reinforcement(copeland{}) > 0);
  CHECK(against_reinforcement(minimax{}) > 0);
  CHECK(against_reinforcement(schulze{}) > 0);
  CHECK(against_reinforcement(median_rank{}) > 0);
  CHECK(against_reinforcement(instant_run_off{}) > 0);
}

TEST_CASE("rules: the opposite voters have the opposite order", "[long]") {
  CHECK(against_reversal(borda{}) == 0);
  CHECK(against_reversal(copeland{}) == 0);
  // What beats what is turned around; how many come before an item is not how many come after it.
  CHECK(contradictions([](std::uint64_t seed) {
          auto const p = electorate(seed, 0), q = reversed_electorate(p);
          return schulze{}.strengths(q.voters()) == schulze{}.strengths(p.voters()).transpose();
        }) == 0);
  CHECK(against_reversal(schulze{}) > 0);
  CHECK(against_reversal(median_rank{}) == 0);
  // Of several best orders one is taken: the same cost, and the opposite order where there is one.
  CHECK(contradictions([](std::uint64_t seed) {
          auto const p = electorate(seed, 0), q = reversed_electorate(p);
          auto there = kemeny{}.solve(p.voters(), true), back = kemeny{}.solve(q.voters(), true);
          std::reverse(back.items.begin(), back.items.end());
          bool const only = there.optima == 1;
          return there.cost == back.cost && there.optima == back.optima && (!only || there.items == back.items) &&
                 footrule_optimal{}.cost(p.voters()) == footrule_optimal{}.cost(q.voters());
        }) == 0);
  CHECK(against_reversal(minimax{}) > 0);
  CHECK(against_reversal(instant_run_off{}) > 0);
}

TEST_CASE("rules: a winner who is raised still wins", "[long]") {
  CHECK(against_monotonicity(borda{}) == 0);
  CHECK(against_monotonicity(copeland{}) == 0);
  CHECK(against_monotonicity(minimax{}) == 0);
  CHECK(against_monotonicity(schulze{}) == 0);
  CHECK(against_monotonicity(ranked_pairs{}) == 0);
  CHECK(against_monotonicity(kemeny{}) == 0);
  CHECK(against_monotonicity(median_rank{}) == 0);
  // Instant run-off: 0 wins once 2 is eliminated; raised by ten voters, it meets 2 and loses.
  matrix const x{{3, 2, 1}, {1, 3, 2}, {1, 3, 2}, {2, 1, 3}};
  matrix raised = x;
  raised(1, 0) = 4;
  std::vector<int> const w = {39, 10, 25, 26};
  CHECK(profiles::winners(instant_run_off{}(robagg::weighted(x, w))) == std::vector<Index>{0});
  CHECK(profiles::winners(instant_run_off{}(robagg::weighted(raised, w))) == std::vector<Index>{2});
}

TEST_CASE("rules: who beats all others wins alone", "[long]") {
  for (unranked const way : profiles::ways) {
    CAPTURE(static_cast<int>(way));
    CHECK(against_condorcet(copeland{way}) == 0);
    CHECK(against_condorcet(minimax{way}) == 0);
    CHECK(against_condorcet(schulze{way}) == 0);
    CHECK(against_condorcet(ranked_pairs{way}) == 0);
    CHECK(against_condorcet(kemeny{way}) == 0);
    CHECK(against_condorcet(borda{way}) > 0);
    CHECK(against_condorcet(footrule_optimal{way}) > 0);
    CHECK(against_condorcet(median_rank{way}) > 0);
  }
  CHECK(against_condorcet(instant_run_off{}) > 0);
}

// SPDX-License-Identifier: BSL-1.0
#include "votes.hpp"

using namespace robagg_test;
using robagg::borda_vote;

TEST_CASE("a Borda vote weighs ranks") {
  std::vector<std::string> const labels = {"A", "A", "B", "C", "B"};
  std::vector<double> const scores = {1, 2, 5, 4, .5};
  auto const vote = [&](double p) { return borda_vote{.power = p, .k = 3}(labels, scores); };
  CHECK((vote(0).label() == "A" && vote(0).margin == 0));
  CHECK(near(totals_of(vote(.3)), {2.6215, 2.6207, 1.5157}, 1e-4));
  CHECK((vote(.3).label() == "A" && vote(.5).label() == "B"));
  CHECK(near(totals_of(vote(.5)), {3.236, 3.146, 2}, 1e-3));
  CHECK(totals_of(vote(1)) == std::vector<double>{6, 5, 4});
  CHECK(totals_of(vote(2)) == std::vector<double>{26, 16, 13});
  std::vector<std::string> const dropped = {"A", "", "B", "C", "B"};  // an invalid answer takes no rank
  CHECK(near(totals_of(borda_vote{.power = .5, .k = 3}(dropped, scores)), {3, 1.7320508, 1.4142136}, 1e-7));
}

TEST_CASE("a Borda vote is the reference's") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    samples const s = some_samples(seed);
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < s.labels.size(); ++i) {
      if (s.labels[i] >= 0 && !std::isnan(s.scores[i])) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return s.scores[a] > s.scores[b]; });
    for (double const p : {0., 1., 3.}) {
      std::vector<double> weights(s.labels.size(), not_a_number);
      for (std::size_t r = 0; r < order.size(); ++r) weights[order[r]] = std::pow(static_cast<double>(order.size() - r), p);
      check_verdict(borda_vote{.power = p, .k = 2}(s.labels, s.scores), slow_vote(s, weights), 2);  // exact: whole numbers
    }
  }
  check_labels(borda_vote{.k = 3});
}

TEST_CASE("the power depends on how many vote") {
  borda_vote const op;
  CHECK((op.power_for(1) == .3 && op.power_for(16) == .3 && op.power_for(64) == 1.2));
  CHECK(std::abs(op.power_for(32) - 1.2) < 1e-15);
  CHECK(std::abs(op.power_for(23) - (.3 + .9 * (std::log2(23) - 4))) < 1e-15);
  CHECK(borda_vote{.power = 2}.power_for(5) == 2);
  // Powers that would overflow only lose their unit.
  std::vector<int> const labels = {1, 2, 2, 2};
  CHECK(borda_vote{.power = 2000}(labels, std::vector<double>{4, 3, 2, 1}).label() == 1);
  CHECK(std::isfinite(borda_vote{.power = 2000}(labels, std::vector<double>{4, 3, 2, 1}).margin));
  CHECK(borda_vote{.power = 3}(labels, std::vector<double>{infinity, 1e38, not_a_number, -infinity}).label() == 1);
  CHECK(refusal(borda_vote{.power = infinity}, {.5}) == "borda_vote: needs a finite power (power = inf)");
  CHECK_FALSE(borda_vote{}(labels, std::vector<double>(4, not_a_number)));
  check_vote_errors(borda_vote{});
}

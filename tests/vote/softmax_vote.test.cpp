// SPDX-License-Identifier: BSL-1.0
#include "votes.hpp"

using namespace robagg_test;
using robagg::softmax_vote;

TEST_CASE("a softmax vote adds exponentials of scores") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    samples const s = some_samples(seed);
    double highest = -infinity;
    for (std::size_t i = 0; i < s.labels.size(); ++i) {
      if (s.labels[i] >= 0 && s.scores[i] > highest) highest = s.scores[i];
    }
    std::vector<double> weights;
    for (double const x : s.scores) weights.push_back(std::exp((x - highest) / .3));
    check_verdict(softmax_vote{.temperature = .3, .k = 2}(s.labels, s.scores), slow_vote(s, weights), 2, 1e-13);
  }
  check_labels(softmax_vote{.temperature = .5, .k = 3});
}

TEST_CASE("softmax votes lie between majority and best of n") {
  samples const s = abcd();
  CHECK(softmax_vote{.temperature = infinity}(s.labels, s.scores).label() == 0);
  CHECK(softmax_vote{.temperature = infinity}(s.labels, s.scores).margin == 2);
  CHECK(softmax_vote{.temperature = 1e-3}(s.labels, s.scores).label() == 2);
  CHECK(softmax_vote{.temperature = .1}(s.labels, s.scores).label() == 1);
  auto shifted = s.scores;
  for (double& x : shifted) x = x * 1e3 + 1e6;  // exp would overflow
  CHECK(softmax_vote{.temperature = 100}(s.labels, shifted).label() == 1);
}

TEST_CASE("infinite scores take the vote") {
  std::vector<int> const labels = {1, 2, 2, 3, -1};
  CHECK(softmax_vote{}(labels, std::vector<double>{infinity, 5, infinity, infinity, infinity}).answers[0].total == 1);
  CHECK(softmax_vote{.k = 3}(labels, std::vector<double>{5, -infinity, -infinity, 4, infinity}).label() == 1);
  auto const lowest = softmax_vote{}(labels, std::vector<double>(5, -infinity));
  CHECK((lowest.label() == 2 && lowest.margin == 1));
  CHECK(softmax_vote{}(labels, std::vector<double>{not_a_number, not_a_number, not_a_number, -1e38, 0}).label() == 3);
  CHECK(refusal(softmax_vote{.temperature = 0}, {1}) == "softmax_vote: needs temperature > 0 (temperature = 0)");
  CHECK(refusal(softmax_vote{.temperature = not_a_number}, {1}) != "");
  check_vote_errors(softmax_vote{});
}

// SPDX-License-Identifier: BSL-1.0
#include "votes.hpp"

using namespace robagg_test;
using robagg::filtered_vote;

TEST_CASE("a filtered vote asks the samples with the highest scores") {
  std::vector<std::string> const labels = {"A", "A", "B", "C", "B"};
  std::vector<double> const scores = {1, 2, 5, 4, .5};  // the 60 % quantile is 2.8
  auto const v = filtered_vote{.keep = .4, .k = 3}(labels, scores);
  CHECK((v.label() == "B" && v.answers[0].total == 5 && v.answers[1].label == "C" && v.answers[1].total == 4));
  CHECK((v.answers.size() == 2 && v.answers[0].count == 1));
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    samples const s = some_samples(seed);
    std::vector<double> known;
    for (std::size_t i = 0; i < s.labels.size(); ++i) {
      if (s.labels[i] >= 0 && !std::isnan(s.scores[i])) known.push_back(s.scores[i]);
    }
    std::sort(known.begin(), known.end());
    std::vector<double> weights = s.scores;
    if (!known.empty()) {
      double const place = .75 * static_cast<double>(known.size() - 1);
      auto const low = static_cast<std::size_t>(place), high = std::min(low + 1, known.size() - 1);
      double const level = known[low] + (place - static_cast<double>(low)) * (known[high] - known[low]);
      for (double& w : weights) w = w >= level ? w : not_a_number;
    }
    check_verdict(filtered_vote{.keep = .25, .k = 2}(s.labels, s.scores), slow_vote(s, weights), 2);
  }
  check_labels(filtered_vote{.keep = .5, .k = 3});
}

TEST_CASE("ties at the level all vote") {
  std::vector<int> const labels = {1, 1, 2, 2, 2};
  CHECK(filtered_vote{.keep = .2}(labels, std::vector<double>{9, 9, 5, 5, 5}).answers[0].count == 2);
  CHECK(filtered_vote{.keep = .1}(labels, std::vector<double>(5, 3)).label() == 2);
  CHECK(filtered_vote{.keep = 1}(labels, std::vector<double>{1, 1, 1, 1, 1}).label() == 2);
  CHECK(filtered_vote{.keep = .3}(labels, std::vector<double>{0, infinity, infinity, not_a_number, 1}).label() == 1);
  CHECK_FALSE(filtered_vote{}(labels, std::vector<double>(5, not_a_number)));
  CHECK(refusal(filtered_vote{.keep = 0}, {.5}) == "filtered_vote: needs 0 < keep <= 1 (keep = 0)");
  CHECK(refusal(filtered_vote{}, {-1}) == "filtered_vote: needs scores >= 0 (sample = 0, score = -1)");
  check_vote_errors(filtered_vote{});
}

// SPDX-License-Identifier: BSL-1.0
#include "votes.hpp"

using namespace robagg_test;
using robagg::class_score, robagg::weighted_vote;

TEST_CASE("a weighted vote adds scores") {
  auto const v = weighted_vote{.k = 3}(abcd().labels, abcd().scores);
  CHECK(labels_of(v) == std::vector<int>{0, 1, 2});
  CHECK(near(totals_of(v), {3, 2.7, .99}, 1e-15));
  CHECK(labels_of(weighted_vote{.class_score = class_score::mean, .k = 4}(abcd().labels, abcd().scores)) ==
        std::vector<int>{2, 1, 0, 3});
  CHECK(labels_of(weighted_vote{.class_score = class_score::max, .k = 2}(abcd().labels, abcd().scores)) ==
        std::vector<int>{2, 1});
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    samples const s = some_samples(seed);
    check_verdict(weighted_vote{.k = 2}(s.labels, s.scores), slow_vote(s, s.scores), 2);
  }
  check_labels(weighted_vote{.k = 3});
  check_labels(weighted_vote{.class_score = class_score::mean, .k = 3});
}

TEST_CASE("equal scores have equal means") {
  // 0.1 + 0.1 + 0.1 is not 0.3: the answer that appears first wins all the same.
  auto const v = weighted_vote{.class_score = class_score::mean}(std::vector<int>{4, 7, 7, 7}, std::vector<double>(4, .1));
  CHECK((v.label() == 4 && v.margin == 0));
}

TEST_CASE("weights may be infinite, not negative") {
  std::vector<int> const labels = {1, 2, 2, 3};
  CHECK(weighted_vote{}(labels, std::vector<double>{1e308, infinity, 0, infinity}).label() == 2);
  CHECK(weighted_vote{}(labels, std::vector<double>{0, not_a_number, not_a_number, 0}).label() == 1);
  CHECK_FALSE(weighted_vote{}(labels, std::vector<double>(4, not_a_number)));
  CHECK(refusal(weighted_vote{}, {1, -.5}) == "weighted_vote: needs scores >= 0 (sample = 1, score = -0.5)");
  check_vote_errors(weighted_vote{});
}

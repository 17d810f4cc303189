// SPDX-License-Identifier: BSL-1.0
#include "votes.hpp"

using namespace robagg_test;
using robagg::logit_vote;

TEST_CASE("a logit vote adds log-odds") {
  auto const logit = [](double p) { return std::log(p / (1 - p)); };
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    samples s = some_samples(seed);
    for (double& x : s.scores) x = (x + .01) / 1.1;
    std::vector<double> weights;
    for (double const x : s.scores) weights.push_back(logit(x) - logit(.3));
    check_verdict(logit_vote{.baseline = .3, .k = 2}(s.labels, s.scores), slow_vote(s, weights), 2, 1e-12);
  }
  check_labels(logit_vote{.k = 3});
}

TEST_CASE("doubted samples vote against their answer") {
  std::vector<int> const labels = {1, 1, 1, 2};
  auto const v = logit_vote{.k = 2}(labels, std::vector<double>{.45, .45, .45, .9});
  CHECK((v.label() == 2 && v.answers[1].total < 0));
  // Nobody votes with infinity: three certain samples against two.
  auto const certain = logit_vote{.k = 2}(std::vector<int>{1, 2, 2, 1, 1}, std::vector<double>{1, 1, 1, 0, 1});
  CHECK((certain.label() == 2 && std::isfinite(certain.margin)));
  CHECK(refusal(logit_vote{}, {.5, 1.5}) == "logit_vote: needs scores in 0..1 (sample = 1, score = 1.5)");
  CHECK(refusal(logit_vote{.baseline = 1}, {.5}) == "logit_vote: needs 0 < baseline < 1 (baseline = 1)");
  CHECK_FALSE(logit_vote{}(labels, std::vector<double>(4, not_a_number)));
  check_vote_errors(logit_vote{});
}

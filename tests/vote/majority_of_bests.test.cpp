// SPDX-License-Identifier: BSL-1.0
#include "votes.hpp"

using namespace robagg_test;
using robagg::majority_of_bests;

TEST_CASE("majority of the bests is the mode of the bootstrap") {
  auto const v = majority_of_bests{.sample = 3, .k = 4}(abcd().labels, abcd().scores);
  CHECK(labels_of(v) == std::vector<int>{1, 2, 0, 3});
  CHECK(near(totals_of(v), {.513, .271, .215, .001}, 1e-14));
  CHECK(majority_of_bests{.k = 4}(abcd().labels, abcd().scores).margin == v.margin);  // floor(sqrt 10)
}

TEST_CASE("its probabilities are those of all resamples") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    samples s = some_samples(seed);
    s.labels.resize(std::min<std::size_t>(s.labels.size(), 6)), s.scores.resize(s.labels.size());
    std::vector<std::size_t> voters;
    for (std::size_t i = 0; i < s.labels.size(); ++i) {
      if (s.labels[i] >= 0 && !std::isnan(s.scores[i])) voters.push_back(i);
    }
    auto const v = majority_of_bests{.sample = 3, .k = 9}(s.labels, s.scores);
    std::map<int, double> chance;
    for (auto const a : voters) {
      for (auto const b : voters) {
        for (auto const c : voters) {
          auto best = a;
          for (auto const i : {b, c}) {
            if (s.scores[i] > s.scores[best] || (s.scores[i] == s.scores[best] && i < best)) best = i;
          }
          chance[s.labels[best]] += 1 / std::pow(static_cast<double>(voters.size()), 3);
        }
      }
    }
    REQUIRE(v.answers.size() == chance.size());
    for (auto const& c : v.answers) CHECK(std::abs(c.total - chance[c.label]) < 1e-13);
  }
  check_labels(majority_of_bests{.k = 3});
}

TEST_CASE("no digits are lost for many samples") {
  std::vector<int> labels(1'000'000, 1);
  std::vector<double> scores(1'000'000, 0);
  labels[77] = 2, scores[77] = 1;
  auto const v = majority_of_bests{.k = 2}(labels, scores);  // 1 - (1 - 1e-6)^1000
  CHECK(std::abs(v.answers[1].total - -std::expm1(1000 * std::log1p(-1e-6))) < 1e-15);
  CHECK(std::abs(v.answers[0].total + v.answers[1].total - 1) < 1e-10);
  CHECK(refusal(majority_of_bests{.sample = -1}, {.5}) == "majority_of_bests: needs sample >= 0 (sample = -1)");
  CHECK_FALSE(majority_of_bests{}(std::vector<int>{1}, std::vector<double>{not_a_number}));
  CHECK(majority_of_bests{.sample = 2}(std::vector<int>{1, 2}, std::vector<double>{-infinity, infinity}).label() == 2);
  check_vote_errors(majority_of_bests{});
}

// SPDX-License-Identifier: BSL-1.0
#include "votes.hpp"

using namespace robagg_test;
using robagg::best_of_majority, robagg::class_score, robagg::underflow;

TEST_CASE("best of majority gates by frequency and takes the best scores") {
  samples const s = abcd();
  auto const picks = [&](best_of_majority const& op) { return labels_of(op(s.labels, s.scores)); };
  using list = std::vector<int>;
  CHECK(picks({.alpha = .2}) == list{1});
  CHECK(picks({.alpha = .2, .k = 3}) == list{1, 0});
  CHECK(picks({.alpha = .2, .k = 3, .underflow = underflow::fill_by_frequency}) == list{1, 0, 2});
  CHECK(picks({.alpha = .2, .k = 3, .underflow = underflow::relax_gate}) == list{1, 0});
  CHECK(picks({.alpha = .4}) == list{0});
  CHECK(picks({.alpha = .6}).empty());
  CHECK(picks({.alpha = .6, .underflow = underflow::relax_gate}) == list{2});
  CHECK(picks({.alpha = 0, .k = 3}) == list{2, 1, 0});
  CHECK(picks({.min_count = 2, .k = 4}) == list{1, 0});
  CHECK(picks({.min_count = 1, .k = 4, .class_score = class_score::sum}) == list{0, 1, 2, 3});
  auto const v = best_of_majority{.alpha = .2, .k = 2}(s.labels, s.scores);
  CHECK((v.answers[0].count == 3 && v.representative() == 5 && v.valid == 10));
  CHECK(near(totals_of(v), {.9, .6}, 1e-15));
}

TEST_CASE("a share is compared, not rounded to a count") {
  std::vector<int> labels(100, 1);
  std::fill_n(labels.begin(), 7, 2);
  std::vector<double> scores(100, .1);
  std::fill_n(scores.begin(), 7, .9);
  CHECK(best_of_majority{.alpha = .07}(labels, scores).label() == 2);  // ceil(0.07 * 100) is 8
  CHECK(best_of_majority{.alpha = .0701}(labels, scores).label() == 1);
  labels[50] = -1;  // only valid answers count
  CHECK(best_of_majority{.alpha = 7. / 99}(labels, scores).label() == 2);
}

TEST_CASE("best of majority is the reference's") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    samples const s = some_samples(seed);
    auto const votes = slow_vote(s, std::vector<double>(s.labels.size(), 1));
    auto const sums = slow_vote(s, s.scores);
    Index valid = 0;
    for (auto const& c : votes) valid += c.count;
    std::vector<robagg::candidate<int>> frequent;  // in order of appearance among equals: `votes` is stable only by count
    for (int const label : s.labels) {
      auto const named = [&](auto const& c) { return c.label == label; };
      auto const vote = std::find_if(votes.begin(), votes.end(), named);
      auto const sum = std::find_if(sums.begin(), sums.end(), named);
      if (label < 0 || sum == sums.end() || std::any_of(frequent.begin(), frequent.end(), named)) continue;
      if (static_cast<double>(vote->count) / static_cast<double>(valid) < .2) continue;
      frequent.push_back({label, vote->representative, sum->total / static_cast<double>(sum->count), vote->count});
    }
    std::stable_sort(frequent.begin(), frequent.end(), [](auto const& a, auto const& b) { return a.total > b.total + 1e-12; });
    check_verdict(best_of_majority{.alpha = .2, .k = 2}(s.labels, s.scores), frequent, 2, 1e-12);
  }
  check_labels(best_of_majority{.min_count = 2, .k = 3});
  check_labels(
      best_of_majority{.alpha = .3, .k = 3, .class_score = class_score::max, .underflow = underflow::fill_by_frequency});
}

TEST_CASE("unknown scores count in the frequency, not in the score") {
  std::vector<int> const labels = {1, 1, 1, 2, 2, 3, 3};
  std::vector<double> const scores = {not_a_number, .9, not_a_number, .5, .5, not_a_number, not_a_number};
  auto const v = best_of_majority{.min_count = 2, .k = 3}(labels, scores);
  CHECK(labels_of(v) == std::vector<int>{1, 2});
  CHECK(totals_of(v) == std::vector<double>{.9, .5});
  CHECK(best_of_majority{.min_count = 3}(labels, scores).answers[0].count == 3);
  CHECK_FALSE(best_of_majority{.min_count = 1}(labels, std::vector<double>(7, not_a_number)));
  CHECK(best_of_majority{.min_count = 1}(labels, std::vector<double>{1e38, 1e38, infinity, 1, 1, -infinity, 5}).label() == 1);
}

TEST_CASE("best of majority asks for one gate") {
  CHECK(refusal(best_of_majority{}, {.5}) ==
        "best_of_majority: needs either alpha in 0..1 or min_count >= 1 (alpha = -1, min_count = 0)");
  CHECK(refusal(best_of_majority{.alpha = .1, .min_count = 2}, {.5}) != "");
  CHECK(refusal(best_of_majority{.alpha = 1.5}, {.5}) != "");
  CHECK(refusal(best_of_majority{.alpha = not_a_number}, {.5}) != "");
  CHECK(refusal(best_of_majority{.min_count = -1}, {.5}) != "");
  check_vote_errors(best_of_majority{.min_count = 1});
}

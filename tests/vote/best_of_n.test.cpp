// SPDX-License-Identifier: BSL-1.0
#include "votes.hpp"

using namespace robagg_test;
using robagg::best_of_n;

TEST_CASE("best of n takes the best scores of different answers") {
  auto const v = best_of_n{.k = 3}(abcd().labels, abcd().scores);
  CHECK(labels_of(v) == std::vector<int>{2, 1, 0});
  CHECK(totals_of(v) == std::vector<double>{.99, .9, .6});
  CHECK((v.margin == .99 - .9 && v.changes == -1 && v.representative() == 8 && v.answers[1].count == 3));
}

TEST_CASE("best of n sorts samples by score and position") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    samples const s = some_samples(seed);
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < s.labels.size(); ++i) {
      if (s.labels[i] >= 0 && !std::isnan(s.scores[i])) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return s.scores[a] > s.scores[b]; });
    std::vector<int> expected;
    for (auto const i : order) {
      if (std::find(expected.begin(), expected.end(), s.labels[i]) == expected.end()) expected.push_back(s.labels[i]);
    }
    expected.resize(std::min<std::size_t>(expected.size(), 3));
    auto const v = best_of_n{.k = 3}(s.labels, s.scores);
    CHECK(labels_of(v) == expected);
    if (v) CHECK(v.representative() == static_cast<Index>(order[0]));
  }
  check_labels(best_of_n{.k = 3});
}

TEST_CASE("a NaN score never wins, infinity does") {
  std::vector<int> const labels = {1, 2, 3};
  CHECK(best_of_n{}(labels, std::vector<double>{not_a_number, -infinity, -1e300}).label() == 3);
  CHECK(best_of_n{}(labels, std::vector<double>{not_a_number, -infinity, not_a_number}).label() == 2);
  CHECK(best_of_n{}(labels, std::vector<double>{1e38, infinity, infinity}).label() == 2);
  CHECK_FALSE(best_of_n{}(labels, std::vector<double>(3, not_a_number)));
  check_vote_errors(best_of_n{});
}

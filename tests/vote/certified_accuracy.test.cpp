// SPDX-License-Identifier: BSL-1.0
#include "laws.hpp"

using robagg::certified_accuracy;
using robagg::election;
using robagg::Index;

TEST_CASE("certified accuracy counts what is right and stays right") {
  auto const vote = [](Index winner, Index radius) { return election{.winner = winner, .certified_radius = radius}; };
  std::vector<election> const votes = {vote(3, 0), vote(1, 5), vote(2, 2), vote(0, 9)};
  std::vector<int> const labels = {3, 1, 2, 1};
  CHECK(certified_accuracy(votes, labels, std::vector<Index>{0, 1, 2, 5, 6}) == std::vector<double>{.75, .5, .5, .25, 0});
  CHECK(certified_accuracy(votes, std::vector<Index>{3, 1, 2, 0}, std::vector<int>{9}) == std::vector<double>{.25});
  CHECK(certified_accuracy(votes, labels, std::vector<Index>{}).empty());
}

TEST_CASE("certified accuracy refuses no elections and missing labels") {
  using list = std::vector<Index>;
  CHECK_THROWS_WITH(certified_accuracy(std::vector<election>{}, list{}, list{1}),
                    Catch::Contains("certified_accuracy: needs at least one election"));
  CHECK_THROWS_WITH(certified_accuracy(std::vector<election>(2), list{1}, list{1}),
                    Catch::Contains("certified_accuracy: needs one label per election (elections = 2, labels = 1)"));
}

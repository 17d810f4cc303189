// SPDX-License-Identifier: BSL-1.0
// Keys that hold most of the attention.
#include "laws.hpp"

using namespace robagg_test;
using robagg::protect;
using kept_indices = std::vector<Index>;

TEST_CASE("protected are the largest keys strictly before their sum reaches the mass") {
  std::vector<double> const x{.05, .5, .1, .3, .05};
  CHECK(protect{}(x) == kept_indices{1, 3});  // .5 + .3 + .1 reaches .9
  CHECK(protect{.8}(x) == kept_indices{1});
  CHECK(protect{.81}(x) == kept_indices{1, 3});
  CHECK(protect{1}(x).size() == 4);
  CHECK(protect{.9, 1}(x) == kept_indices{1});
  CHECK(protect{.9, -18}(x).empty());
  CHECK(protect{0}(x).empty());
  CHECK(protect{}(std::vector<double>{}).empty());
  CHECK(protect{}(std::vector{0., 0., not_a_number, -1., infinity}).empty());
  CHECK(protect{.7}(std::vector{1., 1., 1., 1.}) == kept_indices{0, 1});  // ties: the first
  for (double const mass : {-.1, 1.1, not_a_number})
    check_call_refused(protect{mass}, [&](auto const& op) { op(x); }, {"protect: needs 0 <= mass <= 1"});
}

TEST_CASE("protect agrees with a full sort") {
  numbers random(3);
  for (int round = 0; round < 300; ++round) {
    std::vector<double> x;
    for (Index j = 0; j < 1 + random.below(40); ++j)
      x.push_back(random.uniform() < .1 ? not_a_number : static_cast<double>(random.below(8)) / 8);
    double const mass = random.uniform(),
                 total = std::accumulate(x.begin(), x.end(), 0., [](double s, double v) { return v > 0 ? s + v : s; });
    Index const most = random.below(20);
    kept_indices order, expected;
    for (Index j = 0; j < static_cast<Index>(x.size()); ++j) order.push_back(j);
    auto const at = [&](Index j) { return x[static_cast<std::size_t>(j)] > 0 ? x[static_cast<std::size_t>(j)] : 0; };
    std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return at(a) > at(b); });
    double sum = 0;
    for (Index const j : order) {
      sum += total > 0 ? at(j) / total : 1;
      if (sum >= mass || static_cast<Index>(expected.size()) == most) break;
      expected.push_back(j);
    }
    std::sort(expected.begin(), expected.end());
    CHECK(protect{mass, most}(x) == expected);
  }
}

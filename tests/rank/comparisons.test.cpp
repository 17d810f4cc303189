// SPDX-License-Identifier: BSL-1.0
// Battles, counted.
#include "catch.hpp"

#include <robagg/rank/comparisons.hpp>

#include <cmath>
#include <limits>
#include <vector>

namespace comparisons_test {
namespace {

using namespace robagg;
constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

TEST_CASE("comparisons count, and refuse what is none") {
  std::vector<int> const winners{0, 2, 1, 0}, losers{1, 0, 0, 1};
  std::vector<char> const tied{0, 0, 1, 0};
  comparisons c;
  c.add_all(winners, losers, tied);
  CHECK((c.items() == 3 && c.total() == 4 && c.pairs().size() == 2));
  CHECK((c.pairs()[0].wins == 2 && c.pairs()[0].losses == 0 && c.pairs()[0].ties == 1 && c.pairs()[1].losses == 1));
  c.add_all(Eigen::Vector2i(4, 1), Eigen::Vector2i(1, 4));
  CHECK((c.items() == 5 && c.total() == 6));

  // Pairs are sorted, whether there are few of them for the items or many.
  for (Index const items : {30, 5000}) {
    comparisons some(items);
    detail::generator random(3);
    std::vector<int> table(900, 0);
    for (int k = 0; k < 700; ++k) {
      auto const i = static_cast<Index>(random.below(30)), j = static_cast<Index>(random.below(30));
      if (i != j) some.add(i, j), ++table[static_cast<std::size_t>(30 * i + j)];
    }
    Index before = -1;
    for (auto const& p : some.pairs()) {
      CHECK((p.first < p.second && 30 * p.first + p.second > before));
      before = 30 * p.first + p.second;
      CHECK(p.wins == table[static_cast<std::size_t>(before)]);
      CHECK(p.losses == table[static_cast<std::size_t>(30 * p.second + p.first)]);
    }
  }

  comparisons fixed(3);
  fixed.add(0, 1);
  auto const unchanged = [&] { return fixed.total() == 1 && fixed.pairs().size() == 1 && fixed.items() == 3; };
  CHECK_THROWS_WITH(fixed.add(0, 3), "comparisons: needs items in 0..items-1 (first = 0, second = 3, items = 3)");
  CHECK_THROWS_WITH(fixed.add_tie(-1, 0), Catch::Contains("needs items in 0..items-1 (first = -1"));
  CHECK_THROWS_WITH(fixed.add(2, 2), "comparisons: needs two different items (first = 2, second = 2)");
  for (double const count : {nan, infinity, -infinity, -1.})
    CHECK_THROWS_WITH(fixed.add(0, 1, count), Catch::Contains("needs finite counts >= 0 (count = "));
  CHECK_THROWS_WITH(fixed.add(0, 1, 1e300), Catch::Contains("needs counts of a sum of at most 2^53 (sum = 1, count = 1e+300)"));
  CHECK_THROWS_AS(fixed.add_all(std::vector{0, 1, 2}, std::vector{1, 2, 3}), bad_input);
  CHECK_THROWS_WITH(fixed.add_all(std::vector{0, 1}, std::vector{1}),
                    "comparisons: needs lists of one length (winners = 2, losers = 1, tied = 2)");
  CHECK(unchanged());
  CHECK_THROWS_AS(comparisons(0), bad_input);
  CHECK_THROWS_AS(comparisons{}.add(0, Index{1} << 40), bad_input);
  CHECK_THROWS_WITH(comparisons::of_wins(Eigen::MatrixXd(2, 3)), Catch::Contains("needs a square matrix of wins"));
  CHECK_THROWS_WITH(comparisons::of_wins(Eigen::MatrixXd::Ones(2, 2)), Catch::Contains("needs wins against others only"));
  CHECK_THROWS_AS(comparisons::of_wins(Eigen::MatrixXd{{0, nan}, {1, 0}}), bad_input);
  CHECK(comparisons::of_wins(Eigen::MatrixXi{{0, 7}, {2, 0}}).pairs()[0].wins == 7);
}

}  // namespace
}  // namespace comparisons_test

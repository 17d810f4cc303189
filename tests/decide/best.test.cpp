// SPDX-License-Identifier: BSL-1.0
// The best position: lowest of equals, NaN never, over every kind of vector.
#include "laws.hpp"

using namespace robagg_test;
using robagg::best;

TEST_CASE("best is the lowest position of the highest score") {
  CHECK(best{}(std::vector{1., 3., 2., 3.}) == 1);
  CHECK(best{}(std::vector{-0., 0.}) == 0);  // zeros are equal
  CHECK(best{}(std::vector{-infinity, -infinity}) == 0);
  CHECK(best{}(std::vector{5.f}) == 0);
}

TEST_CASE("best agrees with a full sort") {
  numbers random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<double> scores, ties;
    for (Index j = 0; j <= random.below(9); ++j) {
      bool const absent = random.uniform() < .2;
      scores.push_back(absent ? not_a_number : static_cast<double>(random.below(3)) - 1);
      ties.push_back(random.uniform() < .2 ? not_a_number : static_cast<double>(random.below(3)));
    }
    if (std::all_of(scores.begin(), scores.end(), [](double v) { return std::isnan(v); })) continue;
    robagg::workspace ws;
    Index plain = -1, tied = -1;
    best{}.into(scores, plain, ws);
    best{}.into(scores, ties, tied, ws);
    CHECK(plain == reference::preference(scores, scores).front());
    CHECK(tied == reference::preference(scores, ties).front());
  }
}

TEST_CASE("NaN never wins, and a NaN tie_break loses") {
  CHECK(best{}(std::vector{not_a_number, -infinity, not_a_number}) == 1);
  CHECK(best{}(std::vector{not_a_number, 1., -1.}) == 1);
  robagg::workspace ws;
  Index y = -1;
  best{}.into(std::vector{1., 1., 1.}, std::vector{not_a_number, 0., 0.}, y, ws);
  CHECK(y == 1);
}

TEST_CASE("best refuses when there is nothing to choose, and writes nothing") {
  robagg::workspace ws;
  int y = 7;
  CHECK_THROWS_WITH(best{}.into(std::vector<double>{}, y, ws), Catch::Contains("best: needs at least one score"));
  CHECK_THROWS_WITH(best{}.into(std::vector{not_a_number, not_a_number}, y, ws),
                    Catch::Contains("best: needs a score that is not NaN (scores = 2)"));
  CHECK_THROWS_WITH(best{}.into(std::vector{1., 2.}, std::vector{1.}, y, ws),
                    Catch::Contains("best: needs one tie_break per score (scores = 2, tie_breaks = 1)"));
  CHECK(y == 7);
}

TEST_CASE("best reads every kind of vector and writes to every integer") {
  matrix const x{{1, 4, 2}, {9, 1, 1}};
  Eigen::Vector3f const fixed(1, 2, 3);
  Eigen::Matrix<Eigen::half, 1, 2> const half(Eigen::half(1.f), Eigen::half(2.f));
  CHECK(best{}(x.row(0)) == 1);
  CHECK(best{}(x.col(0)) == 1);  // strided
  CHECK(best{}(-x.row(0)) == 0);
  CHECK(best{}(fixed) == 2);
  CHECK(best{}(half) == 1);
  CHECK(best{}(std::span(x.data(), 6)) == 3);
  robagg::workspace ws;
  short y = 0;
  best{}.into(x.row(0), y, ws);
  CHECK(y == 1);
  Eigen::Vector3i places(7, 7, 7);
  std::vector<std::int32_t> listed(1, 7);
  best{}.into(x.row(0), places(1), ws);
  (robagg::mean{} | best{}).into(x, listed[0], ws);
  CHECK((places == Eigen::Vector3i(7, 1, 7) && listed[0] == 0));
  STATIC_REQUIRE(std::is_same_v<decltype(best{}(fixed)), Index>);
}

TEST_CASE("best chooses by robust scores in a pipe") {
  matrix const rewards{{1, 2, .5, 3.6}, {1.2, 1, .6, -1}, {.8, 1.5, .4, 2.5}};
  CHECK((robagg::mean{} | best{})(rewards) == 3);
  CHECK((robagg::worst_case{} | best{})(rewards) == 1);
  CHECK((robagg::uncertainty_weighted{.5} | best{})(rewards) == 1);
}

// SPDX-License-Identifier: BSL-1.0
// The top k: exactly k, in ascending position, ties by the second score and then by position.
#include "laws.hpp"

using namespace robagg_test;
using robagg::top;

namespace {
using indices = std::vector<Index>;

indices expected(std::vector<double> const& scores, std::vector<double> const& ties, Index k) {
  indices order = reference::preference(scores, ties);
  order.resize(static_cast<std::size_t>(std::min(k, static_cast<Index>(order.size()))));
  std::sort(order.begin(), order.end());
  return order;
}
}  // namespace

TEST_CASE("top keeps the k highest scores in ascending position") {
  std::vector const scores = {.3, .9, .1, .9, .5};
  CHECK(top{1}(scores) == indices{1});
  CHECK(top{2}(scores) == indices{1, 3});
  CHECK(top{3}(scores) == indices{1, 3, 4});
  CHECK(top{9}(scores) == indices{0, 1, 2, 3, 4});
  CHECK(top{2}(std::vector{1., 1., 1., 1.}) == indices{0, 1});
  CHECK(top{2}(std::vector<double>{}).empty());
}

TEST_CASE("top agrees with a full sort") {
  numbers random(6);
  for (int round = 0; round < 500; ++round) {
    std::vector<double> scores, ties;
    for (Index j = 0; j <= random.below(12); ++j) {
      scores.push_back(random.uniform() < .2 ? not_a_number : static_cast<double>(random.below(4)) - 1);
      ties.push_back(random.uniform() < .2 ? not_a_number : static_cast<double>(random.below(3)));
    }
    if (std::all_of(scores.begin(), scores.end(), [](double v) { return std::isnan(v); })) continue;
    Index const k = 1 + random.below(13);
    robagg::workspace ws;
    indices plain, tied;
    top{k}.into(scores, plain, ws);
    top{k}.into(scores, ties, tied, ws);
    CHECK(plain == expected(scores, std::vector<double>(scores.size(), 0), k));
    CHECK(tied == expected(scores, ties, k));
  }
  matrix const large = gauss(1, 5000);
  std::vector<double> const scores(large.data(), large.data() + 5000);
  CHECK(top{777}(scores) == expected(scores, scores, 777));
}

TEST_CASE("a NaN score is taken only when the others do not suffice") {
  std::vector const scores = {not_a_number, 1., not_a_number, -infinity};
  CHECK(top{1}(scores) == indices{1});
  CHECK(top{2}(scores) == indices{1, 3});
  CHECK(top{3}(scores) == indices{0, 1, 3});
}

TEST_CASE("top refuses k < 1 and nothing but NaN, and writes nothing") {
  robagg::workspace ws;
  indices y = {7, 7};
  CHECK_THROWS_WITH(top{0}.into(std::vector{1., 2.}, y, ws), Catch::Contains("top: needs k >= 1 (k = 0)"));
  CHECK_THROWS_WITH(top{1}.into(std::vector{not_a_number}, y, ws),
                    Catch::Contains("top: needs a score that is not NaN (scores = 1)"));
  CHECK_THROWS_AS(top{1}.into(std::vector{1., 2.}, std::vector{1.}, y, ws), assertion_failed);
  CHECK(y == indices{7, 7});
  std::array<int, 3> three = {7, 7, 7};
  CHECK_THROWS_AS(top{2}.into(std::vector{1., 2., 3.}, std::span(three), ws), assertion_failed);
  CHECK(three == std::array{7, 7, 7});
}

TEST_CASE("top writes to vectors that grow and spans that fit, of any integer") {
  Eigen::VectorXf const scores = Eigen::Vector4f(1, 4, 3, 2);
  robagg::workspace ws;
  Eigen::VectorXi grown;
  top{2}.into(scores, grown, ws);
  CHECK(grown == Eigen::Vector2i(1, 2));
  std::array<int, 2> two{};
  top{2}.into(scores, std::span(two), ws);
  CHECK(two == std::array{1, 2});
  std::vector<long long> wide;
  top{3}.into(scores, wide, ws);
  CHECK(wide == std::vector<long long>{1, 2, 3});
  auto const held = ws.bytes();
  top{3}.into(scores, wide, ws);
  CHECK(ws.bytes() == held);
  CHECK(top{1}(Eigen::Vector2d(1, 2)) == indices{1});
}

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
  Eigen::Matrix<Eigen::half, Eigen::Dynamic, 1> const halves =
      Eigen::Map<Eigen::VectorXd const>(scores.data(), 5000).cast<Eigen::half>();
  std::vector<double> const widened(halves.begin(), halves.end());
  CHECK(top{777}(halves) == expected(widened, std::vector<double>(5000, 0), 777));
}

TEST_CASE("top agrees with a stable sort where scores are long, tie, are missing or infinite") {
  numbers random(8);
  robagg::workspace ws;
  for (Index const d : {1, 63, 64, 65, 300, 2100, 9000, instrumented ? 10'000 : 20'000}) {
    for (double const coarse : {.5, 8., 1e6}) {
      for (double const missing : {0., .3, .95}) {
        std::vector<double> scores, ties;
        for (Index j = 0; j < d; ++j) {
          double const score = random.gauss() < -2 ? -infinity : std::floor(coarse * random.gauss());
          scores.push_back(j > 0 && random.uniform() < missing ? not_a_number : score);
          ties.push_back(random.uniform() < .1 ? not_a_number : static_cast<double>(random.below(5)));
        }
        std::vector<float> const narrow(scores.begin(), scores.end());
        Eigen::Matrix<double, Eigen::Dynamic, 2, Eigen::RowMajor> apart(d, 2);
        apart.col(1) = Eigen::Map<Eigen::VectorXd const>(scores.data(), d);
        indices const all = reference::preference(scores, std::vector<double>(scores.size(), 0));
        indices const all_tied = reference::preference(scores, ties);
        for (Index const k : {Index{1}, Index{7}, d / 5 + 1, d / 2 + 1, d - 1, d, d + 3}) {
          if (k < 1) continue;
          INFO(d << " scores, floor(" << coarse << " gauss), " << missing << " missing, k = " << k);
          auto const best_of = [&](indices const& order) {
            indices kept(order.begin(), order.begin() + std::min(k, d));
            std::sort(kept.begin(), kept.end());
            return kept;
          };
          indices const expected_plain = best_of(all);
          indices kept;
          top{k}.into(scores, kept, ws);
          CHECK(kept == expected_plain);
          top{k}.into(narrow, kept, ws);
          CHECK(kept == expected_plain);
          top{k}.into(apart.col(1), kept, ws);
          CHECK(kept == expected_plain);
          top{k}.into(narrow, ties, kept, ws);
          CHECK(kept == best_of(all_tied));
          Eigen::Matrix<int, Eigen::Dynamic, 2, Eigen::RowMajor> places(std::min(k, d), 2);
          top{k}.into(scores, places.col(0), ws);
          CHECK(indices(places.col(0).begin(), places.col(0).end()) == expected_plain);
        }
      }
    }
  }
}

TEST_CASE("top takes the same memory whatever the scores") {
  robagg::workspace ws;
  indices kept;
  std::vector<double> scores(20'000), ties(20'000);
  numbers random(9);
  for (std::size_t j = 0; j < scores.size(); ++j) scores[j] = random.gauss(), ties[j] = random.gauss();
  top{777}.into(scores, ties, kept, ws);
  auto const held = ws.bytes();
  for (std::size_t j = 0; j < scores.size(); ++j) scores[j] = j % 3 == 0 ? not_a_number : std::floor(2 * ties[j]);
  for (Index const k : {1, 777, 15'000}) {
    top{k}.into(scores, ties, kept, ws);
    top{k}.into(scores, kept, ws);
    CHECK(ws.bytes() == held);
  }
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
  CHECK_THROWS_WITH(top{1}.into(std::vector{1., 2.}, std::vector{1.}, y, ws),
                    Catch::Contains("top: needs one tie_break per score (scores = 2, tie_breaks = 1)"));
  CHECK(y == indices{7, 7});
  std::array<int, 3> three = {7, 7, 7};
  CHECK_THROWS_WITH(top{2}.into(std::vector{1., 2., 3.}, std::span(three), ws),
                    Catch::Contains("top: needs an output of min(k, d) values (size = 3, min(k, d) = 2)"));
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
  Eigen::RowVector2i fixed;
  Eigen::Matrix<int, 2, 3, Eigen::RowMajor> in_table = Eigen::Matrix<int, 2, 3, Eigen::RowMajor>::Constant(7);
  top{2}.into(scores, std::vector{0., 0., 0., 9.}, fixed, ws);
  top{2}.into(scores, in_table.col(1), ws);
  (robagg::mean{} | top{3}).into(scores.transpose(), in_table.row(1), ws);
  CHECK((fixed == Eigen::RowVector2i(1, 2) && in_table(0, 1) == 1 && in_table(0, 0) == 7));
  CHECK(in_table.row(1) == Eigen::RowVector3i(1, 2, 3));
}

TEST_CASE("positions beyond int32 are refused before the scores are read") {
  float const one = 1;
  Index const d = (Index{1} << 31) + 1;
  Eigen::Map<Eigen::VectorXf const, 0, Eigen::InnerStride<>> const longest(&one, d, Eigen::InnerStride<>(0));
  robagg::workspace ws;
  std::vector<std::int32_t> places{7};
  CHECK_THROWS_WITH(top{1}.into(longest, places, ws),
                    Catch::Contains("top: needs an output whose numbers hold every position (last position = 2147483648, "
                                    "largest number = 2147483647)"));
  std::int32_t place = 7;
  CHECK_THROWS_WITH(robagg::best{}.into(longest, place, ws), Catch::Contains("best: needs an output whose numbers hold"));
  CHECK((places == std::vector<std::int32_t>{7} && place == 7 && ws.bytes() == 0));
}

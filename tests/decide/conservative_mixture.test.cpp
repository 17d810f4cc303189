// SPDX-License-Identifier: BSL-1.0
#include "laws.hpp"

using namespace robagg_test;
using robagg::conservative_mixture, robagg::mixture;

namespace {
using bounds = std::vector<double>;
mixture two(double safe, double risky, double threshold) {
  return conservative_mixture{.threshold = threshold}(bounds{safe, risky}, bounds{0, 1});
}
}  // namespace

TEST_CASE("as much risk as the threshold allows") {
  CHECK(std::abs(two(.8, .3, .7).second_weight - .2) < 1e-15);
  CHECK((two(.8, .75, .7).first == 1 && two(.8, .75, .7).first_weight == 1 && two(.8, .75, .7).second == -1));
  CHECK((two(.7, .3, .7).first == 0 && two(.7, .3, .7).value == 0));
  auto const none = two(.6, .3, .7);
  CHECK((!none && none.first == 0 && none.lower_bound == .6));
  auto const three = conservative_mixture{.threshold = .7}(bounds{.8, .3, .65}, bounds{.8, 1.2, 1});
  CHECK((three && three.first == 0 && three.second == 2 && std::abs(three.second_weight - 2. / 3) < 1e-14));
  CHECK(std::abs(three.value - .93333333333333) < 1e-13);
}

TEST_CASE("a mixture is the best of a fine grid and keeps its threshold to the last bit") {
  robagg::detail::generator next(7);
  auto const uniform = [&] { return static_cast<double>(next() >> 11) * 0x1p-53; };
  for (int trial = 0; trial < 300; ++trial) {
    std::size_t const d = 1 + next() % 5;
    bounds lower, upper;
    for (std::size_t i = 0; i < d; ++i) lower.push_back(uniform() * 2 - 1), upper.push_back(uniform());
    double const threshold = uniform() * 2 - 1;
    auto const m = conservative_mixture{.threshold = threshold}(lower, upper);
    REQUIRE(m.feasible == std::any_of(lower.begin(), lower.end(), [&](double l) { return l >= threshold; }));
    auto const at = [](bounds const& b, Index i) { return i < 0 ? 0 : b[static_cast<std::size_t>(i)]; };
    CHECK(m.first_weight * at(lower, m.first) + m.second_weight * at(lower, m.second) == m.lower_bound);
    if (!m) {
      CHECK(m.lower_bound == *std::max_element(lower.begin(), lower.end()));
      continue;
    }
    CHECK(m.lower_bound >= threshold);
    CHECK((m.first_weight >= 0 && m.second_weight >= 0 && std::abs(m.first_weight + m.second_weight - 1) < 1e-15));
    double best = -infinity;  // three options suffice to see that two do
    for (std::size_t a = 0; a < d; ++a) {
      for (std::size_t b = 0; b < d; ++b) {
        for (std::size_t c = 0; c < d; ++c) {
          for (int i = 0; i <= 20; ++i) {
            for (int j = 0; i + j <= 20; ++j) {
              double const u = i / 20., v = j / 20., w = 1 - u - v;
              if (u * lower[a] + v * lower[b] + w * lower[c] >= threshold + 1e-12) {
                best = std::max(best, u * upper[a] + v * upper[b] + w * upper[c]);
              }
            }
          }
        }
      }
    }
    CHECK(m.value >= best - 1e-12);
  }
}

TEST_CASE("rounding never breaks the threshold, whatever the scale") {
  robagg::detail::generator next(11);
  for (int trial = 0; trial < 2000; ++trial) {
    auto const number = [&] {
      return std::ldexp(static_cast<double>(next() >> 11) * 0x1p-53 - .5, static_cast<int>(next() % 600) - 300);
    };
    double const a = number(), b = number(), threshold = number();
    auto const m = two(a, b, threshold);
    CHECK((!m || m.lower_bound >= threshold));
    CHECK((!m || m.first_weight + m.second_weight <= 1));
  }
}

TEST_CASE("options with unknown bounds are out, ties go to the lowest") {
  auto const m =
      conservative_mixture{.threshold = 0}(bounds{not_a_number, 1, infinity, 1, -1}, bounds{9, 2, 9, 2, not_a_number});
  CHECK((m && m.first == 1 && m.value == 2));
  auto const nobody = conservative_mixture{.threshold = 0}(bounds{not_a_number}, bounds{1});
  CHECK((!nobody && nobody.first == -1));
  CHECK_THROWS_AS(two(1, 0, infinity), robagg::bad_input);
  CHECK_THROWS_AS((conservative_mixture{.threshold = 0}(bounds{}, bounds{})), robagg::bad_input);
  CHECK_THROWS_AS((conservative_mixture{.threshold = 0}(bounds{1, 2}, bounds{1})), robagg::bad_input);
}

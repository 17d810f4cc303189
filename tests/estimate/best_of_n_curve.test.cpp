// SPDX-License-Identifier: BSL-1.0
// The curve against all subsets of small pools, with ties broken in every way, and against exact binomials of a large one.
#include "laws.hpp"

using namespace robagg_test;
using robagg::best_of_n_curve;

namespace {

using pool_values = std::vector<double>;

Eigen::VectorXd curve(pool_values const& proxy, pool_values const& values, std::vector<Index> const& ns) {
  return best_of_n_curve{.ns = ns}(proxy, values);
}
bool is(Eigen::VectorXd const& y, pool_values const& expected, double tolerance = 1e-14) {
  if (static_cast<std::size_t>(y.size()) != expected.size()) return false;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!(std::abs(y(static_cast<Index>(i)) - expected[i]) <= tolerance)) return false;
  }
  return true;
}

// The mean over all subsets of n, and over who of the best is taken.
double slow_best(pool_values const& proxy, pool_values const& values, Index n) {
  double sum = 0, subsets = 0;
  for (unsigned chosen = 0; chosen < 1u << proxy.size(); ++chosen) {
    if (std::popcount(chosen) != n) continue;
    double highest = -infinity, total = 0, many = 0;
    for (std::size_t i = 0; i < proxy.size(); ++i) {
      if (chosen >> i & 1) highest = std::max(highest, proxy[i]);
    }
    for (std::size_t i = 0; i < proxy.size(); ++i) {
      if ((chosen >> i & 1) && proxy[i] == highest) total += values[i], ++many;
    }
    sum += total / many, ++subsets;
  }
  return sum / subsets;
}

}  // namespace

TEST_CASE("over-optimisation in miniature") {
  pool_values const proxy = {.1, .4, .2, .9, .5}, gold = {1, 3, 2, 0, 4};
  CHECK(is(curve(proxy, gold, {1, 2, 3, 4, 5}), {2, 2, 1.5, .8, 0}));
  CHECK(is(curve(proxy, proxy, {1, 2, 3, 4, 5}), {.42, .61, .73, .82, .9}));
  CHECK(is(curve({.5, .5, .2}, {1, 0, 5}, {1, 2, 3}), {2, .5, .5}));
  CHECK(is(curve(proxy, gold, {5, 1, 1, 3, 2, 4, 5, 1, 2, 3}), {0, 2, 2, 1.5, 2, .8, 0, 2, 2, 1.5}));  // more than a packet
}

TEST_CASE("the curve is the mean over all subsets") {
  robagg::detail::generator next(5);
  for (int trial = 0; trial < 60; ++trial) {
    std::size_t const N = 1 + next() % 8;
    pool_values proxy, values;
    for (std::size_t i = 0; i < N; ++i)
      proxy.push_back(static_cast<double>(next() % 4) - 1.5), values.push_back(static_cast<double>(next() % 9));
    for (Index n = 1; n <= static_cast<Index>(N); ++n)
      CHECK(std::abs(curve(proxy, values, {n})(0) - slow_best(proxy, values, n)) < 1e-12);
    std::vector<float> const narrow(proxy.begin(), proxy.end());
    std::vector<Index> const one = {static_cast<Index>(N)};
    CHECK(best_of_n_curve{.ns = one}(narrow, values)(0) == curve(proxy, values, one)(0));
  }
}

TEST_CASE("no digits are lost in a pool of 12,600") {
  // With the rank itself as value the expectation is n (N + 1) / (n + 1) exactly.
  std::size_t const N = 12'600;
  pool_values proxy, rank, one(N, 1);
  for (std::size_t i = 0; i < N; ++i) {
    std::size_t const r = i * 7919 % N;  // 7919 is a prime that does not divide N
    proxy.push_back(std::sqrt(static_cast<double>(r)) - 50), rank.push_back(static_cast<double>(r + 1));
  }
  std::vector<Index> const ns = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 6144, 8192, 12500, 12600};
  auto const expected = curve(proxy, rank, ns), mass = curve(proxy, one, ns);
  for (std::size_t j = 0; j < ns.size(); ++j) {
    double const n = static_cast<double>(ns[j]), exact = n * static_cast<double>(N + 1) / (n + 1);
    CHECK(std::abs(expected(static_cast<Index>(j)) / exact - 1) < 2e-12);
    CHECK(std::abs(mass(static_cast<Index>(j)) - 1) < 2e-12);
  }
}

TEST_CASE("hostile pools") {
  CHECK(curve({not_a_number, 1, 2}, {not_a_number, 5, 7}, {2})(0) == Approx(2. / 3 * 7 + 1. / 3 * 5));
  CHECK(std::isnan(curve({not_a_number, 1, 2}, {not_a_number, 5, 7}, {1})(0)));
  CHECK(curve({not_a_number, not_a_number}, {1, 3}, {1, 2}) == Eigen::Vector2d(2, 2));
  CHECK(is(curve({-infinity, infinity, 0, -0.}, {1, 8, 3, 5}, {3}), {.75 * 8 + .25 * 4}));
  CHECK(curve({1, 2}, {1e308, 1e308}, {1, 2})(1) == 1e308);
  CHECK_THROWS_WITH(curve({1, 2}, {1, 2}, {3}), "best_of_n_curve: needs 1 <= n <= N (n = 3, N = 2)");
  CHECK_THROWS_WITH(curve({1, 2}, {1}, {1}), "best_of_n_curve: needs one value per candidate (N = 2, values = 1)");
  CHECK_THROWS_AS(curve({}, {}, {}), robagg::bad_input);
}

// SPDX-License-Identifier: BSL-1.0
#include "profiles.hpp"

using namespace robagg_test;
using robagg::assignment;

namespace {

// The best sum over all ways to give min(n, k) rows columns of their own.
double best_sum(matrix const& x, Index row, std::vector<bool>& taken, Index left) {
  if (left == 0) return 0;
  if (row == x.rows()) return -infinity;
  double best = x.rows() - row > left ? best_sum(x, row + 1, taken, left) : -infinity;
  for (Index j = 0; j < x.cols(); ++j) {
    auto const at = static_cast<std::size_t>(j);
    if (taken[at]) continue;
    taken[at] = true;
    best = std::max(best, x(row, j) + best_sum(x, row + 1, taken, left - 1));
    taken[at] = false;
  }
  return best;
}

}  // namespace

TEST_CASE("assignment finds the largest sum") {
  auto const found = assignment{}(matrix{{7, 5, 1}, {8, 4, 1}});
  CHECK(found.columns == std::vector<Index>{1, 0});
  CHECK(found.value == 13);
  CHECK(assignment{}(matrix{{1.}, {3.}, {2.}}).columns == std::vector<Index>{-1, 0, -1});
  robagg::table<Eigen::half> const narrow = matrix{{7, 5, 1}, {8, 4, 1}}.cast<Eigen::half>();
  CHECK(assignment{}(narrow).value == 13);
  CHECK(assignment{}(robagg::table<int>{{7, 5}, {8, 4}}).value == 13);
  CHECK(assignment{}(matrix(2, 0)).columns == std::vector<Index>{-1, -1});
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    numbers random(seed);
    matrix x(1 + random.below(5), 1 + random.below(5));
    for (double& v : x.reshaped())
      v = seed % 2 ? static_cast<double>(random.below(7)) - 3 : random.gauss() * (seed % 5 ? 1 : 1e150);
    std::vector<bool> taken(static_cast<std::size_t>(x.cols()), false);
    Index const most = std::min(x.rows(), x.cols());
    auto const got = assignment{}(x);
    CAPTURE(seed, x, got.columns);
    CHECK(got.value == Approx(best_sum(x, 0, taken, most)));
    std::vector<Index> used;
    double sum = 0;
    for (Index i = 0; i < x.rows(); ++i) {
      Index const j = got.columns[static_cast<std::size_t>(i)];
      if (j >= 0) used.push_back(j), sum += x(i, j);
    }
    std::sort(used.begin(), used.end());
    CHECK(static_cast<Index>(used.size()) == most);
    CHECK(std::adjacent_find(used.begin(), used.end()) == used.end());
    CHECK(got.value == Approx(sum));
  }
}

TEST_CASE("assignment is optimal where a hundred rows compete, by prices") {
  // On distances between points on a line the sorted order is optimal.
  matrix x(100, 100);
  auto const a = gauss(1, 100, 3), b = gauss(1, 100, 4);
  for (Index i = 0; i < 100; ++i) {
    for (Index j = 0; j < 100; ++j) x(i, j) = -std::abs(a(0, i) - b(0, j));
  }
  std::vector<double> u(a.data(), a.data() + 100), v(b.data(), b.data() + 100);
  std::sort(u.begin(), u.end()), std::sort(v.begin(), v.end());
  double wanted = 0;
  for (std::size_t i = 0; i < 100; ++i) wanted -= std::abs(u[i] - v[i]);
  CHECK(assignment{}(x).value == Approx(wanted));
  robagg::table<float> const narrow = x.cast<float>();
  CHECK(assignment{}(narrow).value == Approx(wanted));
}

TEST_CASE("assignment refuses what is no number") {
  matrix x = gauss(2, 2);
  x(1, 0) = not_a_number;
  CHECK_THROWS_WITH(assignment{}(x),
                    "assignment: needs finite values whose sums are finite (row = 1, column = 0, value = nan)");
  x(1, 0) = -infinity;
  CHECK_THROWS_WITH(assignment{}(x), Catch::StartsWith("assignment: needs finite values"));
  x.setConstant(1e308);  // sums along paths overflow
  CHECK_THROWS_WITH(assignment{}(x), Catch::StartsWith("assignment: needs finite values whose sums are finite"));
  CHECK_THROWS_WITH(assignment{}(x.topRows(0)), "assignment: needs at least one report (n = 0)");
}

TEST_CASE("assignment: no exchange along a cycle of rows is better, where many rows want the same columns") {
  // Ranks' distances, few different values, and scales at the ends of doubles.
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    numbers random(seed);
    Index const n = 20 + random.below(50);
    matrix whole(n, n);
    for (Index i = 0; i < n; ++i) {
      std::array<double, 9> places{};
      for (double& p : places) p = static_cast<double>(random.below(n));
      for (Index j = 0; j < n; ++j) {
        double cost = 0;
        for (double const p : places) cost += std::abs(p - static_cast<double>(j));
        whole(i, j) = seed % 4 == 0 ? static_cast<double>(random.below(3)) : -cost;
      }
    }
    matrix const values = whole * (seed % 4 == 1 ? 1 / 7. : seed % 8 == 2 ? 0x1p1000 : seed % 8 == 3 ? 0x1p-1000 : 1);
    auto const found = robagg::assignment{}(values);
    matrix gain(n, n);  // of row i in the column of row j
    for (Index j = 0; j < n; ++j) gain.col(j) = whole.col(found.columns[static_cast<std::size_t>(j)]);
    gain.colwise() -= gain.diagonal().eval();
    for (Index k = 0; k < n; ++k) {
      for (Index i = 0; i < n; ++i) {
        for (Index j = 0; j < n; ++j) gain(i, j) = std::max(gain(i, j), gain(i, k) + gain(k, j));
      }
    }
    CAPTURE(seed, n);
    CHECK(gain.diagonal().maxCoeff() <= 0);
    auto sorted = found.columns;
    std::sort(sorted.begin(), sorted.end());
    for (Index j = 0; j < n; ++j) REQUIRE(sorted[static_cast<std::size_t>(j)] == j);
  }
}

// SPDX-License-Identifier: BSL-1.0
// Budgets by moving phantoms.
#include "laws.hpp"

using namespace robagg_test;
using robagg::independent_markets;

namespace {

matrix budgets(numbers& random, Index n, Index m) {
  matrix x(n, m);
  Index const kind = random.below(4);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < m; ++j) {
      double const u = random.uniform();
      x(i, j) = kind == 0 ? -std::log(1 - u) : kind == 1 ? std::floor(4 * u) : kind == 2 ? u * u * u * u : u < .3;
    }
    if (x.row(i).sum() == 0) x(i, random.below(m)) = 1;
    x.row(i) /= x.row(i).sum();
  }
  return x;
}
// Medians of 2 n + 1 numbers by sorting, t by halving; rows repeat by their weights.
matrix markets_by_halving(matrix const& x, std::vector<Index> const& repeat = {}) {
  Index const m = x.cols();
  std::vector<Index> rows;
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index k = repeat.empty() ? 1 : repeat[static_cast<std::size_t>(i)]; k > 0; --k) rows.push_back(i);
  }
  auto const n = static_cast<Index>(rows.size());
  auto const medians = [&](double t) {
    matrix y(1, m);
    for (Index j = 0; j < m; ++j) {
      std::vector<double> all;
      for (Index const i : rows) all.push_back(x(i, j));
      for (Index k = 0; k <= n; ++k) all.push_back(std::min(1., t * static_cast<double>(n - k)));
      std::sort(all.begin(), all.end());
      y(0, j) = all[static_cast<std::size_t>(n)];
    }
    return y;
  };
  double low = 0, high = 1;
  for (int step = 0; step < 200; ++step) (medians((low + high) / 2).sum() < 1 ? low : high) = (low + high) / 2;
  return medians(high);
}

}  // namespace

TEST_CASE("a budget by hand") {
  matrix const x{{1, 0, 0}, {0, 1, 0}, {.2, .3, .5}};
  CHECK(difference(independent_markets{}(x).transpose(), matrix{{1 / 3., 1 / 3., 1 / 3.}}) <= 1e-15);
  CHECK(independent_markets{}(matrix{{.25, .75}}) == Eigen::Vector2d(.25, .75));
  CHECK(independent_markets{}(matrix{{1}, {1}})(0) == 1);
  // Those who want all for one alternative get their share of it.
  matrix const single{{1, 0, 0}, {0, 1, 0}, {1, 0, 0}, {0, 0, 1}};
  CHECK(difference(independent_markets{}(single).transpose(), matrix{{.5, .25, .25}}) <= 1e-15);
  auto const heavy = independent_markets{}(robagg::weighted(matrix{{1, 0}, {0, 1}, {.5, .5}}, std::vector{3., 1., 0.}));
  CHECK(difference(heavy.transpose(), matrix{{.75, .25}}) <= 1e-15);
}

TEST_CASE("budgets agree with medians of phantoms and sum to 1") {
  numbers random(11);
  for (int trial = 0; trial < 400; ++trial) {
    Index const n = 1 + random.below(trial % 50 == 0 ? 60 : 7), m = 1 + random.below(6);
    matrix const x = budgets(random, n, m);
    matrix const y = independent_markets{}(x).transpose();
    CAPTURE(trial, n, m);
    CHECK(std::abs(y.sum() - 1) <= 1e-15 * static_cast<double>(m));
    CHECK((y.array() >= 0).all());
    CHECK(difference(y, markets_by_halving(x)) <= 1e-14);
    if (m == 2) {
      double const one = robagg::uniform_phantom{}(x)(0);
      CHECK(difference(y, matrix{{one, 1 - one}}) <= 1e-14);
    }
    std::vector<Index> repeat;
    std::vector<double> w;
    for (Index i = 0; i < n; ++i)
      repeat.push_back(random.below(4) + (i == 0)), w.push_back(.1 * static_cast<double>(repeat.back()));
    CHECK(difference(independent_markets{}(robagg::weighted(x, w)).transpose(), markets_by_halving(x, repeat)) <= 1e-14);
    auto const order = permutation(n, static_cast<std::uint64_t>(trial));
    CHECK(difference(independent_markets{}(pick(x, order)).transpose(), y) <= 1e-14);
  }
}

TEST_CASE("nobody gains from lying about a budget") {
  numbers random(13);
  for (int trial = 0; trial < 3000; ++trial) {
    Index const n = 1 + random.below(5), m = 2 + random.below(3);
    matrix x = budgets(random, n, m);
    matrix const truth = x.row(0), honest = independent_markets{}(x).transpose();
    x.row(0) = budgets(random, 1, m);
    matrix const lied = independent_markets{}(x).transpose();
    CHECK((lied - truth).cwiseAbs().sum() >= (honest - truth).cwiseAbs().sum() - 1e-13);
  }
}

TEST_CASE("budgets refuse what is none") {
  matrix const good{{.5, .5}, {.25, .75}};
  auto const with = [&](double a, double b) { return matrix{{.5, .5}, {a, b}}; };
  check_refuses(independent_markets{}, with(-.5, 1.5), {"independent_markets: needs finite shares >= 0", "agent = 1"});
  for (double const bad : {not_a_number, infinity, -infinity})
    check_refuses(independent_markets{}, with(bad, .5), {"needs finite shares >= 0", "alternative = 0"});
  check_refuses(independent_markets{}, with(.5, .51), {"needs shares whose sum is 1", "agent = 1"});
  check_refuses(independent_markets{}, with(1e308, 1e308), {"needs shares whose sum is 1"});
  check_refuses(independent_markets{}, matrix(0, 2), {"needs at least one report"});
  check_refuses(independent_markets{}, matrix(2, 0), {"needs at least one alternative"});
  CHECK_NOTHROW(independent_markets{}(robagg::weighted(with(7, 7), std::vector{1., 0.})));  // absent
  // Floats whose sums are rounded, and one heavy agent beside a light one.
  robagg::table<float> const rounded = (matrix{{1 / 3., 1 / 3., 1 / 3.}, {.1, .2, .7}}).cast<float>();
  CHECK(std::abs(independent_markets{}(rounded).cast<double>().sum() - 1) <= 1e-6);
  matrix const y = independent_markets{}(robagg::weighted(matrix{{1, 0}, {0, 1}}, std::vector{1e-300, 1.})).transpose();
  CHECK(difference(y, matrix{{0, 1}}) <= 1e-15);
  robagg::workspace ws;
  Eigen::VectorXd out(2);
  independent_markets{}.into(good, out, ws);
  auto const held = ws.bytes();
  independent_markets{}.into(good, out, ws);
  CHECK(ws.bytes() == held);
}

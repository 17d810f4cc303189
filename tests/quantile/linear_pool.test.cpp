// SPDX-License-Identifier: BSL-1.0
// Linear pools of quantile forecasts: values by hand, the inverse of the mean distribution function, refusals.
#include "laws.hpp"

using namespace robagg_test;
using robagg::linear_pool, robagg::tails;

TEST_CASE("linear pools by hand") {
  std::vector<double> const levels{.25, .5, .75}, at{.1, .25, .5, .75, .9};
  auto const pool = [&](matrix const& q, std::vector<double> const& where, tails t = tails::clamp) {
    return matrix(linear_pool{levels, where, t}(q).transpose());
  };
  CHECK(difference(pool(matrix{{0, 1, 2}, {4, 5, 6}}, at), matrix{{0, 1, 2, 5, 6}}) <= 1e-12);
  CHECK(difference(pool(matrix{{0, 1, 2}, {1, 2, 3}}, {}), matrix{{1, 1.5, 2}}) <= 1e-12);
  CHECK(difference(pool(matrix{{0, 1, 2}}, at), matrix{{0, 0, 1, 2, 2}}) <= 1e-12);
  CHECK(difference(pool(matrix{{0, 1, 2}}, at, tails::linear), matrix{{-.6, 0, 1, 2, 2.6}}) <= 1e-12);
  double const z = robagg::detail::normal_quantile(.75), far = robagg::detail::normal_quantile(.9);
  CHECK(difference(pool(matrix{{-z, 0, z}}, at, tails::normal), matrix{{-far, -z, 0, z, far}}) <= 1e-9);
  CHECK(difference(pool(matrix{{3, 3, 3}}, at, tails::normal), matrix::Constant(1, 5, 3)) <= 1e-9);
  std::vector<double> const w{0, 1};
  matrix const two{{0, 1, 2}, {4, 5, 6}};
  CHECK(difference(numbers_of(linear_pool{levels}(robagg::weighted(two, w))), matrix{{4, 5, 6}}) <= 1e-12);
}

TEST_CASE("a linear pool inverts the mean of the distribution functions") {
  numbers random(9);
  std::vector<double> levels, at;
  for (int k = 1; k < 8; ++k) levels.push_back(k / 8.);
  for (int k = 1; k < 40; ++k) at.push_back(k / 40.);
  for (int round = 0; round < 200; ++round) {
    Index const p = 1 + random.below(5);
    matrix q(p, 7);
    for (Index j = 0; j < p; ++j) {
      for (Index k = 0; k < 7; ++k) q(j, k) = random.uniform() < .3 ? static_cast<double>(random.below(4)) : 3 * random.gauss();
    }
    q = robagg::rearrange{}(q);
    for (tails const t : {tails::clamp, tails::linear}) {
      auto const y = linear_pool{levels, at, t}(q);
      auto const probability = [&](double x) {  // up to x
        double sum = 0;
        for (Index j = 0; j < p; ++j) {
          double f = 0;
          double const first = q(j, 1) - q(j, 0), last = q(j, 6) - q(j, 5);
          if (x < q(j, 0)) {
            f = t == tails::linear && first > 0 ? std::max(0., .125 + (x - q(j, 0)) * .125 / first) : 0;
          } else if (x >= q(j, 6)) {
            f = t == tails::linear && last > 0 ? std::min(1., .875 + (x - q(j, 6)) * .125 / last) : 1;
          } else {
            Index k = 0;
            while (q(j, k + 1) <= x) ++k;
            f = levels[static_cast<std::size_t>(k)] + .125 * (x - q(j, k)) / (q(j, k + 1) - q(j, k));
          }
          sum += f / static_cast<double>(p);
        }
        return sum;
      };
      for (Index k = 0; k < y.size(); ++k) {
        double const wanted = at[static_cast<std::size_t>(k)];
        CHECK(probability(y[k] + 1e-9) >= wanted - 1e-6);
        CHECK(probability(y[k] - 1e-6) <= wanted + 1e-6);
        if (k > 0) CHECK(y[k] >= y[k - 1]);
      }
    }
  }
  auto const refused = [&](linear_pool const& op, matrix const& q, char const* rule) {
    check_call_refused(op, [&](auto const& o) { o(q); }, {"linear_pool: ", rule});
  };
  std::vector<double> const down{.5, .25}, two{.25, .75}, out{1.5};
  refused({two}, matrix{{2, 1}}, "needs quantiles that do not cross");
  refused({two}, matrix{{2, infinity}}, "needs finite quantiles");
  refused({two}, matrix{{1, 2, 3}}, "needs a level for each column");
  refused({down}, matrix{{1, 2}}, "needs ascending levels");
  refused({two, out}, matrix{{1, 2}}, "needs levels in (0, 1)");
  std::vector<double> const one{.5};
  CHECK(difference(numbers_of(linear_pool{one}(matrix{{3}})), matrix{{3}}) == 0);
  for (tails const t : {tails::linear, tails::normal})
    refused({one, {}, t}, matrix{{3}}, "needs two levels or more for its tails");
}

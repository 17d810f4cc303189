// SPDX-License-Identifier: BSL-1.0
#include "profiles.hpp"

using namespace robagg_test;
using robagg::footrule_distance, robagg::kendall, robagg::order, robagg::spearman_rho;

TEST_CASE("kendall counts pairs of every kind") {
  std::vector<double> const a = {1, 2, 3, 4}, b = {2, 1, 4, 3};
  CHECK(kendall(a, b).discordant == 2);
  CHECK(kendall(a, b).tau_b() == Approx(1. / 3));
  std::vector<double> const u = {1, 1, 2}, v = {1, 2, 2};
  CHECK(kendall(u, v).distance() == 1);
  CHECK(kendall(u, v).tau_b() == Approx(.5));
  CHECK(kendall(u, u).tau_x() == Approx(1));
  CHECK(std::isnan(kendall(std::vector<double>{3, 3}, std::vector<double>{1, 2}).tau_b()));
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    numbers random(seed);
    Index const n = random.below(40);
    std::vector<float> x;
    Eigen::VectorXd y(n);
    for (Index i = 0; i < n; ++i) {
      x.push_back(static_cast<float>(random.below(12))), y(i) = static_cast<double>(random.below(12));
      if (random.below(9) == 0) y(i) = not_a_number;
      if (random.below(9) == 0) x.back() = std::numeric_limits<float>::infinity();
    }
    robagg::kendall_pairs slow;
    for (Index i = 0; i < n; ++i) slow.items += y(i) == y(i);
    for (Index i = 0; i < n; ++i) {
      for (Index j = i + 1; j < n; ++j) {
        if (y(i) != y(i) || y(j) != y(j)) continue;
        float const p = x[static_cast<std::size_t>(i)], q = x[static_cast<std::size_t>(j)];
        int const s = (p > q) - (p < q), t = (y(i) > y(j)) - (y(i) < y(j));
        slow.concordant += s * t > 0, slow.discordant += s * t < 0, slow.tied_both += s == 0 && t == 0;
        slow.tied_first += s == 0 && t != 0, slow.tied_second += s != 0 && t == 0;
      }
    }
    auto const fast = kendall(x, y);
    CAPTURE(seed, n);
    CHECK((fast.items == slow.items && fast.concordant == slow.concordant && fast.discordant == slow.discordant));
    CHECK((fast.tied_first == slow.tied_first && fast.tied_second == slow.tied_second && fast.tied_both == slow.tied_both));
  }
}

TEST_CASE("footrule and rho are those of average ranks") {
  std::vector<double> const a = {4, 3, 2, 1}, b = {3, 4, 1, 2}, w = {1, 0, 2, 0};
  CHECK(footrule_distance(a, b) == 4);
  CHECK(footrule_distance(a, b, w) == 3);
  CHECK(footrule_distance(std::vector<double>{1, 1, 5}, std::vector<double>{1, 2, 3}) == 1);
  CHECK(spearman_rho(a, b) == Approx(1 - 6. * 4 / (4 * 15)));
  CHECK(spearman_rho(a, a, w) == Approx(1));
  CHECK(std::isnan(spearman_rho(std::vector<double>{1, 1}, std::vector<double>{1, 2})));
  CHECK_THROWS_WITH(kendall(a, std::vector<double>{1}),
                    "kendall: needs as many items in both, and weights (first = 4, second = 1, weights = 4)");
  CHECK_THROWS_WITH(footrule_distance(a, b, std::vector<double>{1, -1, 1, 1}),
                    "footrule_distance: needs finite weights >= 0 (item = 1, weight = -1)");
}

TEST_CASE("order ranks scores, and rules pipe into it") {
  std::vector<double> const x = {3, not_a_number, 5, 3};
  CHECK(order{}(x) == std::vector<double>{2.5, 4, 1, 2.5});
  CHECK(order{robagg::ties::minimum}(x) == std::vector<double>{2, 4, 1, 2});
  CHECK(order{robagg::ties::maximum}(x) == std::vector<double>{3, 4, 1, 3});
  CHECK(order{robagg::ties::dense}(x) == std::vector<double>{2, 3, 1, 2});
  CHECK(order{robagg::ties::ordinal}(x) == std::vector<double>{2, 4, 1, 3});
  CHECK(order{}(std::vector<float>{}).empty());
  STATIC_REQUIRE(robagg::decide<order>);
  CHECK((robagg::borda{} | order{})(matrix{{.9, .8, .7}, {10, 30, 20}}) == std::vector<double>{2, 1, 3});
  std::vector<int> places(4);
  robagg::workspace ws;
  order{robagg::ties::ordinal}.into(x, places, ws);
  CHECK(places == std::vector<int>{2, 4, 1, 3});
  std::vector<Eigen::half> const narrow = {Eigen::half(1.f), Eigen::half(2.f)};
  CHECK(order{}(narrow) == std::vector<double>{2, 1});
}

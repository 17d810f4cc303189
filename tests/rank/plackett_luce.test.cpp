// SPDX-License-Identifier: BSL-1.0
// Strengths from orders: other people's numbers, the likelihood's own gradient, partial and top orders, what is refused.
#include "catch.hpp"

#include <robagg/rank/bradley_terry.hpp>
#include <robagg/rank/plackett_luce.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

namespace plackett_luce_test {
namespace {

using namespace robagg;
using json = nlohmann::json;

double likelihood(rankings const& r, Eigen::VectorXd const& x) {
  double sum = 0;
  for (auto const& o : r.orders()) {
    for (Index i = 0; i < o.chosen; ++i) {
      double rest = 0;
      for (auto j = static_cast<std::size_t>(i); j < o.items.size(); ++j) rest += std::exp(x[o.items[j]]);
      sum += o.count * (x[o.items[static_cast<std::size_t>(i)]] - std::log(rest));
    }
  }
  return sum;
}
double steepest(rankings const& r, Eigen::VectorXd const& x) {
  double most = 0, h = 1e-5;
  for (Index i = 0; i < x.size(); ++i) {
    Eigen::VectorXd up = x, down = x;
    up[i] += h, down[i] -= h;
    most = std::max(most, std::abs(likelihood(r, up) - likelihood(r, down)) / (2 * h));
  }
  return most / r.total();
}

// Orders of k of d items, drawn from the model.
struct simulation {
  detail::generator random;
  Eigen::VectorXd logs;
  double uniform() { return (static_cast<double>(random() >> 11) + .5) * 0x1p-53; }
  simulation(std::uint64_t seed, Index d, double range) : random(seed), logs(d) {
    for (Index i = 0; i < d; ++i) logs[i] = range * uniform();
    logs.array() -= logs.mean();
  }
  std::vector<Index> order(Index k) {
    std::vector<std::pair<double, Index>> race;
    for (Index i = 0; i < logs.size(); ++i) race.emplace_back(-std::log(uniform()), i);
    std::shuffle(race.begin(), race.end(), engine{random});
    race.resize(static_cast<std::size_t>(k));
    for (auto& [time, i] : race) time *= std::exp(-logs[i]);
    std::sort(race.begin(), race.end());
    std::vector<Index> out;
    for (auto const& one : race) out.push_back(one.second);
    return out;
  }
  struct engine {
    using result_type = std::uint64_t;
    detail::generator& random;
    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return ~result_type{0}; }
    result_type operator()() { return random(); }
  };
};

TEST_CASE("plackett_luce gives the numbers of other people's code") {
  std::ifstream file(std::string(ROBAGG_GOLDEN_DIR) + "/ensembles_public.json");
  json const all = json::parse(file);
  int cases = 0;
  for (json const& one : all["cases"]) {
    if (one["op"] != "plackett_luce") continue;
    ++cases;
    auto const orders = one["inputs"]["orders"].get<std::vector<std::vector<int>>>();
    auto const wanted = one["output"]["log_strength_centered"].get<std::vector<double>>();
    rankings r(static_cast<Index>(wanted.size()));
    for (auto const& order : orders) r.add(order);
    auto const fit = plackett_luce{.alpha = one["params"]["alpha"].get<double>()}.fit(r);
    CHECK((fit && fit.connected()));
    for (std::size_t i = 0; i < wanted.size(); ++i)
      CHECK(fit.log_strengths[static_cast<Index>(i)] == Approx(wanted[i]).margin(1e-7).epsilon(1e-7));
  }
  CHECK(cases == 6);
  auto const r = rankings::of_orders(Eigen::MatrixXi{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {2, 0, 1}});
  auto const x = plackett_luce{}.fit(r).log_strengths;
  CHECK((x - Eigen::Vector3d(0.7829060037, -0.3914530019, -0.3914530019)).norm() < 2e-10);
}

TEST_CASE("plackett_luce of orders of two is bradley_terry") {
  rankings r(3);
  comparisons c(3);
  for (auto const& [a, b, count] : {std::tuple{0, 1, 3.}, {1, 0, 1.}, {1, 2, 2.5}, {2, 1, 1.}, {2, 0, 2.}})
    r.add(std::vector{a, b}, count), c.add(a, b, count);
  for (double const alpha : {0., .4}) {
    CHECK((plackett_luce{.alpha = alpha}.fit(r).log_strengths - bradley_terry{.alpha = alpha}.fit(c).log_strengths).norm() <
          1e-13);
    CHECK((plackett_luce{.alpha = alpha}.covariance(r).covariance - bradley_terry{.alpha = alpha}.covariance(c).covariance)
              .norm() < 1e-12);
  }
  CHECK((plackett_luce{.ridge = .2}.fit(r).log_strengths - bradley_terry{.ridge = .2}.fit(c).log_strengths).norm() < 1e-13);
}

TEST_CASE("plackett_luce stands at the likelihood's maximum, of partial and of top orders, whatever items are called") {
  simulation s(4, 7, 3);
  rankings r(7), renamed(7);
  std::vector<Index> const to{2, 6, 0, 5, 1, 3, 4};
  for (int k = 0; k < 120; ++k) {
    auto const order = s.order(k % 3 == 0 ? 7 : 2 + k % 5);
    auto other = order;
    for (auto& item : other) item = to[static_cast<std::size_t>(item)];
    if (k % 3 == 0) {
      std::vector<Index> const top(order.begin(), order.begin() + 2), other_top(other.begin(), other.begin() + 2);
      r.add_top(top, 2), renamed.add_top(other_top, 2);
    } else {
      r.add(order), renamed.add(other);
    }
  }
  auto const fit = plackett_luce{}.fit(r);
  CHECK((fit && fit.connected() && fit.gradient_norm < 1e-15));
  CHECK(steepest(r, fit.log_strengths) < 1e-9);
  CHECK(std::abs(fit.log_strengths.mean()) < 1e-15);
  auto const after = plackett_luce{}.fit(renamed).log_strengths;
  for (Index i = 0; i < 7; ++i) CHECK(std::abs(fit.log_strengths[i] - after[to[static_cast<std::size_t>(i)]]) < 1e-12);
  auto const errors = plackett_luce{}.covariance(r);
  CHECK(((fit.log_strengths - s.logs).array().abs() < 4 * errors.standard_errors.array()).all());
  Eigen::MatrixXd const drawn = plackett_luce{}.bootstrap(r, 80, 7);
  REQUIRE(drawn.allFinite());
  CHECK(drawn == plackett_luce{}.bootstrap(r, 80, 7));
  CHECK(drawn != plackett_luce{}.bootstrap(r, 80, 8));
  double ratio = 0;
  for (Index i = 0; i < 7; ++i) {
    double const spread = std::sqrt((drawn.col(i).array() - drawn.col(i).mean()).square().sum() / 79);
    ratio += spread / errors.standard_errors[i] / 7;
  }
  CHECK(ratio == Approx(1).epsilon(.25));
}

TEST_CASE("plackett_luce finds strengths that lie far apart, and says where numbers end") {
  rankings chain(6), further(24);
  for (Index i = 0; i < 5; ++i) chain.add({i, i + 1}, 1e9), chain.add({i + 1, i});
  for (Index i = 0; i < 23; ++i) further.add({i, i + 1}, 1e13), further.add({i + 1, i});
  auto const fit = plackett_luce{}.fit(chain);
  CHECK((fit && fit.log_strengths[0] - fit.log_strengths[5] == Approx(5 * std::log(1e9)).epsilon(1e-13)));
  CHECK(plackett_luce{}.fit(further).status == strengths_status::not_converged);
}

TEST_CASE("plackett_luce says where finite strengths exist") {
  // 0 always first, 4 always last; 5 and 6 an island, 7 nowhere.
  rankings r(8);
  r.add({0, 1, 2, 3, 4}, 2), r.add({0, 2, 3, 1}), r.add({3, 1, 4}), r.add({0, 1, 3, 2}), r.add({5, 6}, 3), r.add({6, 5});
  auto const fit = plackett_luce{}.fit(r);
  CHECK((fit && fit.components == 5 && !fit.one_scale));
  CHECK(fit.component == std::vector<Index>{0, 1, 1, 1, 2, 3, 3, 4});
  CHECK(fit.above == std::vector<std::pair<Index, Index>>{{0, 1}, {1, 2}});
  CHECK((fit.probability(0, 4) == 1 && fit.compare(1, 5) == std::partial_ordering::unordered));
  CHECK(fit.log_strengths[5] == Approx(std::log(3.) / 2).epsilon(1e-14));
  rankings inner(3);
  inner.add({0, 1, 2}, 2), inner.add({1, 2, 0}), inner.add({2, 0}), inner.add({0, 2, 1});
  CHECK((plackett_luce{}.fit(inner).log_strengths - fit.log_strengths.segment(1, 3)).norm() < 1e-14);
  // It is the limit of what a smaller and smaller ridge finds.
  auto const near = plackett_luce{.ridge = 1e-7}.fit(r);
  CHECK((near && near.one_scale && near.log_strengths[0] - near.log_strengths[1] > 8));
  Eigen::Vector3d const middle = near.log_strengths.segment(1, 3).array() - near.log_strengths.segment(1, 3).mean();
  CHECK((middle - fit.log_strengths.segment(1, 3)).norm() < 1e-4);
  CHECK(plackett_luce{.alpha = .1}.fit(r).log_strengths.allFinite());
  // The top of one order: what is left has no order.
  rankings top(4);
  top.add_top({2, 0});
  CHECK(plackett_luce{}.fit(top).component == std::vector<Index>{1, 2, 0, 3});
  CHECK(plackett_luce{}.fit(top).compare(1, 3) == std::partial_ordering::unordered);
  CHECK(plackett_luce{}.fit(rankings(1)).connected());
}

TEST_CASE("rankings refuse what is no order") {
  rankings r(3);
  r.add({0, 1});
  CHECK_THROWS_WITH(r.add({0, 3}), "rankings: needs items in 0..items-1 (item = 3, place = 1, items = 3)");
  CHECK_THROWS_WITH(r.add({1, 0, 1}), "rankings: needs each item once in an order (item = 1, place = 2)");
  CHECK_THROWS_WITH(r.add({1, -1}), Catch::Contains("(item = -1"));
  for (double const count : {std::nan(""), -1., std::numeric_limits<double>::infinity()})
    CHECK_THROWS_WITH(r.add({0, 1}, count), Catch::Contains("needs finite counts >= 0"));
  CHECK_THROWS_WITH(r.add({0, 1}, 1e300), Catch::Contains("needs counts of a sum of at most 2^53"));
  CHECK((r.total() == 1 && r.orders().size() == 1));
  r.add({0}), r.add(std::vector<int>{}), r.add({1, 0}, 0), r.add({1, 0, 2});
  CHECK((r.total() == 2 && r.orders().size() == 2));
  CHECK_THROWS_AS(rankings(0), bad_input);
  CHECK_THROWS_WITH(plackett_luce{.alpha = -1}.fit(r), "plackett_luce: needs a finite alpha >= 0 (alpha = -1)");
  CHECK_THROWS_AS(plackett_luce{.ridge = -1}.fit(r), bad_input);
  CHECK_THROWS_AS(plackett_luce{}.bootstrap(r, 0, 1), bad_input);
}

}  // namespace
}  // namespace plackett_luce_test

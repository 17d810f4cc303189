// SPDX-License-Identifier: BSL-1.0
// Kemeny's rule over a matrix of costs, against every order of up to eight items; more items against bounds.
#include "../catch.hpp"

#include <robagg/rank/detail/kemeny.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

namespace kemeny_engine_test {
namespace {

namespace detail = robagg::detail;
using Eigen::Index;
using robagg::workspace;

struct numbers {
  detail::generator random;
  int below(int n) { return static_cast<int>(random.below(static_cast<std::uint64_t>(n))); }
};

// Costs as whole numbers of some unit, and as the engine gets them.
struct costs {
  explicit costs(int items) : d(items), whole(size()), real(size()) {}
  std::size_t size() const { return static_cast<std::size_t>(d) * static_cast<std::size_t>(d); }
  std::size_t at(int a, int b) const { return static_cast<std::size_t>(a * d + b); }
  int d;
  double unit = 1;
  std::vector<int> whole;
  std::vector<double> real;
};

struct answer {
  detail::kemeny_result result;
  std::vector<Index> order;
};

answer solve(costs const& c, Index largest, bool count, workspace& ws) {
  answer to{{}, std::vector<Index>(static_cast<std::size_t>(c.d))};
  to.result = detail::kemeny(c.real.data(), c.d, largest, count, to.order.data(), ws);
  auto sorted = to.order;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i) REQUIRE(sorted[i] == static_cast<Index>(i));
  CHECK(to.result.lower_bound <= to.result.cost);
  CHECK(to.result.optimal == (to.result.lower_bound == to.result.cost));
  return to;
}

double cost_of(costs const& c, std::vector<Index> const& order) {
  double sum = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = i + 1; j < order.size(); ++j) {
      sum += c.real[c.at(static_cast<int>(order[i]), static_cast<int>(order[j]))];
    }
  }
  return sum;
}

// Every order, in lexicographic order.
class every_order {
 public:
  explicit every_order(costs const& c) : d_(c.d), cost_(c.whole.data()) { extend(0, 0, 0); }
  int least = 1 << 30, optima = 0;
  std::array<int, 8> first{};

 private:
  void extend(int placed, unsigned used, int spent) {
    if (placed == d_) {
      if (spent < least) least = spent, optima = 0, first = order_;
      optima += spent == least;
      return;
    }
    for (int a = 0; a < d_; ++a) {
      if ((used >> a & 1) != 0) continue;
      int more = spent;
      for (int b = 0; b < d_; ++b) more += (used >> b & 1) != 0 || b == a ? 0 : cost_[a * d_ + b];
      order_[static_cast<std::size_t>(placed)] = a;
      extend(placed + 1, used | 1u << a, more);
    }
  }
  int d_;
  int const* cost_;
  std::array<int, 8> order_{};
};

enum class kind { whole, halves, large, irrational, tenths };
constexpr std::array kinds = {kind::whole, kind::halves, kind::large, kind::irrational, kind::tenths};
constexpr std::array units = {1., .5, 1048577., 1.4142135623730951, .1};  // sums of the third are too large for float

// n tenths as voters give them: weights of .1, .2 and .3 in any order.
double in_tenths(int n, numbers& random) {
  double sum = 0;
  while (n > 0) {
    int const weight = std::min(n, 1 + random.below(3));
    sum += weight == 1 ? .1 : weight == 2 ? .2 : .3;
    n -= weight;
  }
  return sum;
}

// Costs up to `range`: the smaller, the more ties. With groups, items of an earlier one beat those of later ones.
costs random_costs(int d, int range, int groups, kind how, numbers& random) {
  costs c(d);
  std::vector<int> group(static_cast<std::size_t>(d));
  for (int& g : group) g = random.below(groups);
  for (int a = 0; a < d; ++a) {
    for (int b = 0; b < d; ++b) {
      bool const loses = group[static_cast<std::size_t>(a)] > group[static_cast<std::size_t>(b)];
      c.whole[c.at(a, b)] = random.below(range + 1) + (loses ? range + 1 : 0);
    }
  }
  c.unit = units[static_cast<std::size_t>(how)];
  for (std::size_t i = 0; i < c.size(); ++i)
    c.real[i] = how == kind::tenths ? in_tenths(c.whole[i], random) : c.unit * c.whole[i];
  return c;
}

void check_against_every_order(costs const& c, workspace& ws) {
  every_order const truth(c);
  auto const [found, order] = solve(c, 24, true, ws);
  bool const same_order = std::equal(order.begin(), order.end(), truth.first.begin());
  bool const same_cost = std::abs(found.cost - c.unit * truth.least) <= 1e-12 * found.cost;
  bool const right = same_order && same_cost && found.optimal && found.optima == truth.optima;
  CHECKED_ELSE(right) {
    FAIL("cost " << found.cost << " for " << c.unit * truth.least << ", optima " << found.optima << " for " << truth.optima
                 << ", the first order: " << same_order);
  }
  auto const searched = solve(c, 0, true, ws);
  bool const between =
      searched.result.lower_bound <= found.cost * (1 + 1e-12) && searched.result.cost >= found.cost * (1 - 1e-12);
  CHECK(between);
}

// A pair whose costs sum to 100, b above a costing `extra` more.
void set_pair(costs& c, int a, int b, int extra) { c.real[c.at(a, b)] = 50 - .5 * extra, c.real[c.at(b, a)] = 50 + .5 * extra; }

costs random_pairs(int d, std::uint64_t seed) {
  numbers random{detail::generator(seed)};
  costs c(d);
  for (int a = 0; a < d; ++a) {
    for (int b = 0; b < a; ++b) set_pair(c, a, b, random.below(41) - 20);
  }
  return c;
}

}  // namespace

TEST_CASE("kemeny's engine finds what trying every order finds: the first of the best orders, and how many there are") {
  workspace ws;
  numbers random{detail::generator(1)};
  constexpr std::array cases = {1, 2, 10, 20, 25, 12, 3, 1};  // for 1, 2, ... 8 items, of every kind below
  for (int d = 1; d <= 8; ++d) {
    for (kind const how : kinds) {
      for (int const range : {1, 3, 30}) {
        for (int const groups : {1, 3}) {
          INFO(d << " items, kind " << static_cast<int>(how) << ", costs up to " << range << ", groups " << groups);
          if (d == 8 && (range == 30) != (groups == 3)) continue;
          for (int i = 0; i < cases[static_cast<std::size_t>(d - 1)]; ++i)
            check_against_every_order(random_costs(d, range, groups, how, random), ws);
        }
      }
    }
  }
}

TEST_CASE("kemeny's engine: a cycle of three, no items, one item, all level") {
  workspace ws;
  // Ranks (1,2,3), (2,3,1), (3,1,2), (1,2,3) with weights 2, 2, 2, 1: margins of 3, 3 and 1 in a cycle.
  std::vector<double> const cycle = {0, 2, 4, 5, 0, 2, 3, 5, 0};
  std::vector<Index> order(3);
  auto const found = detail::kemeny(cycle.data(), 3, 24, true, order.data(), ws);
  CHECK(found.cost == 8);
  CHECK(found.optima == 1);
  CHECK(order == std::vector<Index>{0, 1, 2});
  CHECK(detail::kemeny(cycle.data(), 3, 24, false, order.data(), ws).optima == 0);
  CHECK(detail::kemeny(cycle.data(), 0, 24, true, order.data(), ws).optima == 1);
  CHECK(detail::kemeny(cycle.data(), 1, 24, true, order.data(), ws).cost == 0);
  // The bound by cycles meets the cost here, without a table.
  CHECK(detail::kemeny(cycle.data(), 3, 2, true, order.data(), ws).optimal);

  costs level(12);
  std::fill(level.real.begin(), level.real.end(), 7.);
  auto const all = solve(level, 24, true, ws);
  CHECK(all.result.cost == 7 * 66);
  CHECK(all.result.optima == 479001600);
  CHECK(std::is_sorted(all.order.begin(), all.order.end()));
}

TEST_CASE("kemeny's engine: the search comes close to what the table proves, and its bound holds") {
  workspace ws;
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    costs const c = random_pairs(seed == 0 ? 18 : 15, seed);
    auto const exact = solve(c, 24, false, ws), searched = solve(c, 8, true, ws);
    CHECK(exact.result.optimal);
    CHECK(exact.result.cost == cost_of(c, exact.order));
    CHECK(searched.result.cost == cost_of(c, searched.order));
    CHECK(searched.result.lower_bound <= exact.result.cost);
    CHECK(searched.result.lower_bound >= .9 * exact.result.cost);
    CHECK(searched.result.cost >= exact.result.cost);
    CHECK(searched.result.cost <= 1.005 * exact.result.cost);
    CHECK_FALSE(searched.result.optimal);  // the bound cannot tell
    CHECK(searched.result.optima == 0);
    CHECK(solve(c, 8, false, ws).order == searched.order);
  }
}

TEST_CASE("kemeny's engine: of many items, an order that goes against no majority is found and proved") {
  workspace ws;
  constexpr int d = 200;
  numbers random{detail::generator(3)};
  std::array<int, d> truth{};
  std::iota(truth.begin(), truth.end(), 0);
  detail::shuffle(truth.data(), d, random.random);
  costs c(d);
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = i + 1; j < d; ++j) set_pair(c, truth[i], truth[j], 1 + random.below(9));
  }
  std::vector<Index> const expected(truth.begin(), truth.end());
  auto const strict = solve(c, 24, true, ws);
  CHECK(strict.result.optimal);
  CHECK(strict.result.optima == 1);
  CHECK(strict.order == expected);
  // Neighbours level: all are one block, too large for a table.
  for (std::size_t i = 0; i + 1 < truth.size(); ++i) set_pair(c, truth[i], truth[i + 1], 0);
  auto const chained = solve(c, 24, true, ws);
  CHECK(chained.result.optimal);
  CHECK(chained.result.cost == cost_of(c, expected));
  CHECK(chained.result.optima == 0);
}

TEST_CASE("kemeny's engine takes no more memory than it says") {
  for (int const d : {1, 2, 4, 5, 9, 14, 40}) {
    for (Index const largest : {0, 6, 14}) {
      for (bool const count : {false, true}) {
        INFO(d << " items, tables for " << largest << ", count " << count);
        workspace whole, real;
        costs c = random_pairs(d, 5);
        auto const exact = solve(c, largest, count, whole);
        for (double& x : c.real) x *= std::sqrt(3.);
        auto const scaled = solve(c, largest, count, real);
        CHECK(scaled.order == exact.order);
        CHECK(scaled.result.optima == exact.result.optima);
        CHECK(whole.peak() <= real.peak());
        CHECK(real.peak() <= detail::kemeny_scratch(d, largest, count));
      }
    }
  }
}

}  // namespace kemeny_engine_test

// SPDX-License-Identifier: BSL-1.0
// What the tests of repairs of crossing quantiles share: rows that cross, ways to store them, and outcomes.
#pragma once

#include "../laws.hpp"

#include <algorithm>

namespace robagg_test {

// Tables of every width: rows that ascend, fall at the end, fall at the beginning, are -0 and NaN, or anything.
template <class Visit>
void for_each_crossing_table(Visit&& visit) {
  numbers random(9);
  for (Index d = 1; d <= 70; ++d) {
    robagg::table<float> x(5, d);
    for (Index k = 0; k < d; ++k) {
      x(0, k) = static_cast<float>(k);
      x(1, k) = k == d - 1 ? -1.f : static_cast<float>(k);
      x(2, k) = k == 0 ? 99.f : static_cast<float>(k);
      x(3, k) = k == d / 2 ? std::numeric_limits<float>::quiet_NaN() : -0.f;
      x(4, k) = static_cast<float>(random.gauss());
    }
    CAPTURE(d);
    visit(x);
  }
}
// The same bits from rows, columns and values that are apart.
template <class Op>
void check_repair_of_storages(Op const& op, robagg::table<float> const& x, robagg::table<float> const& expected) {
  Index const d = x.cols();
  robagg::table<float> const y = op(x);
  REQUIRE(same_bits(y.cast<double>(), expected.cast<double>()));
  Eigen::MatrixXf const columns = x;
  CHECK(same_bits(matrix(op(columns).template cast<double>()), matrix(y.template cast<double>())));
  robagg::table<float> wide(5, 2 * d);
  for (Index k = 0; k < d; ++k) wide.col(2 * k) = x.col(k), wide.col(2 * k + 1).setConstant(-7);
  Eigen::Map<robagg::table<float> const, 0, Eigen::Stride<Eigen::Dynamic, 2>> const apart(wide.data(), 5, d, {2 * d, 2});
  CHECK(same_bits(matrix(op(apart).template cast<double>()), matrix(y.template cast<double>())));
}

// Tables of 1 to 70 rows of every width up to 140, and some more: rows that ascend, cross, hold ties, -0, NaN, infinities and
// values of every size. visit(table, values that are there of each row, where they are).
template <class S, class Visit>
void for_each_mixed_table(Visit&& visit) {
  numbers random(11);
  for (Index d = 1; d <= 1100; d += d < 140 ? 1 : 160) {
    Index const n = d < 140 ? 1 + d % 70 : 37;
    robagg::table<S> x(n, d);
    for (Index i = 0; i < n; ++i) {
      Index const kind = random.below(4);
      for (Index k = 0; k < d; ++k) {
        double const v = random.gauss();
        x(i, k) = static_cast<S>(kind == 0   ? static_cast<double>(k)
                                 : kind == 1 ? std::round(v)
                                 : kind == 2 ? v
                                             : v * std::exp(3 * v));
        if (random.below(9) == 0) x(i, k) = -S(0);
      }
      if (i % 5 == 1) x(i, random.below(d)) = std::numeric_limits<S>::quiet_NaN();
      if (i % 7 == 1) x(i, random.below(d)) = std::numeric_limits<S>::infinity();
    }
    CAPTURE(n, d);
    visit(x);
  }
}
// What changes the values of a row that are not NaN, row by row.
template <class S, class Change>
robagg::table<S> changed_rows(robagg::table<S> const& x, Change&& change) {
  robagg::table<S> y = x;
  for (Index i = 0; i < x.rows(); ++i) {
    std::vector<double> there;
    for (S const v : x.row(i)) {
      if (v == v) there.push_back(static_cast<double>(v) + 0.);
    }
    change(there);
    for (Index k = 0, at = 0; k < x.cols(); ++k) {
      if (x(i, k) == x(i, k)) y(i, k) = static_cast<S>(there[static_cast<std::size_t>(at++)]);
    }
  }
  return y;
}

// By how much a repair makes the score of a forecast worse, at most.
template <class Op>
double largest_harm(Op const& repair) {
  numbers random(4);
  std::vector<double> const levels{.1, .25, .5, .75, .9};
  double worst = 0;
  for (int round = 0; round < (instrumented ? 2000 : 20000); ++round) {
    matrix q(1, 5);
    for (Index k = 0; k < 5; ++k) q(0, k) = random.uniform() < .3 ? static_cast<double>(random.below(3)) : 2 * random.gauss();
    std::vector<double> const y{2 * random.gauss()};
    robagg::weighted_interval_score const score{levels};
    worst = std::max(worst, score(repair(q), y)[0] - score(q, y)[0]);
  }
  return worst;
}

}  // namespace robagg_test

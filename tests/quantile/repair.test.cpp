// SPDX-License-Identifier: BSL-1.0
// Repair of crossing quantiles: values by hand, and that no outcome makes the repaired forecast worse.
#include "laws.hpp"

using namespace robagg_test;
using robagg::isotonic, robagg::rearrange;

TEST_CASE("repairs by hand") {
  matrix const q{{3, 1, 2, 5}, {1, 2, 3, 4}};
  CHECK(same_bits(rearrange{}(q), matrix{{1, 2, 3, 5}, {1, 2, 3, 4}}));
  CHECK(same_bits(isotonic{}(q), matrix{{2, 2, 2, 5}, {1, 2, 3, 4}}));
  std::vector<double> const w{1, 1, 2};
  CHECK(difference(isotonic{w}(matrix{{3, 1, 2}}), matrix{{2, 2, 2}}) <= 1e-15);
  matrix const gaps{{3, not_a_number, 1, 2}};
  CHECK(same_bits(rearrange{}(gaps), matrix{{1, not_a_number, 2, 3}}));
  CHECK(same_bits(isotonic{}(gaps), matrix{{2, not_a_number, 2, 2}}));
  CHECK(difference(rearrange{.5}(matrix{{0, 0, 0}}), matrix{{-.5, 0, .5}}) <= 1.1);
  for (matrix const& y : {matrix(rearrange{.5}(q)), matrix(isotonic{{}, .5}(q))}) {
    for (Index k = 1; k < 4; ++k) CHECK((y.col(k) - y.col(k - 1)).minCoeff() >= .5 - 1e-12);
  }
  matrix const hostile{{infinity, -infinity, 0, 1e308}};
  CHECK(same_bits(rearrange{}(hostile), matrix{{-infinity, 0, 1e308, infinity}}));
}

TEST_CASE("a repaired forecast is never worse, whatever the outcome") {
  numbers random(4);
  std::vector<double> levels{.1, .25, .5, .75, .9};
  double worst = 0;
  for (int round = 0; round < (instrumented ? 2000 : 20000); ++round) {
    matrix q(1, 5);
    for (Index k = 0; k < 5; ++k) q(0, k) = random.uniform() < .3 ? static_cast<double>(random.below(3)) : 2 * random.gauss();
    std::vector<double> const y{2 * random.gauss()};
    robagg::weighted_interval_score const score{levels};
    double const before = score(q, y)[0];
    worst = std::max({worst, score(rearrange{}(q), y)[0] - before, score(isotonic{}(q), y)[0] - before});
  }
  CHECK(worst <= 1e-12);
}

TEST_CASE("rows of every width, in every storage") {
  numbers random(9);
  for (Index d = 1; d <= 70; ++d) {
    robagg::table<float> x(5, d);
    for (Index k = 0; k < d; ++k) {
      x(0, k) = static_cast<float>(k);                                             // ascends
      x(1, k) = k == d - 1 ? -1.f : static_cast<float>(k);                         // falls at the end
      x(2, k) = k == 0 ? 99.f : static_cast<float>(k);                             // at the beginning
      x(3, k) = k == d / 2 ? std::numeric_limits<float>::quiet_NaN() : -0.f;
      x(4, k) = static_cast<float>(random.gauss());
    }
    auto const check = [&](auto const& op, auto const& sorted) {
      CAPTURE(d);
      robagg::table<float> const y = op(x);
      REQUIRE(same_bits(y.cast<double>(), sorted.template cast<double>()));
      Eigen::MatrixXf const columns = x;
      CHECK(same_bits(matrix(op(columns).template cast<double>()), matrix(y.template cast<double>())));
      robagg::table<float> wide(5, 2 * d);
      for (Index k = 0; k < d; ++k) wide.col(2 * k) = x.col(k), wide.col(2 * k + 1).setConstant(-7);
      Eigen::Map<robagg::table<float> const, 0, Eigen::Stride<Eigen::Dynamic, 2>> const apart(wide.data(), 5, d, {2 * d, 2});
      CHECK(same_bits(matrix(op(apart).template cast<double>()), matrix(y.template cast<double>())));
    };
    robagg::table<float> sorted = x;
    for (Index i : {1, 2, 4}) std::sort(sorted.row(i).begin(), sorted.row(i).end());
    sorted.row(3).array() += 0.f;
    check(rearrange{}, sorted);
    robagg::table<float> pooled = isotonic{}(x);
    for (Index i = 0; i < 5; ++i) {
      if (i == 3) continue;
      // The projection: ascends, same mean, and at right angles to what was taken off.
      auto const y = pooled.row(i).cast<double>().eval(), z = x.row(i).cast<double>().eval();
      for (Index k = 1; k < d; ++k) REQUIRE(y[k] >= y[k - 1]);
      CHECK(std::abs(y.sum() - z.sum()) <= 1e-4 * (1 + z.cwiseAbs().sum()));
      CHECK(std::abs((z - y).dot(y)) <= 1e-4 * (1 + z.squaredNorm()));
    }
    check(isotonic{}, pooled);
  }
}

TEST_CASE("repairs obey their laws") {
  for (auto const& s : {subject_of(rearrange{}), subject_of(isotonic{})}) {
    check_laws(s, {permutation_invariant, scale_equivariant, same_bits_in_any_order_of_storage, workspace_settles, no_columns, needs_a_report, subset_is_those_rows});
  }
  check_refuses(rearrange{-1}, gauss(2, 3), {"rearrange: needs a finite min_gap >= 0"});
  check_refuses(isotonic{{}, infinity}, gauss(2, 3), {"isotonic: needs a finite min_gap >= 0"});
  std::vector<double> const two{1, 1}, zero{1, 0, 1};
  check_refuses(isotonic{two}, gauss(2, 3), {"isotonic: needs a weight for each column"});
  check_refuses(isotonic{zero}, gauss(2, 3), {"isotonic: needs finite weights > 0"});
}

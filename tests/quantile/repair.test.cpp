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

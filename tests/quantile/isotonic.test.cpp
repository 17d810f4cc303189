// SPDX-License-Identifier: BSL-1.0
// Repair by isotonic regression: values by hand, projections, and that no outcome makes the repaired forecast worse.
#include "repair.hpp"

using namespace robagg_test;
using robagg::isotonic;

TEST_CASE("isotonic regression by hand") {
  matrix const q{{3, 1, 2, 5}, {1, 2, 3, 4}};
  CHECK(same_bits(isotonic{}(q), matrix{{2, 2, 2, 5}, {1, 2, 3, 4}}));
  std::vector<double> const w{1, 1, 2};
  CHECK(difference(isotonic{w}(matrix{{3, 1, 2}}), matrix{{2, 2, 2}}) <= 1e-15);
  matrix const gaps{{3, not_a_number, 1, 2}};
  CHECK(same_bits(isotonic{}(gaps), matrix{{2, not_a_number, 2, 2}}));
  matrix const y = isotonic{{}, .5}(q);
  for (Index k = 1; k < 4; ++k) CHECK((y.col(k) - y.col(k - 1)).minCoeff() >= .5 - 1e-12);
}

TEST_CASE("an isotonic forecast is never worse, whatever the outcome") { CHECK(largest_harm(isotonic{}) <= 1e-12); }

TEST_CASE("isotonic rows of every width, in every storage") {
  for_each_crossing_table([](robagg::table<float> const& x) {
    robagg::table<float> const pooled = isotonic{}(x);
    for (Index i = 0; i < 5; ++i) {
      if (i == 3) continue;
      // The projection: ascends, same mean, and at right angles to what was taken off.
      auto const y = pooled.row(i).cast<double>().eval(), z = x.row(i).cast<double>().eval();
      for (Index k = 1; k < x.cols(); ++k) REQUIRE(y[k] >= y[k - 1]);
      CHECK(std::abs(y.sum() - z.sum()) <= 1e-4 * (1 + z.cwiseAbs().sum()));
      CHECK(std::abs((z - y).dot(y)) <= 1e-4 * (1 + z.squaredNorm()));
    }
    check_repair_of_storages(isotonic{}, x, pooled);
  });
}

TEST_CASE("isotonic regression obeys its laws") {
  check_laws(subject_of(isotonic{}), {permutation_invariant, scale_equivariant, same_bits_in_any_order_of_storage,
                                      workspace_settles, no_columns, needs_a_report, subset_is_those_rows});
  check_refuses(isotonic{{}, infinity}, gauss(2, 3), {"isotonic: needs a finite min_gap >= 0"});
  std::vector<double> const two{1, 1}, zero{1, 0, 1};
  check_refuses(isotonic{two}, gauss(2, 3), {"isotonic: needs a weight for each column"});
  check_refuses(isotonic{zero}, gauss(2, 3), {"isotonic: needs finite weights > 0"});
}

// SPDX-License-Identifier: BSL-1.0
#include "profiles.hpp"

using namespace robagg_test;
using robagg::borda;

TEST_CASE("ranks without each voter say who decides") {
  // The last task alone makes 1 the winner.
  matrix const x{{3, 2, 1}, {2, 3, 1}, {1, 3, 2}};
  auto const ranks = robagg::ranks_without_each(borda{}, x);
  CHECK(ranks.row(2) == Eigen::RowVector3d(1.5, 1.5, 3));
  CHECK(ranks.row(0) == Eigen::RowVector3d(2.5, 1, 2.5));
  std::vector<double> const w = {0, 0, 1};
  auto const alone = robagg::ranks_without_each(borda{}, robagg::weighted(x, w));
  CHECK(alone.row(2).array().isNaN().all());
  CHECK_THROWS_WITH(robagg::ranks_without_each(borda{}, x.topRows(1)), "borda: needs two reports to drop one (n = 1)");
}

TEST_CASE("ranks without each voter: parameters that name a row name the same one") {
  matrix const x = gauss(6, 5, 4);
  robagg::nearest_to const op{.row = 3, .f = 1};
  auto const ranks = robagg::ranks_without_each(op, x);
  for (Index i = 0; i < 6; ++i) {
    CAPTURE(i);
    if (i == 3) {  // there is nobody to trust without that row
      CHECK(ranks.row(i).array().isNaN().all());
      continue;
    }
    std::vector<Index> others;
    for (Index k = 0; k < 6; ++k) {
      if (k != i) others.push_back(k);
    }
    auto const rest = robagg::nearest_to{.row = i < 3 ? 2 : 3, .f = 1}(pick(x, others));
    auto const expected = robagg::order{}(rest);
    for (Index j = 0; j < 5; ++j) CHECK(ranks(i, j) == expected[static_cast<std::size_t>(j)]);
  }
  // Pipes, too; and what too few rows are is refused.
  CHECK(robagg::ranks_without_each(robagg::clip{.radius = 9} | op, x).row(3).array().isNaN().all());
  CHECK_THROWS_WITH(robagg::ranks_without_each(robagg::trimmed_mean{.f = 1}, x.topRows(3)),
                    "trimmed_mean: needs n > 2f (n = 2, f = 1)");
}

// SPDX-License-Identifier: BSL-1.0
#include "profiles.hpp"

using namespace robagg_test;
using robagg::borda, robagg::rank_intervals;

namespace {

// Systems of quality 0, 1, 2, ...: tasks see them with noise.
matrix noisy_systems(Index tasks, Index systems, double noise, std::uint64_t seed) {
  numbers random(seed);
  matrix x(tasks, systems);
  for (Index i = 0; i < tasks; ++i) {
    for (Index j = 0; j < systems; ++j) x(i, j) = static_cast<double>(j) + noise * random.gauss();
  }
  return x;
}

// Points of borda are sums of row_points; this one has no such way, and goes through weights.
struct plain_borda {
  void into(robagg::any_reports auto const& r, auto&& out, robagg::workspace& ws) const { borda{}.into(r, out, ws); }
};

}  // namespace

TEST_CASE("rank intervals: sure where all voters agree, and not where they are few") {
  auto const sure = rank_intervals{}(borda{}, noisy_systems(20, 4, .01, 1));
  CHECK(sure.rank == Eigen::Vector4d(4, 3, 2, 1));
  CHECK((sure.low == sure.rank && sure.high == sure.rank));
  CHECK(sure.first == Eigen::Vector4d(0, 0, 0, 1));
  CHECK(sure.group == std::vector<Index>{3, 2, 1, 0});

  auto const unsure = rank_intervals{}(borda{}, noisy_systems(20, 4, 5, 1));
  CHECK((unsure.high - unsure.low).minCoeff() >= 1);
  CHECK(unsure.first.sum() == Approx(1));
  CHECK((unsure.first.array() > 0).count() > 1);

  auto const level = rank_intervals{.resamples = 7}(borda{}, matrix::Ones(3, 4));
  CHECK(level.rank == Eigen::Vector4d::Constant(2.5));
  CHECK(level.first == Eigen::Vector4d::Constant(.25));
  CHECK(level.group == std::vector<Index>(4, 0));
}

TEST_CASE("rank intervals are the same for a seed, and for operators with and without a short way") {
  matrix const x = noisy_systems(9, 5, 3, 2);
  auto const once = rank_intervals{.resamples = 200, .seed = 3}(borda{}, x),
             again = rank_intervals{.resamples = 200, .seed = 3}(borda{}, x);
  CHECK((once.low == again.low && once.high == again.high && once.first == again.first && once.group == again.group));
  auto const slowly = rank_intervals{.resamples = 200, .seed = 3}(plain_borda{}, x);
  CHECK((once.low == slowly.low && once.high == slowly.high && once.first == slowly.first));
  // Ranks that have no weighted form go through the rows themselves.
  auto const by_rows = rank_intervals{.resamples = 50}(robagg::ranks{} | robagg::krum{2}, x);
  CHECK(by_rows.first.sum() == Approx(1));
  // A missing entry is ignored where the rule says so.
  matrix holes = x;
  holes(0, 1) = holes(3, 1) = holes(4, 4) = not_a_number;
  auto const ignored = rank_intervals{.resamples = 100}(borda{robagg::unranked::ignored}, holes);
  CHECK(ignored.rank.sum() == 15);
  // Rows of weight 0 are never drawn.
  std::vector<double> w(9, 1);
  w[2] = w[5] = 0;
  std::vector<Index> const others = {0, 1, 3, 4, 6, 7, 8};
  auto const weighted = rank_intervals{.resamples = 100}(borda{}, robagg::weighted(x, w)),
             chosen = rank_intervals{.resamples = 100}(borda{}, robagg::subset(x, others));
  CHECK((weighted.low == chosen.low && weighted.high == chosen.high && weighted.first == chosen.first));
}

TEST_CASE("rank intervals cover the ranks of many voters in about as many tables as they say") {
  // Ranks of the mean score: the true order is that of the qualities.
  int covered = 0, asked = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    auto const found = rank_intervals{.resamples = 200, .level = .9}(borda{}, noisy_systems(30, 4, 2.5, seed));
    for (Index i = 0; i < 4; ++i, ++asked)
      covered += found.low(i) <= 4. - static_cast<double>(i) && 4. - static_cast<double>(i) <= found.high(i);
  }
  double const share = covered / static_cast<double>(asked);
  CAPTURE(share);
  CHECK(share > .87);
}

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
  CHECK_THROWS_WITH(rank_intervals{.resamples = 0}(borda{}, x), "rank_intervals: needs resamples >= 1 (resamples = 0)");
  CHECK_THROWS_WITH(rank_intervals{.level = 1}(borda{}, x), "rank_intervals: needs 0 < level < 1 (level = 1)");
}

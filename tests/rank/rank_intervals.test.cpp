// SPDX-License-Identifier: BSL-1.0
#include "profiles.hpp"

#include <robagg/parallel.hpp>

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

struct zeros_of_both_signs {
  void into(robagg::any_reports auto const& r, auto&& out, robagg::workspace&) const {
    for (Index j = 0; j < r.cols(); ++j) out(j) = j % 2 == 0 ? 0. : -0.;
  }
};
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
  auto const zeros = rank_intervals{.resamples = 7}(zeros_of_both_signs{}, matrix::Ones(3, 130));
  CHECK((zeros.low == Eigen::VectorXd::Constant(130, 65.5) && zeros.high == zeros.low));
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

TEST_CASE("rank intervals by definition, on any number of threads, and of many columns") {
  auto const check = [](auto const& op, auto const& table, rank_intervals const& how) {
    auto const found = how(op, table);
    Index const n = table.rows(), d = table.cols();
    // The definition: rows drawn one after the other, the operator on each draw.
    auto const& x = robagg::detail::plain_of(table);
    std::vector<double> w(static_cast<std::size_t>(n), 1);
    if constexpr (robagg::weighted_reports<decltype(table)>) {
      for (Index i = 0; i < n; ++i) w[static_cast<std::size_t>(i)] = robagg::detail::weights_of(table)[i];
    }
    std::vector<Index> rows;
    for (Index i = 0; i < n; ++i) {
      if (w[static_cast<std::size_t>(i)] > 0) rows.push_back(i);
    }
    robagg::detail::generator random(how.seed);
    matrix ranks(how.resamples, d);
    Eigen::VectorXd first = Eigen::VectorXd::Zero(d);
    for (Index s = 0; s < how.resamples; ++s) {
      std::vector<Index> drawn;
      std::vector<double> own;
      for (std::size_t k = 0; k < rows.size(); ++k) {
        drawn.push_back(rows[random.below(rows.size())]);
        own.push_back(w[static_cast<std::size_t>(drawn.back())]);
      }
      Eigen::VectorXd rank(d);
      robagg::workspace ws;
      robagg::order{}.into(op(robagg::weighted(pick(x, drawn), own)), rank, ws);
      ranks.row(s) = rank.transpose();
      for (Index i = 0; i < d; ++i) first(i) += rank(i) == rank.minCoeff() ? 1 / (2 * rank.minCoeff() - 1) : 0;
    }
    auto const sorted = [&](Index i) {
      std::vector<double> own(ranks.col(i).begin(), ranks.col(i).end());
      std::sort(own.begin(), own.end());
      return own;
    };
    auto const resamples = static_cast<double>(how.resamples);
    for (Index i = 0; i < d; ++i) {
      auto const own = sorted(i);
      auto const at = [&](double share) {
        return own[static_cast<std::size_t>(std::max(std::ceil(share * resamples) - 1, 0.))];
      };
      REQUIRE(found.low(i) == at((1 - how.level) / 2));
      REQUIRE(found.high(i) == at((1 + how.level) / 2));
      REQUIRE(found.first(i) == first(i) / resamples);
    }
    auto const backwards = [](Index count, auto const& task) {
      for (Index i = count; i-- > 0;) task(i);
    };
    for (auto const& other :
         {how(op, table, robagg::threads{3}), how(op, table, robagg::threads{}), how(op, table, backwards)}) {
      REQUIRE((found.rank == other.rank && found.low == other.low && found.high == other.high));
      REQUIRE((found.first == other.first && found.group == other.group));
    }
  };
  std::vector<double> const w = {1, 0, 2, 1, 0, 3, 1};
  // Many columns are ranked by digits: with level scores, and scores that are NaN.
  for (Index const d : {0, 1, 6, 127, 128, 200}) {
    matrix x = noisy_systems(7, d, static_cast<double>(d) / 3, 5).array().round();
    check(borda{}, x, {.resamples = 300, .level = .9, .seed = 7});
    check(borda{}, robagg::weighted(x, w), {.resamples = 50});
    if (d > 0) x.col(d / 2).setConstant(not_a_number);
    check(borda{robagg::unranked::ignored}, x, {.resamples = 40});
    check(robagg::median{}, robagg::weighted(noisy_systems(7, d, 3, 6), w), {.resamples = 33});
  }
  check(borda{}, noisy_systems(5, 17, 9, 3), {.resamples = 1});
  check(borda{}, noisy_systems(5, 17, 9, 3), {.resamples = 2, .level = .01});
  // What an operator throws on a thread is thrown here.
  CHECK_THROWS_WITH(rank_intervals{.resamples = 100}(robagg::trimmed_mean{.f = 4}, gauss(7, 3), robagg::threads{2}),
                    Catch::StartsWith("trimmed_mean: needs n > 2f"));
}

TEST_CASE("rank intervals: what they refuse") {
  matrix const x{{3, 2, 1}, {2, 3, 1}, {1, 3, 2}};
  CHECK_THROWS_WITH(rank_intervals{.resamples = 0}(borda{}, x), "rank_intervals: needs resamples >= 1 (resamples = 0)");
  CHECK_THROWS_WITH(rank_intervals{.level = 1}(borda{}, x), "rank_intervals: needs 0 < level < 1 (level = 1)");
}

TEST_CASE("rank intervals of draws that were made elsewhere") {
  Eigen::Vector3d const scores(2, 1, not_a_number);
  Eigen::MatrixXd draws(5, 3);
  draws << 2, 1, 0,  //
      2, 1, 0,       //
      1, 2, 0,       //
      1, 1, 0,       //
      not_a_number, 1, 0;
  auto const sure = rank_intervals{.level = .5}.of_draws(scores, draws);
  CHECK(sure.rank == Eigen::Vector3d(1, 2, 3));
  // Ranks of the first item: 1, 1, 2, 1.5, 3. The places of 25 % and 75 % of five are the second and the fourth.
  CHECK((sure.low(0) == 1 && sure.high(0) == 2));
  CHECK(sure.first.isApprox(Eigen::Vector3d(2.5, 2.5, 0) / 5));
  CHECK(sure.group == std::vector<Index>{0, 0, 1});
  // Many items are ranked by digits, to the same ranks.
  Eigen::MatrixXd const many = noisy_systems(20, 200, 9, 4);
  auto const wide = rank_intervals{}.of_draws(many.row(0).transpose(), many);
  for (Index j = 0; j < 200; ++j) {
    Eigen::VectorXd own(20);
    for (Index s = 0; s < 20; ++s) own(s) = 1. + static_cast<double>((many.row(s).array() > many(s, j)).count());
    CHECK((wide.low(j) == own.minCoeff() && wide.high(j) == own.maxCoeff()));
  }
  CHECK_THROWS_AS((rank_intervals{.level = .5}.of_draws(scores, draws.leftCols(2))), robagg::bad_input);
  CHECK_THROWS_AS((rank_intervals{.level = .5}.of_draws(scores, draws.topRows(0))), robagg::bad_input);
  CHECK_THROWS_AS((rank_intervals{.level = 1.}.of_draws(scores, draws)), robagg::bad_input);
}

// SPDX-License-Identifier: BSL-1.0
#include "profiles.hpp"

using namespace robagg_test;
using robagg::borda, robagg::unranked;

namespace {

double borda_points(profiles::profile const& p, Index a, unranked way) {
  double points = 0, counted = 0;
  for (Index i = 0; i < p.scores.rows(); ++i) {
    double const w = p.weights[static_cast<std::size_t>(i)], own = p.scores(i, a);
    if (way != unranked::last && std::isnan(own)) continue;
    counted += w;
    for (Index b = 0; b < p.scores.cols(); ++b) {
      if (a == b) continue;
      points += w * (profiles::before(own, p.scores(i, b), way) ? 1 : profiles::level(own, p.scores(i, b), way) ? .5 : 0);
    }
  }
  return way == unranked::ignored ? (counted > 0 ? points / counted : not_a_number) : points;
}

}  // namespace

TEST_CASE("borda gives a point for every item below") {
  matrix const x{{.9, .8, .7}, {10, 30, 20}};
  CHECK(borda{}(x) == Eigen::Vector3d(2, 3, 1));
  matrix const level{{5, 5, 1, 5}};
  CHECK(borda{}(level) == Eigen::Vector4d(2, 2, 0, 2));
  CHECK(borda{.ties = robagg::ties::minimum}(level) == Eigen::Vector4d(3, 3, 0, 3));
  CHECK(borda{.ties = robagg::ties::maximum}(level) == Eigen::Vector4d(1, 1, 0, 1));
  CHECK_THROWS_WITH(borda{.ties = robagg::ties::dense}(level), "borda: needs ties of average, minimum or maximum");
}

TEST_CASE("borda says what a missing score means") {
  matrix const x{{3, not_a_number, 1, not_a_number}, {1, 2, not_a_number, not_a_number}};
  CHECK(borda{}(x) == Eigen::Vector4d(3 + 2, .5 + 3, 2 + .5, .5 + .5));
  CHECK(borda{unranked::pseudodistance}(x) == Eigen::Vector4d(3 + 2, 3, 2, 0));
  auto const seen = borda{unranked::ignored}(x);
  CHECK(seen.head(3) == Eigen::Vector3d(.5, 1, 0));
  CHECK(std::isnan(seen(3)));
  CHECK((borda{unranked::ignored} | robagg::best{})(x) == 1);
}

TEST_CASE("borda agrees with its definition and obeys its laws") {
  for (unranked const way : profiles::ways) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      auto const p = profiles::drawn(seed, 9, 9);
      auto const points = borda{way}(p.voters());
      CAPTURE(seed, p.scores);
      for (Index a = 0; a < p.scores.cols(); ++a) {
        double const wanted = borda_points(p, a, way);
        CHECK((points(a) == Approx(wanted).margin(1e-12) || (std::isnan(wanted) && std::isnan(points(a)))));
      }
    }
    profiles::check_anonymous(borda{way});
    profiles::check_neutral(borda{way});
    profiles::check_weights_are_voters(borda{way});
  }
  profiles::check_monotone(borda{});
  profiles::check_rank_errors(borda{}, "borda");
}

TEST_CASE("borda over tasks of instances is two of them") {
  // Two tasks of two instances, three systems: the first task's instances disagree.
  matrix const x{{3, 2, 1}, {3, 1, 2}, {1, 3, 2}, {1, 2, 3}};
  auto const per_task = robagg::each(borda{})(robagg::cube(x, 2));
  CHECK(borda{}(per_task) == Eigen::Vector3d(2, .5 + 1.5, .5 + 1.5));
}

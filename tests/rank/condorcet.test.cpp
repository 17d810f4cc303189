// SPDX-License-Identifier: BSL-1.0
// The methods that read pairs.
#include "profiles.hpp"

using namespace robagg_test;
using robagg::copeland, robagg::minimax, robagg::schulze, robagg::ranked_pairs, robagg::unranked;

namespace {

// 0 over 1 over 2, which is level with 0; all over 3.
matrix const few_voters{{6, 5, 4, 1}, {4, 6, 5, 1}, {5, 4, 6, 1}, {6, 5, 4, 2}};

// The strongest chains, by trying until nothing changes.
matrix chains(profiles::profile const& p, unranked way) {
  Index const d = p.scores.cols();
  matrix s = matrix::Zero(d, d);
  for (Index a = 0; a < d; ++a) {
    for (Index b = 0; b < d; ++b) s(a, b) = std::max(0., profiles::margin(p, a, b, way));
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (Index a = 0; a < d; ++a) {
      for (Index b = 0; b < d; ++b) {
        for (Index k = 0; k < d; ++k) {
          double const through = std::min(s(a, k), s(k, b));
          if (a != b && through > s(a, b)) s(a, b) = through, changed = true;
        }
      }
    }
  }
  return s;
}

}  // namespace

TEST_CASE("margins are what voters say of pairs") {
  for (unranked const way : profiles::ways) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      auto const p = profiles::drawn(seed, 9, 20);
      auto const m = robagg::pairwise_margins(p.voters(), way);
      double worst = 0;
      for (Index a = 0; a < m.rows(); ++a) {
        for (Index b = 0; b < m.cols(); ++b) worst = std::max(worst, std::abs(m(a, b) - profiles::margin(p, a, b, way)));
      }
      CAPTURE(seed, p.scores);
      CHECK(worst <= 1e-12);
    }
  }
}

TEST_CASE("copeland and minimax by hand") {
  CHECK(copeland{}(few_voters) == Eigen::Vector4d(2, 1, 0, -3));
  CHECK(minimax{}(few_voters) == Eigen::Vector4d(0, -2, -2, -4));
  CHECK(copeland{}(matrix{{1, 1}}) == Eigen::Vector2d(0, 0));
}

TEST_CASE("copeland, minimax, schulze and ranked pairs obey their laws") {
  auto const check = [](auto const& op, std::string const& name, bool ties_stay) {
    CAPTURE(name);
    profiles::check_anonymous(op);
    if (ties_stay) profiles::check_neutral(op);
    profiles::check_weights_are_voters(op);
    profiles::check_condorcet(op, op.unranked);
  };
  for (unranked const way : profiles::ways) {
    check(copeland{way}, "copeland", true);
    check(minimax{way}, "minimax", true);
    check(schulze{way}, "schulze", true);
    check(ranked_pairs{way}, "ranked_pairs", false);
  }
  profiles::check_monotone(copeland{});
  profiles::check_monotone(minimax{});
  profiles::check_monotone(schulze{});
  profiles::check_rank_errors(copeland{}, "copeland");
  profiles::check_rank_errors(minimax{}, "minimax");
  profiles::check_rank_errors(schulze{}, "schulze");
  profiles::check_rank_errors(ranked_pairs{}, "ranked_pairs");
}

TEST_CASE("schulze agrees with chains tried out") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    auto const p = profiles::drawn(seed, 9, 12);
    auto const wanted = chains(p, unranked::last);
    auto const got = schulze{}.strengths(p.voters());
    auto const scores = schulze{}(p.voters());
    CAPTURE(seed, p.scores);
    CHECK(difference(got, wanted) <= 1e-12);
    for (Index a = 0; a < got.rows(); ++a) {
      CHECK(scores(a) == -static_cast<double>((got.col(a).array() > got.row(a).transpose().array()).count()));
    }
  }
}

TEST_CASE("ranked pairs take the largest margins first") {
  // 0 over 1 by 5, 1 over 2 by 3, 2 over 0 by 1: the last contradicts the others.
  matrix const x{{3, 2, 1}, {2, 1, 3}, {1, 3, 2}, {3, 2, 1}};
  std::vector<double> const w = {3, 3, 2, 1};
  CHECK(ranked_pairs{}(robagg::weighted(x, w)) == Eigen::Vector3d(2, 1, 0));
  // Reversed profiles have reversed orders, where margins differ.
  CHECK(ranked_pairs{}(robagg::weighted((-x).eval(), w)) == Eigen::Vector3d(0, 1, 2));
  // All level: the lower item first; more items than a word has bits.
  Eigen::VectorXd const many = ranked_pairs{}(matrix::Zero(1, 150));
  for (Index i = 0; i < 150; ++i) CHECK(many(i) == static_cast<double>(149 - i));
}

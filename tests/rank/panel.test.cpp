// SPDX-License-Identifier: BSL-1.0
#include "profiles.hpp"

#include <robagg/format.hpp>

using namespace robagg_test;
using robagg::panel;

namespace {

// Judges who see items of quality 0, 1, 2, ... with errors that they share to some degree.
matrix judged(Index judges, Index items, double shared, double own, std::uint64_t seed) {
  numbers random(seed);
  matrix x(judges, items);
  for (Index i = 0; i < items; ++i) {
    double const together = shared * random.gauss();
    for (Index j = 0; j < judges; ++j) x(j, i) = together + own * random.gauss();
  }
  return x;
}

// An aggregate of a user, which knows nothing of absent rows.
struct first_judge {
  void into(robagg::any_reports auto const& r, auto&& out, robagg::workspace&) const
    requires(!robagg::incomplete_reports<decltype(r)>)
  {
    for (Index j = 0; j < r.cols(); ++j) out(j) = r(0, j);
  }
  auto operator()(auto const& r) const { return robagg::evaluate(*this, r); }
};
struct always_zero {
  void into(robagg::any_reports auto const& r, auto&& out, robagg::workspace&) const {
    for (Index j = 0; j < r.cols(); ++j) out(j) = 0;
  }
};

}  // namespace

TEST_CASE("panel: scores, disagreement, quorum and the best item, by hand") {
  double const none = not_a_number;
  // Three judges, four items, two axes. The third judge fails item 1 on the second axis, and item 3 altogether.
  matrix const first{{1, 2, 9, 4}, {2, 4, 7, none}, {9, 6, 8, none}}, second{{5, 5, 1, 5}, {5, 6, 1, none}, {5, none, 7, none}};
  matrix x(6, 4);
  x << first, second;
  auto const p = panel{.quorum = 2}(robagg::median{}, robagg::cube(x, 2));
  CHECK(p.scores.leftCols(3) == matrix{{2, 3, 8}, {5, 5.5, 1}});
  CHECK(p.scores.col(3).array().isNaN().all());  // one judge is no quorum of two
  CHECK(p.deviation.leftCols(3) == matrix{{1, 1, 1}, {0, .5, 0}});
  CHECK(p.range == matrix{{8, 2, 2, 0}, {0, 1, 6, 0}});
  CHECK(p.deviation.col(3) == Eigen::Vector2d(0, 0));
  CHECK(p.judges == std::vector<Index>{3, 2, 3, 1});
  CHECK(p.failed == std::vector<Index>{0, 1, 2});
  CHECK(p.unjudged == std::vector<Index>{3});
  CHECK(p.best == std::vector<Index>{2, 1});
  CHECK((p.tied[0].empty() && p.tied[1].empty()));
  // Nobody is the best within a margin: the level ones are named.
  auto const level = panel{.margin = .5}(robagg::median{}, robagg::cube(x, 2));
  CHECK(level.best == std::vector<Index>{2, -1});
  CHECK(level.tied[1] == std::vector<Index>{0, 1, 3});
  CHECK(level.unjudged.empty());
  CHECK(panel{}(robagg::median{}, matrix::Ones(2, 3)).tied[0] == std::vector<Index>{0, 1, 2});
  auto const nobody = panel{}(robagg::median{}, matrix::Constant(2, 3, none));
  CHECK((nobody.best[0] == -1 && nobody.tied[0].empty() && nobody.unjudged.size() == 3 && nobody.scores.array().isNaN().all()));
  CHECK((nobody.range.array().isNaN().all() && nobody.deviation.array().isNaN().all() && nobody.effective(0) == 0));
  auto const nothing = panel{}(robagg::median{}, matrix(2, 0));
  CHECK((nothing.scores.cols() == 0 && nothing.best == std::vector<Index>{-1}));
}

TEST_CASE("panel: any aggregate, axis by axis or jointly, the failed judge absent") {
  matrix x = gauss(2 * 7, 9, 5);
  for (auto const& [judge, item] : {std::pair<Index, Index>{2, 0}, {2, 1}, {6, 1}, {0, 8}}) x(judge, item) = not_a_number;
  auto const check = [&](auto const& op) {
    auto const p = panel{}(op, robagg::cube(x, 2));
    for (Index i = 0; i < x.cols(); ++i) {
      matrix opinions(7, 2);
      opinions << x.col(i).head(7), x.col(i).tail(7);
      std::vector<Index> present;
      for (Index j = 0; j < 7; ++j) {
        if (opinions.row(j).allFinite()) present.push_back(j);
      }
      CAPTURE(robagg::name(op), i);
      CHECK(difference(p.scores.col(i).transpose(), op(pick(opinions, present)).transpose()) <= 1e-12);
      CHECK(p.judges[static_cast<std::size_t>(i)] == static_cast<Index>(present.size()));
    }
    CHECK(p.failed == std::vector<Index>{1, 0, 2, 0, 0, 0, 1});
  };
  check(robagg::median{});
  check(robagg::mean{});
  check(robagg::trimmed_mean{.f = 1});
  check(robagg::worst_case{});
  check(robagg::geometric_median{});
  check(robagg::krum{.f = 1});
  check(first_judge{});
  // A parameter that names a judge names the same one where another has failed: item 1 has lost judges 2 and 6.
  matrix const one = x.topRows(7);
  auto const nearest = panel{}(robagg::nearest_to{.row = 3, .f = 1}, one);
  matrix const rest = pick(one, {0, 1, 3, 4, 5});
  CHECK(nearest.scores(0, 1) == robagg::nearest_to{.row = 2, .f = 1}(matrix(rest.col(1)))(0));
  CHECK(nearest.scores(0, 2) == robagg::nearest_to{.row = 3, .f = 1}(matrix(one.col(2)))(0));
  // Masks and skip_nan say the same as NaN; infinite scores and halves are read, the first as failures.
  matrix filled = one.array().isNaN().select(5, one);
  Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic> const hidden = one.array().isNaN();
  auto const masked = panel{}(robagg::median{}, robagg::masked(filled, hidden)), plain = panel{}(robagg::median{}, one);
  CHECK((masked.scores == plain.scores && masked.failed == plain.failed && masked.effective == plain.effective));
  CHECK(panel{}(robagg::median{}, robagg::skip_nan(one)).scores == plain.scores);
  matrix infinite = one;
  infinite(2, 0) = infinity;
  CHECK(panel{}(robagg::median{}, infinite).scores == plain.scores);
  Eigen::MatrixXf const by_column = Eigen::MatrixXf::Identity(3, 3);
  CHECK(panel{}(robagg::mean{}, by_column).scores(0, 0) == Approx(1 / 3.));
  // A liar moves no item beyond the others.
  matrix lied = gauss(7, 9, 5);
  lied.row(4).setConstant(1e308), lied(4, 0) = -1e308;
  auto const held = panel{}(robagg::median{}, lied);
  CHECK(held.scores.cwiseAbs().maxCoeff() < 5);
  CHECK((std::isfinite(held.correlation(0)) && held.effective(0) >= 1 && held.effective(0) <= 7));
}

TEST_CASE("panel: how many independent judges they are worth") {
  // By hand: errors against the panel's mean are (-1, 1, 0) -> -(a), (1, -1, 0), and nothing: r = (-1 + 0 + 0) / 3.
  matrix const by_hand{{-1, 1, 0}, {1, -1, 0}, {0, 0, 0}};
  auto const hand = panel{}(robagg::mean{}, by_hand);
  CHECK(hand.correlation(0) == Approx(-1 / 3.));
  CHECK(hand.effective(0) == 3);  // r <= 0: never more than there are
  // Against the median, 0 each time, the same.
  CHECK(panel{}(robagg::median{}, by_hand).correlation(0) == Approx(-1 / 3.));
  // Three of five err together, two the other way: r = (3 * 1 + 1 * 1 + 6 * -1) / 10.
  matrix const camps{{1, -1, 2}, {1, -1, 2}, {1, -1, 2}, {-1, 1, -2}, {-1, 1, -2}};
  auto const split = panel{}(always_zero{}, camps);
  CHECK(split.correlation(0) == Approx(-.2));
  // Copies, and judges that are a constant apart, are worth one.
  matrix copies = matrix::Ones(4, 1) * gauss(1, 20, 3);
  CHECK(panel{}(robagg::median{}, copies).effective(0) == 1);
  copies.colwise() += Eigen::Vector4d(0, .1, -.3, 2);
  CHECK(panel{}(robagg::mean{}, copies).correlation(0) == 1);
  CHECK(panel{}(robagg::mean{}, copies).effective(0) == 1);
  // So do judges who say one thing of everything; one who does beside others goes with none of them.
  CHECK(panel{}(robagg::median{}, matrix::Constant(3, 5, 2)).effective(0) == 1);
  // One judge, and judges with fewer than three items in common.
  auto const alone = panel{}(robagg::median{}, gauss(1, 5));
  CHECK((alone.effective(0) == 1 && std::isnan(alone.correlation(0))));
  auto const few = panel{}(robagg::median{}, gauss(4, 2));
  CHECK((std::isnan(few.effective(0)) && std::isnan(few.correlation(0))));
  // A judge who always failed is none, and makes nothing NaN.
  matrix failing = gauss(4, 30, 9);
  auto const three = panel{}(robagg::median{}, matrix(failing.topRows(3)));
  failing.row(3).setConstant(not_a_number);
  auto const failed = panel{}(robagg::median{}, failing);
  CHECK((failed.effective == three.effective && failed.scores == three.scores && failed.failed.back() == 30));
  // One who failed sometimes is compared where both count: errors of judge 1 over items 0, 2, 3 and 4 only.
  matrix some{{1, 5, -1, 2, -2}, {2, not_a_number, 1, -1, -2}, {0, -7, 2, 1, -3}};
  auto const over = [&](Index a, Index b, std::vector<Index> const& which) {
    double n = 0, sum_a = 0, sum_b = 0, ab = 0, aa = 0, bb = 0;
    for (Index const i : which) ++n, sum_a += some(a, i), sum_b += some(b, i);
    for (Index const i : which) {
      double const u = some(a, i) - sum_a / n, v = some(b, i) - sum_b / n;
      ab += u * v, aa += u * u, bb += v * v;
    }
    return ab / std::sqrt(aa * bb);
  };
  double const mean = (over(0, 2, {0, 1, 2, 3, 4}) + over(0, 1, {0, 2, 3, 4}) + over(1, 2, {0, 2, 3, 4})) / 3;
  CHECK(panel{}(always_zero{}, some).correlation(0) == Approx(mean));
  // Independent judges are worth about as many, and those who share most of their errors a few: truth 0 is told by a panel
  // of one trusted judge, of which the others' errors are their own and shared parts: r = shared^2 / (shared^2 + own^2).
  for (double const shared : {0., .5, 1., 2.}) {
    matrix scores = judged(7, 20000, shared, 1, 4);
    scores.row(0).setZero();  // constant, with the panel: 0 with six pairs of 21
    auto const found = panel{}(first_judge{}, scores);
    double const r = shared * shared / (shared * shared + 1) * 15 / 21;
    CAPTURE(shared);
    CHECK(found.correlation(0) == Approx(r).margin(.01));
    CHECK(found.effective(0) == Approx(7 / (1 + 6 * r)).epsilon(.06));
  }
  // Scales do not matter, however large or small.
  matrix const usual = gauss(5, 12, 8);
  double const effective = panel{}(robagg::median{}, usual).effective(0);
  for (double const scale : {1e300, 1e-300, -2.})
    CHECK(panel{}(robagg::median{}, matrix(usual * scale)).effective(0) == Approx(effective));
}

TEST_CASE("panel: what it refuses, and how it prints") {
  matrix const x{{1, 2}, {3, 2}};
  CHECK_THROWS_WITH(panel{.quorum = 3}(robagg::median{}, x), "panel: needs 1 <= quorum <= m (quorum = 3, m = 2)");
  CHECK_THROWS_WITH(panel{.quorum = 0}(robagg::median{}, x), "panel: needs 1 <= quorum <= m (quorum = 0, m = 2)");
  CHECK_THROWS_WITH(panel{.margin = -1}(robagg::median{}, x), "panel: needs margin >= 0 (margin = -1)");
  CHECK_THROWS_WITH(panel{.margin = not_a_number}(robagg::median{}, x), Catch::StartsWith("panel: needs margin >= 0"));
  CHECK_THROWS_WITH(panel{}(robagg::median{}, x.topRows(0)), "panel: needs at least one report (n = 0)");
  CHECK_THROWS_WITH(panel{}(robagg::median{}, robagg::cube(x, 3)),
                    "panel: needs a cube of one table for each axis (rows = 2, axes = 3)");
  CHECK_THROWS_WITH(panel{}(robagg::median{}, robagg::cube(x.topRows(0), 0)),
                    "panel: needs a cube of one table for each axis (rows = 0, axes = 0)");
  CHECK_THROWS_WITH(panel{}(robagg::trimmed_mean{.f = 1}, x), "trimmed_mean: needs n > 2f (n = 2, f = 1)");
  CHECK(robagg::describe(panel{.quorum = 2}) == "panel{.quorum = 2}");
  // Where too few are left for the operator, it has no score either.
  matrix const holes{{1, 2, 3}, {3, not_a_number, 5}, {4, 4, 6}};
  auto const p = panel{}(robagg::trimmed_mean{.f = 1}, holes);
  CHECK((p.unjudged == std::vector<Index>{1} && p.scores(0, 0) == 3 && p.best[0] == 2));
  CHECK(fmt::format("{}", p) ==
        "3 judges, failed {0, 1, 0}, items without a score {1}\n"
        "axis 0: best 2; worth nan independent judges (correlation nan)\n"
        "  item  judges        score    deviation        range\n"
        "     0       3            3            1            3\n"
        "     1       2          nan            1            2\n"
        "     2       3            5            1            3");
}

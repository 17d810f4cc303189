// SPDX-License-Identifier: BSL-1.0
// Conformal calibration: offsets by hand, and coverage.
#include "laws.hpp"

using namespace robagg_test;
using robagg::conformal_quantile, robagg::conformal_rank, robagg::conformal_score;

TEST_CASE("conformal offsets by hand") {
  std::vector<double> const low(4, 0.), middle(4, 1.), high(4, 2.), y{-1, 1.5, 2.5, 4};
  auto const fit = [&](double miss, conformal_score score = conformal_score::symmetric,
                       conformal_rank rank = conformal_rank::exact) {
    return conformal_quantile{.miscoverage = miss, .score = score, .rank = rank}.fit(low, middle, high, y);
  };
  CHECK(fit(.2).above == 2);
  CHECK(fit(.2).rank == 4);
  auto const sides = fit(.4, conformal_score::asymmetric);
  CHECK((sides.below == 1 && sides.above == 2));
  CHECK(std::isinf(fit(.1).above));
  CHECK(fit(.1, conformal_score::symmetric, conformal_rank::clamp).above == 2);
  auto const interval = fit(.2)(0, 1, 2);
  CHECK((interval.lower == -2 && interval.upper == 4 && !interval.inverted));
  robagg::conformal_fit const shrinks{.below = -3, .above = -3};
  auto const inverted = shrinks(0, 1, 2);
  CHECK((inverted.lower == 1 && inverted.upper == 1 && inverted.inverted));
  check_call_refused(conformal_quantile{0}, [&](auto const& op) { op.fit(low, middle, high, y); },
                     {"conformal_quantile: needs 0 < miscoverage < 1"});
  check_call_refused(conformal_quantile{.1}, [&](auto const& op) { op.fit(low, middle, high, std::vector{1.}); },
                     {"needs an interval for each outcome"});
  check_call_refused(conformal_quantile{.1},
                     [&](auto const& op) { op.fit(low, middle, high, std::vector{1., not_a_number, 1., 1.}); },
                     {"needs numbers", "observation = 1"});
}

TEST_CASE("conformal intervals cover as often as they say") {
  numbers random(12);
  for (auto const score : {conformal_score::symmetric, conformal_score::asymmetric, conformal_score::m, conformal_score::r}) {
    int covered = 0, all = 0;
    for (int round = 0; round < 2000; ++round) {
      std::vector<double> low, middle, high, y;
      for (int i = 0; i < 20; ++i) {
        double const centre = random.gauss();
        low.push_back(centre - .3), middle.push_back(centre), high.push_back(centre + .5), y.push_back(centre + random.gauss());
      }
      auto const held_out = [&](std::vector<double>& v) {
        double const last = v.back();
        v.pop_back();
        return last;
      };
      double const l = held_out(low), m = held_out(middle), u = held_out(high), outcome = held_out(y);
      auto const interval = conformal_quantile{.miscoverage = .2, .score = score}.fit(low, middle, high, y)(l, m, u);
      covered += interval.lower <= outcome && outcome <= interval.upper, ++all;
    }
    // 19 points: between .8 and .85, give or take four standard deviations of 2,000 draws.
    CHECK((covered >= .8 * all - 4 * 18 && covered <= .86 * all + 4 * 18));
  }
}

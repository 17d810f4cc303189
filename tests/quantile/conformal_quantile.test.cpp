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

TEST_CASE("conformal offsets about the median, and between two scores, by hand") {
  // Distances from the median: .5 1.5 2 3; outside the interval: -.5 .5 1 2.
  std::vector<double> const low(4, 0.), middle(4, 1.), high(4, 2.), y{-1, 1.5, 2.5, 4};
  auto const fit = [&](double miss, conformal_score score, conformal_rank rank) {
    return conformal_quantile{.miscoverage = miss, .score = score, .rank = rank}.fit(low, middle, high, y);
  };
  auto const about = fit(.4, conformal_score::absolute, conformal_rank::exact);
  CHECK((about.below == 2 && about.above == 2 && about.rank == 3));
  auto const interval = about(-7, 10, 99);
  CHECK((interval.lower == 8 && interval.upper == 12));
  CHECK(fit(.2, conformal_score::absolute, conformal_rank::exact).above == 3);
  CHECK(std::isinf(fit(.1, conformal_score::absolute, conformal_rank::exact).above));
  auto const clamped = fit(.1, conformal_score::absolute, conformal_rank::clamp);
  CHECK((clamped.above == 3 && clamped.rank == 4));
  // At (1 - .4) 5 / 4 = .75 of the way from the first to the last.
  CHECK(std::abs(fit(.4, conformal_score::symmetric, conformal_rank::interpolate).above - 1.25) <= 1e-15);
  CHECK(std::abs(fit(.4, conformal_score::absolute, conformal_rank::interpolate).below - 2.25) <= 1e-15);
  CHECK(fit(.1, conformal_score::symmetric, conformal_rank::interpolate).above == 2);  // no further than the last
  // Scales of one fit: the distances from the median, or the width.
  robagg::conformal_fit const by_median{.score = conformal_score::m, .below = 2, .above = 2, .epsilon = .5},
      by_width{.score = conformal_score::r, .below = 2, .above = 2, .epsilon = .5};
  CHECK((by_median(0, 1, 4).lower == -3 && by_median(0, 1, 4).upper == 11));
  CHECK((by_width(0, 1, 4).lower == -9 && by_width(0, 1, 4).upper == 13));
}

TEST_CASE("conformal offsets agree with sorted scores") {
  numbers random(31);
  for (int round = 0; round < 2000; ++round) {
    Index const n = 1 + random.below(12);
    double const miss =
        round % 2 == 0 ? static_cast<double>(1 + random.below(n)) / static_cast<double>(n + 1) : .01 + .98 * random.uniform();
    std::vector<float> low, middle, high, y;
    for (Index i = 0; i < n; ++i) {
      auto const tied = [&] { return static_cast<float>(random.below(4)); };
      middle.push_back(tied()), low.push_back(middle.back() - tied()), high.push_back(middle.back() + tied());
      y.push_back(static_cast<float>(random.below(9)) - 2);
    }
    if (round % 10 == 9) y.back() = std::numeric_limits<float>::infinity();
    for (auto const score : {conformal_score::symmetric, conformal_score::asymmetric, conformal_score::m, conformal_score::r,
                             conformal_score::absolute}) {
      for (auto const rank : {conformal_rank::exact, conformal_rank::clamp, conformal_rank::interpolate}) {
        bool const sides = score == conformal_score::asymmetric;
        if (rank == conformal_rank::interpolate && round % 10 == 9) continue;
        auto const offset = [&](bool below, bool above) {
          std::vector<double> scores;
          for (std::size_t i = 0; i < y.size(); ++i) {
            double const l = low[i], m = middle[i], u = high[i], e = y[i], tiny = .25;
            double const down = score == conformal_score::m ? m - l + tiny : score == conformal_score::r ? u - l + tiny : 1;
            double const up = score == conformal_score::m ? u - m + tiny : score == conformal_score::r ? u - l + tiny : 1;
            double s = -infinity;
            if (below) s = std::max(s, (l - e) / down);
            if (above) s = std::max(s, (e - u) / up);
            scores.push_back(score == conformal_score::absolute ? std::max(m - e, e - m) : s);
          }
          std::sort(scores.begin(), scores.end());
          double const covered = 1 - (sides ? miss / 2 : miss), count = static_cast<double>(n);
          if (rank == conformal_rank::interpolate) {
            double const place = std::min(1., covered * (count + 1) / count) * (count - 1);
            auto const k = static_cast<std::size_t>(place), next = std::min(k + 1, scores.size() - 1);
            return scores[k] + (place - static_cast<double>(k)) * (scores[next] - scores[k]);
          }
          Index k = 1;  // the first with enough of n + 1 places up to it
          while (static_cast<double>(k) < covered * (count + 1) - 1e-7) ++k;
          if (k > n) return rank == conformal_rank::exact ? infinity : scores.back();
          return scores[static_cast<std::size_t>(k - 1)];
        };
        auto const fit =
            conformal_quantile{.miscoverage = miss, .score = score, .rank = rank, .epsilon = .25}.fit(low, middle, high, y);
        INFO("n " << n << ", miscoverage " << miss << ", score " << static_cast<int>(score) << ", rank "
                  << static_cast<int>(rank));
        auto const same = [](double a, double b) { return a == b || std::abs(a - b) <= 1e-12 * (1 + std::abs(b)); };
        CHECK(same(fit.below, sides ? offset(true, false) : offset(true, true)));
        CHECK(same(fit.above, sides ? offset(false, true) : offset(true, true)));
      }
    }
  }
}

TEST_CASE("conformal_quantile refuses what is no number or out of range") {
  std::vector<double> const ones(3, 1.), nothing, broken{1, not_a_number, 1};
  auto const refused = [&](conformal_quantile const& op, auto const& l, auto const& m, auto const& u, auto const& y,
                           std::string const& sentence) { CHECK_THROWS_WITH(op.fit(l, m, u, y), Catch::Contains(sentence)); };
  for (double const miss : {0., 1., -.1, not_a_number}) refused({miss}, ones, ones, ones, ones, "needs 0 < miscoverage < 1");
  for (double const epsilon : {0., -1., infinity, not_a_number})
    refused({.miscoverage = .5, .epsilon = epsilon}, ones, ones, ones, ones, "needs a finite epsilon > 0");
  refused({.5}, nothing, nothing, nothing, nothing, "needs at least one outcome");
  refused({.5}, ones, nothing, ones, ones, "needs an interval for each outcome (intervals = 0, outcomes = 3)");
  refused({.5}, broken, ones, ones, ones, "needs numbers (observation = 1)");
  refused({.5}, ones, ones, broken, ones, "needs numbers (observation = 1)");
  for (auto const score : {conformal_score::m, conformal_score::absolute})
    refused({.miscoverage = .5, .score = score}, ones, broken, ones, ones, "needs numbers (observation = 1)");
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

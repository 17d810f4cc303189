// SPDX-License-Identifier: BSL-1.0
// Scores, pools and calibration of forecasts: values by hand, identities, coverage, refusals.
#include "laws.hpp"

using namespace robagg_test;
using robagg::linear_pool, robagg::tails, robagg::weighted_interval_score;

TEST_CASE("scores by hand") {
  std::vector<double> const levels{.25, .5, .75}, y{2}, high{4};
  matrix const q{{0, 1, 3}};
  CHECK(difference(robagg::pinball{levels}(q, y), matrix{{.5, .5, .25}}) <= 1e-15);
  auto const parts = weighted_interval_score{levels}.parts(q, high)[0];
  CHECK((std::abs(parts.score - 13 / 6.) <= 1e-15 && parts.dispersion == .5 && std::abs(parts.underprediction - 5 / 3.) <= 1e-15 && parts.overprediction == 0));
  CHECK(std::abs(weighted_interval_score{levels, 1}(q, high)[0] - 2.375) <= 1e-15);
  CHECK(weighted_interval_score{levels}(matrix{{7, 7, 7}}, y)[0] == 5);  // a point: the distance
  CHECK(std::abs(robagg::crps{}(q, y)[0] - 2 / 3.) <= 1e-15);
  CHECK(std::abs(robagg::crps{true}(q, y)[0] - 1 / 3.) <= 1e-15);
  CHECK(robagg::interval_score(1, 3, 4, .1) == 22);
  CHECK(std::isnan(weighted_interval_score{levels}(matrix{{0, not_a_number, 3}}, y)[0]));
  CHECK(std::isnan(robagg::crps{}(matrix{{0, not_a_number, 3}}, y)[0]));
  CHECK(std::abs(robagg::crossing_penalty(matrix{{3, 1, 2}}) - 1) <= 1e-15);
}

TEST_CASE("scores of rows of every width") {
  numbers random(11);
  for (Index d = 1; d <= 40; ++d) {
    std::vector<double> tau, y{.3, -2, not_a_number};
    for (Index k = 0; k < d; ++k) tau.push_back((static_cast<double>(k) + 1) / (static_cast<double>(d) + 1));
    robagg::table<float> q(3, d);
    for (Index i = 0; i < q.size(); ++i) q.data()[i] = static_cast<float>(random.gauss());
    matrix const wide = q.cast<double>();
    auto const score = weighted_interval_score{tau}(q, y), same = weighted_interval_score{tau}(wide, y);
    matrix const losses = robagg::pinball{tau}(wide, y);
    CAPTURE(d);
    for (Index i = 0; i < 2; ++i) {
      CHECK(std::abs(score[i] - 2 * losses.row(i).mean()) <= 1e-14);
      CHECK(std::abs(same[i] - score[i]) <= 1e-14);
    }
    CHECK(std::isnan(score[2]));
    q(1, d - 1) = std::numeric_limits<float>::quiet_NaN();
    CHECK(std::isnan(weighted_interval_score{tau}(q, y)[1]));
    Eigen::MatrixXf const columns = q;
    CHECK(weighted_interval_score{tau}(columns, y)[0] == score[0]);
  }
}

TEST_CASE("the weighted interval score is twice the mean pinball loss and the sum of its parts") {
  std::vector<double> const levels{.05, .2, .4, .5, .6, .8, .95};
  matrix q = gauss(50, 7, 2);
  q = robagg::rearrange{}(q);
  std::vector<double> y;
  for (Index i = 0; i < 50; ++i) y.push_back(gauss(1, 50, 3)(0, i) * 2);
  auto const parts = weighted_interval_score{levels}.parts(q, y);
  auto const score = weighted_interval_score{levels}(q, y);
  matrix const loss = robagg::pinball{levels}(q, y);
  for (Index i = 0; i < 50; ++i) {
    auto const& s = parts[static_cast<std::size_t>(i)];
    CHECK(std::abs(score[i] - 2 * loss.row(i).mean()) <= 1e-14);
    CHECK(std::abs(score[i] - s.score) <= 1e-14);
    CHECK(std::abs(s.dispersion + s.overprediction + s.underprediction - s.score) <= 1e-14);
  }
  std::vector<double> const uneven{.1, .5, .8}, one{1};
  auto const refused = [&](auto const& op, auto const& call, char const* rule) { check_call_refused(op, call, {rule}); };
  refused(weighted_interval_score{uneven}, [&](auto const& op) { op.parts(matrix{{1, 2, 3}}, one); }, "needs a level 1 - tau for each level tau");
  refused(weighted_interval_score{levels}, [&](auto const& op) { op.parts(matrix{{1, 2, 3, 4, 5, 7, 6}}, one); }, "needs quantiles that do not cross");
  refused(weighted_interval_score{levels}, [&](auto const& op) { op(q, one); }, "needs an outcome for each row");
  refused(robagg::pinball{uneven}, [&](auto const& op) { op(q, y); }, "pinball: needs a level for each column");
}

TEST_CASE("linear pools by hand") {
  std::vector<double> const levels{.25, .5, .75}, at{.1, .25, .5, .75, .9};
  auto const pool = [&](matrix const& q, std::vector<double> const& where, tails t = tails::clamp) { return matrix(linear_pool{levels, where, t}(q).transpose()); };
  CHECK(difference(pool(matrix{{0, 1, 2}, {4, 5, 6}}, at), matrix{{0, 1, 2, 5, 6}}) <= 1e-12);
  CHECK(difference(pool(matrix{{0, 1, 2}, {1, 2, 3}}, {}), matrix{{1, 1.5, 2}}) <= 1e-12);
  CHECK(difference(pool(matrix{{0, 1, 2}}, at), matrix{{0, 0, 1, 2, 2}}) <= 1e-12);
  CHECK(difference(pool(matrix{{0, 1, 2}}, at, tails::linear), matrix{{-.6, 0, 1, 2, 2.6}}) <= 1e-12);
  double const z = robagg::detail::normal_quantile(.75), far = robagg::detail::normal_quantile(.9);
  CHECK(difference(pool(matrix{{-z, 0, z}}, at, tails::normal), matrix{{-far, -z, 0, z, far}}) <= 1e-9);
  CHECK(difference(pool(matrix{{3, 3, 3}}, at, tails::normal), matrix::Constant(1, 5, 3)) <= 1e-9);
  std::vector<double> const w{0, 1};
  matrix const two{{0, 1, 2}, {4, 5, 6}};
  CHECK(difference(numbers_of(linear_pool{levels}(robagg::weighted(two, w))), matrix{{4, 5, 6}}) <= 1e-12);
}

TEST_CASE("a linear pool inverts the mean of the distribution functions") {
  numbers random(9);
  std::vector<double> levels, at;
  for (int k = 1; k < 8; ++k) levels.push_back(k / 8.);
  for (int k = 1; k < 40; ++k) at.push_back(k / 40.);
  for (int round = 0; round < 200; ++round) {
    Index const p = 1 + random.below(5);
    matrix q(p, 7);
    for (Index j = 0; j < p; ++j) {
      for (Index k = 0; k < 7; ++k) q(j, k) = random.uniform() < .3 ? static_cast<double>(random.below(4)) : 3 * random.gauss();
    }
    q = robagg::rearrange{}(q);
    for (tails const t : {tails::clamp, tails::linear}) {
      auto const y = linear_pool{levels, at, t}(q);
      auto const probability = [&](double x) {  // up to x
        double sum = 0;
        for (Index j = 0; j < p; ++j) {
          double f = 0;
          double const first = q(j, 1) - q(j, 0), last = q(j, 6) - q(j, 5);
          if (x < q(j, 0)) {
            f = t == tails::linear && first > 0 ? std::max(0., .125 + (x - q(j, 0)) * .125 / first) : 0;
          } else if (x >= q(j, 6)) {
            f = t == tails::linear && last > 0 ? std::min(1., .875 + (x - q(j, 6)) * .125 / last) : 1;
          } else {
            Index k = 0;
            while (q(j, k + 1) <= x) ++k;
            f = levels[static_cast<std::size_t>(k)] + .125 * (x - q(j, k)) / (q(j, k + 1) - q(j, k));
          }
          sum += f / static_cast<double>(p);
        }
        return sum;
      };
      for (Index k = 0; k < y.size(); ++k) {
        double const wanted = at[static_cast<std::size_t>(k)];
        CHECK(probability(y[k] + 1e-9) >= wanted - 1e-6);
        CHECK(probability(y[k] - 1e-6) <= wanted + 1e-6);
        if (k > 0) CHECK(y[k] >= y[k - 1]);
      }
    }
  }
  auto const refused = [&](linear_pool const& op, matrix const& q, char const* rule) { check_call_refused(op, [&](auto const& o) { o(q); }, {"linear_pool: ", rule}); };
  std::vector<double> const down{.5, .25}, two{.25, .75}, out{1.5};
  refused({two}, matrix{{2, 1}}, "needs quantiles that do not cross");
  refused({two}, matrix{{2, infinity}}, "needs finite quantiles");
  refused({two}, matrix{{1, 2, 3}}, "needs a level for each column");
  refused({down}, matrix{{1, 2}}, "needs ascending levels");
  refused({two, out}, matrix{{1, 2}}, "needs levels in (0, 1)");
  std::vector<double> const one{.5};
  CHECK(difference(numbers_of(linear_pool{one}(matrix{{3}})), matrix{{3}}) == 0);
  for (tails const t : {tails::linear, tails::normal}) refused({one, {}, t}, matrix{{3}}, "needs two levels or more for its tails");
}

TEST_CASE("opinion pools and proper scores by hand") {
  matrix const p{{.8, .2}, {.4, .6}}, binary{{.7, .3}, {.8, .2}};
  using robagg::opinion_pool, robagg::pooling_rule;
  CHECK(difference(numbers_of(opinion_pool{}(p)), matrix{{.6, .4}}) <= 1e-15);
  CHECK(std::abs(opinion_pool{pooling_rule::logarithmic}(p)[0] - .6202041029) <= 1e-10);
  CHECK(std::abs(opinion_pool{pooling_rule::logarithmic, 2}(binary)[0] - 28 / 31.) <= 1e-12);
  CHECK(std::abs(opinion_pool{pooling_rule::linear, 2}(binary)[0] - .9) <= 1e-12);
  CHECK(difference(numbers_of(opinion_pool{pooling_rule::logarithmic}(matrix{{0, 1}, {.5, .5}})), matrix{{0, 1}}) == 0);
  std::vector<double> const w{0, 1};
  matrix const sure{{0, 1}, {.25, .75}};
  CHECK(difference(numbers_of(opinion_pool{pooling_rule::logarithmic}(robagg::weighted(sure, w))), matrix{{.25, .75}}) <= 1e-15);
  check_refuses(opinion_pool{pooling_rule::logarithmic}, matrix{{0, 1}, {1, 0}}, {"opinion_pool: needs an outcome that is possible to all experts"});
  check_refuses(opinion_pool{}, matrix{{-.1, 1.1}}, {"needs finite probabilities >= 0", "probability = -0.1"});
  check_refuses(opinion_pool{pooling_rule::linear, -1}, p, {"needs a finite extremise >= 0"});
  check_refuses(opinion_pool{}, matrix{{.9}, {.6}, {.1}}, {"opinion_pool: needs two outcomes or more: give both (outcomes = 1)"});
  CHECK_THROWS_WITH(robagg::score_outcome(std::vector{.7}, 0), Catch::Contains("score_outcome: needs two outcomes or more: give both"));
  auto const s = robagg::score_outcome(std::vector{.7, .2, .1}, 0);
  CHECK((std::abs(s.brier - .14) <= 1e-15 && std::abs(s.logarithmic - .35667494393873245) <= 1e-15 && std::abs(s.spherical - .9525793444) <= 1e-10));
  CHECK((std::abs(s.quadratic - .86) <= 1e-15 && std::abs(s.ranked - .1) <= 1e-15));
  CHECK_THROWS_AS(robagg::score_outcome(std::vector{.7, .3}, 2), robagg::bad_input);
}

TEST_CASE("conformal offsets by hand") {
  using robagg::conformal_quantile, robagg::conformal_rank, robagg::conformal_score;
  std::vector<double> const low(4, 0.), middle(4, 1.), high(4, 2.), y{-1, 1.5, 2.5, 4};
  auto const fit = [&](double miss, conformal_score score = conformal_score::symmetric, conformal_rank rank = conformal_rank::exact) {
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
  check_call_refused(conformal_quantile{0}, [&](auto const& op) { op.fit(low, middle, high, y); }, {"conformal_quantile: needs 0 < miscoverage < 1"});
  check_call_refused(conformal_quantile{.1}, [&](auto const& op) { op.fit(low, middle, high, std::vector{1.}); }, {"needs an interval for each outcome"});
  check_call_refused(conformal_quantile{.1}, [&](auto const& op) { op.fit(low, middle, high, std::vector{1., not_a_number, 1., 1.}); }, {"needs numbers", "observation = 1"});
}

TEST_CASE("conformal intervals cover as often as they say") {
  using robagg::conformal_quantile, robagg::conformal_score;
  numbers random(12);
  for (auto const score : {conformal_score::symmetric, conformal_score::asymmetric, conformal_score::m, conformal_score::r}) {
    int covered = 0, all = 0;
    for (int round = 0; round < 2000; ++round) {
      std::vector<double> low, middle, high, y;
      for (int i = 0; i < 20; ++i) {
        double const centre = random.gauss();
        low.push_back(centre - .3), middle.push_back(centre), high.push_back(centre + .5), y.push_back(centre + random.gauss());
      }
      auto const held_out = [&](std::vector<double>& v) { double const last = v.back(); v.pop_back(); return last; };
      double const l = held_out(low), m = held_out(middle), u = held_out(high), outcome = held_out(y);
      auto const interval = conformal_quantile{.miscoverage = .2, .score = score}.fit(low, middle, high, y)(l, m, u);
      covered += interval.lower <= outcome && outcome <= interval.upper, ++all;
    }
    // 19 points: between .8 and .85, give or take four standard deviations of 2,000 draws.
    CHECK((covered >= .8 * all - 4 * 18 && covered <= .86 * all + 4 * 18));
  }
  robagg::adaptive_miscoverage level(.1, .05);
  int misses = 0;
  for (int t = 0; t < 2000; ++t) {
    bool const hit = random.uniform() < 1 - std::clamp(2 * level.level(), 0., 1.);  // intervals that miss twice as often as they say
    misses += !hit, level.add(hit);
  }
  CHECK(std::abs(misses / 2000. - .1) <= (.9 + .05) / (.05 * 2000));
  CHECK_THROWS_AS(robagg::adaptive_miscoverage(0, .1), robagg::bad_input);
}

TEST_CASE("interior trimming averages the extremes, quantiles may be of type 1") {
  matrix const f{{.1, .3, .6}, {.2, .5, .9}, {.05, .2, .4}, {.5, .8, 1}, {0, .1, .2}};
  CHECK(difference(numbers_of(robagg::interior_trimmed_mean{.2}(f)), matrix{{.1875, .4, .625}}) <= 1e-15);
  CHECK(difference(numbers_of(robagg::interior_trimmed_mean{.5}(f)), matrix{{.1875, .4, .625}}) <= 1e-15);
  CHECK(difference(numbers_of(robagg::interior_trimmed_mean{.6}(f)), matrix{{.25, .45, .6}}) <= 1e-15);
  CHECK(same_bits(numbers_of(robagg::interior_trimmed_mean{.1}(f)), numbers_of(robagg::mean{}(f))));
  check_refuses(robagg::interior_trimmed_mean{1}, f, {"interior_trimmed_mean: needs 0 <= share < 1"});
  auto const s = subject_of(robagg::interior_trimmed_mean{.4});
  check_laws(s, {permutation_invariant, scale_equivariant, same_bits_in_any_order_of_storage, workspace_settles, no_columns, needs_a_report, inside_column_range});
  using robagg::quantile, robagg::quantile_rule;
  matrix const x{{1}, {2}, {3}, {4}};
  for (auto const& [p, expected] : {std::pair(0., 1.), {.25, 1.}, {.26, 2.}, {.5, 2.}, {.51, 3.}, {1., 4.}}) {
    CHECK(quantile{p, quantile_rule::inverse_cdf}(x)[0] == expected);
    std::vector<double> const w{2, 2, 2, 2};
    CHECK(quantile{p, quantile_rule::inverse_cdf}(robagg::weighted(x, w))[0] == expected);
  }
}

// SPDX-License-Identifier: BSL-1.0
// Quantile averaging: values by hand, proofs of optimality against a linear programming library, laws, and data that hurt.
#include "history.hpp"

#include <robagg/diagnose.hpp>
#include <robagg/quantile/quantile_averaging.hpp>

#include <iostream>

#ifdef ROBAGG_HAS_GLPK
#include <glpk.h>
#endif

using namespace robagg_test;
using robagg::fit_status, robagg::quantile_averaging, robagg::weight_sharing;

namespace {

double loss_of(forecast_history const& h, Eigen::VectorXd const& w) {
  double sum = 0;
  for (Index i = 0; i < h.n; ++i) {
    for (Index k = 0; k < h.r; ++k) {
      double const e = h.y[static_cast<std::size_t>(i)] - w.dot(h.q.col(k).segment(i * h.p, h.p)),
                   tau = h.levels[static_cast<std::size_t>(k)];
      sum += h.c[static_cast<std::size_t>(i)] * std::max(tau * e, (tau - 1) * e);
    }
  }
  return sum;
}

#ifdef ROBAGG_HAS_GLPK
// The optimum as a linear program: minimise c (tau u + (1 - tau) v) with sum_j w_j q_j + u - v = y, sum w = 1, all >= 0.
// Its tolerances are of the size of the data, so that its weights count, not its objective.
double optimum_of(forecast_history const& h) {
  int const rows = static_cast<int>(h.n * h.r) + 1, p = static_cast<int>(h.p);
  glp_term_out(GLP_OFF);
  glp_prob* const lp = glp_create_prob();
  glp_set_obj_dir(lp, GLP_MIN);
  glp_add_rows(lp, rows), glp_add_cols(lp, p + 2 * (rows - 1));
  std::vector<int> at_row{0}, at_col{0};
  std::vector<double> value{0};
  auto const put = [&](int i, int j, double v) { at_row.push_back(i), at_col.push_back(j), value.push_back(v); };
  for (int j = 1; j <= p + 2 * (rows - 1); ++j) glp_set_col_bnds(lp, j, GLP_LO, 0, 0);
  for (int row = 1; row < rows; ++row) {
    Index const i = (row - 1) / h.r, k = (row - 1) % h.r;
    double const tau = h.levels[static_cast<std::size_t>(k)], c = h.c[static_cast<std::size_t>(i)],
                 y = h.y[static_cast<std::size_t>(i)];
    for (int j = 0; j < p; ++j) put(row, j + 1, h.q(i * h.p + j, k) - y);
    put(row, p + 2 * row - 1, 1), put(row, p + 2 * row, -1);
    glp_set_row_bnds(lp, row, GLP_FX, 0, 0);
    glp_set_obj_coef(lp, p + 2 * row - 1, c * tau), glp_set_obj_coef(lp, p + 2 * row, c * (1 - tau));
  }
  for (int j = 1; j <= p; ++j) put(rows, j, 1);
  glp_set_row_bnds(lp, rows, GLP_FX, 1, 1);
  glp_load_matrix(lp, static_cast<int>(value.size()) - 1, at_row.data(), at_col.data(), value.data());
  glp_smcp options;
  glp_init_smcp(&options);
  options.msg_lev = GLP_MSG_OFF, options.presolve = GLP_ON;
  glp_simplex(lp, &options);
  Eigen::VectorXd w(h.p);
  for (int j = 0; j < p; ++j) w[j] = std::max(0., glp_get_col_prim(lp, j + 1));
  double const best = glp_get_status(lp) == GLP_OPT ? loss_of(h, w / w.sum()) : not_a_number;
  glp_delete_prob(lp);
  return best;
}
#endif

}  // namespace

TEST_CASE("quantile averaging, by hand") {
  std::vector<double> const y{1, 2, 3, 10}, levels{.25, .5, .75};
  matrix q(8, 3);
  for (Index i = 0; i < 4; ++i) {
    double const half = y[static_cast<std::size_t>(i)] / 2;
    q.row(2 * i) << half - 1, half, half + 1;
    q.row(2 * i + 1) << 3, 5, 7;
  }
  auto const coarse = quantile_averaging{.levels = levels}.fit(robagg::cube(q, 4), y);
  CHECK(std::abs(coarse.weights(0, 0) - .75) <= 1e-8);
  CHECK(std::abs(coarse.objective - 9.375) <= 1e-8);
  CHECK(coarse.gap <= 1e-9);
  CHECK(coarse.status == fit_status::optimal);
  auto const each = quantile_averaging{.levels = levels, .weights = weight_sharing::per_level}.fit(robagg::cube(q, 4), y);
  CHECK(difference(each.weights.row(0), matrix{{4 / 7., 3 / 4., 8 / 9.}}) <= 1e-7);
  CHECK(each.objective < coarse.objective);
  // The fit is an aggregator, and pipes.
  CHECK(difference(numbers_of(coarse(q.topRows(2))), matrix{{.75 * -.5 + .75, .75 * .5 + 1.25, .75 * 1.5 + 1.75}}) <= 1e-7);
  CHECK(((coarse | robagg::best{})(q.topRows(2))) == 2);
  auto const first = quantile_averaging{.levels = levels}.fit(robagg::cube(q, 4), y, std::vector<double>{1, 0, 0, 0});
  CHECK(std::abs(first.objective - 5 / 9.) <= 1e-8);  // the weights of observations are those of observations
}

TEST_CASE("fitted weights are optimal, and say so") {
  int problems = 0;
  double worst_gap = 0, worst_excess = 0;
  for (int round = 0; round < (instrumented ? 30 : 300); ++round) {
    numbers random(static_cast<std::uint64_t>(round) + 100);
    Index const n = round % 10 == 9 ? 1 : 1 + random.below(30), p = 1 + random.below(6), r = 1 + random.below(5);
    auto const h = history(static_cast<std::uint64_t>(round), n, p, r, round % 6);
    auto const fit = quantile_averaging{.levels = h.levels}.fit(h.tables(), h.y, h.c);
    Eigen::VectorXd const w = fit.weights.col(0);
    double const scale = std::max(fit.objective, 1e-6 * magnitude(h.q));
    INFO("problem " << round << ": n " << n << ", p " << p << ", r " << r << ", objective " << fit.objective << ", gap "
                    << fit.gap);
    CHECK(bool(fit));
    CHECK(std::abs(loss_of(h, w) - fit.objective) <= 1e-8 * scale);
    CHECK(((w.array() >= 0).all() && std::abs(w.sum() - 1) <= 1e-12));
    CHECK((fit.gap >= 0 && fit.gap <= 1e-8 * scale));
    for (Index j = 0; j < p; ++j) CHECK(fit.objective <= loss_of(h, Eigen::VectorXd::Unit(p, j)) + 1e-8 * scale);
    CHECK(fit.objective <= loss_of(h, Eigen::VectorXd::Constant(p, 1 / static_cast<double>(p))) + 1e-8 * scale);
    worst_gap = std::max(worst_gap, fit.gap / scale);
#ifdef ROBAGG_HAS_GLPK
    if (double const optimum = optimum_of(h); optimum == optimum) {
      CHECK(fit.objective <= optimum + 1e-8 * scale);
      CHECK(fit.objective - fit.gap <= optimum + 1e-9 * scale);  // the bound is one
      worst_excess = std::max(worst_excess, (fit.objective - optimum) / scale), ++problems;
    }
#endif
  }
  std::cout << "quantile_averaging: " << problems << " problems against GLPK, largest excess " << worst_excess
            << ", largest proved gap " << worst_gap << "\n";
}

TEST_CASE("the laws of quantile averaging") {
  auto const h = history(5, 25, 4, 3, 0);
  quantile_averaging const op{.levels = h.levels};
  double const objective = op.fit(h.tables(), h.y).objective;
  auto scaled = h;
  scaled.q *= 8;
  for (double& v : scaled.y) v *= 8;
  CHECK(std::abs(op.fit(scaled.tables(), scaled.y).objective - 8 * objective) <= 1e-7 * objective);
  forecast_history more{h.n, 5, h.r, matrix(h.n * 5, h.r), h.y, h.levels, h.c};
  for (Index i = 0; i < h.n; ++i) {
    more.q.middleRows(5 * i, 4) = h.q.middleRows(4 * i, 4).colwise().reverse();
    more.q.row(5 * i + 4) = h.q.row(4 * i + 1);
  }
  auto const twice = op.fit(more.tables(), h.y);
  CHECK(std::abs(twice.objective - objective) <= 1e-8 * objective);    // other order, one copy more
  CHECK(std::abs(twice.weights(2, 0) - twice.weights(4, 0)) <= 1e-3);  // equal models, equal weights
  double const each =
      quantile_averaging{.levels = h.levels, .weights = weight_sharing::per_level}.fit(h.tables(), h.y).objective;
  double const fine = quantile_averaging{.levels = h.levels, .weights = weight_sharing::fine}.fit(h.tables(), h.y).objective;
  std::vector<Index> const labels{1, 2, 1};
  double const grouped = quantile_averaging{.levels = h.levels, .weights = weight_sharing::grouped, .groups = labels}
                             .fit(h.tables(), h.y)
                             .objective;
  CHECK((fine <= each * (1 + 1e-9) && each <= grouped * (1 + 1e-9) && grouped <= objective * (1 + 1e-9)));
  // A ridge evens the weights out.
  auto const strong = quantile_averaging{.levels = h.levels, .ridge = 1e4}.fit(h.tables(), h.y);
  CHECK((strong.weights.col(0).array() - .25).abs().maxCoeff() < .01);
  CHECK(strong.gap <= 1e-6 * strong.objective);
  // Nothing crosses on the training data.
  auto const apart =
      quantile_averaging{.levels = h.levels, .weights = weight_sharing::per_level, .noncrossing = true}.fit(h.tables(), h.y);
  CHECK((bool(apart) && apart.objective >= each * (1 - 1e-9) && apart.objective <= objective * (1 + 1e-5)));
  for (Index i = 0; i < h.n; ++i) {
    auto const y = apart(h.q.middleRows(4 * i, 4));
    for (Index k = 1; k < 3; ++k) CHECK(y[k] >= y[k - 1] - 1e-7);
  }
}

TEST_CASE("noncrossing fits begin where levels cross, and say so where they have to") {
  // Even weights cross: 5 above .5. No level is below the one before it from a weight of 10/11 for the second model on.
  std::vector<double> const levels = {.25, .75}, y = {3};
  matrix const x{{10, 0}, {0, 1}};
  quantile_averaging const op{.levels = levels, .noncrossing = true};
  auto const fit = op.fit(robagg::cube(x, 1), y);
  CHECK(fit.status == robagg::fit_status::optimal);
  CHECK(fit.gap <= 1e-9);
  auto const found = fit(x);
  CHECK(found[1] >= found[0] - 1e-7);
  CHECK(fit.weights(1, 0) == Approx(10. / 11).margin(1e-6));
  auto const alone = op.fit(robagg::cube(x.topRows(1).eval(), 1), y);
  CHECK_FALSE(alone);
  CHECK(alone.gap == infinity);
}

TEST_CASE("hostile histories end in a status or a sentence") {
  auto h = history(6, 12, 3, 2, 0);
  quantile_averaging const op{.levels = h.levels};
  auto one = h;
  one.q *= 1e300;
  CHECK(op.fit(one.tables(), one.y).weights.allFinite());
  one.q.setConstant(1e308), one.y.assign(12, -1e308);
  CHECK(op.fit(one.tables(), one.y).status == fit_status::overflow);
  auto const nothing = op.fit(h.tables(), h.y, std::vector<double>(12, 0.));
  CHECK((nothing.objective == 0 && (nothing.weights.array() - 1 / 3.).abs().maxCoeff() < 1e-6));
  auto const free = quantile_averaging{
      .levels = h.levels, .weights = weight_sharing::fine, .nonnegative = false, .unit_sum = false, .intercept = true};
  auto const few = history(7, 3, 4, 3, 0);
  auto loose = free;
  loose.levels = few.levels;
  CHECK(loose.fit(few.tables(), few.y).weights.allFinite());  // fewer observations than weights
  auto const refused = [&](quantile_averaging const& o, forecast_history const& x, char const* rule) {
    check_call_refused(o, [&](auto const& q) { q.fit(x.tables(), x.y, x.c); }, {"quantile_averaging: ", rule});
  };
  auto bad = h;
  bad.q(3, 1) = not_a_number;
  refused(op, bad, "needs finite forecasts (observation = 1, model = 0, column = 1");
  bad = h, bad.y[4] = infinity;
  refused(op, bad, "needs finite outcomes (observation = 4");
  bad = h, bad.c[2] = -1;
  refused(op, bad, "needs finite weights >= 0 (observation = 2, weight = -1)");
  bad = h, bad.y.pop_back();
  refused(op, bad, "needs an outcome and a weight for each observation");
  std::vector<double> const wrong{0, .5}, three{.1, .5, .9};
  refused({.levels = wrong}, h, "needs levels in (0, 1)");
  refused({.levels = three}, h, "needs a level for each column");
  refused({.levels = h.levels, .weights = weight_sharing::grouped}, h, "needs a group for each level");
  check_call_refused(op.fit(h.tables(), h.y), [&](auto const& fit) { fit(matrix::Zero(2, 2)); },
                     {"needs the models and levels that it was fitted to"});
}

TEST_CASE("a fit is applied to finite forecasts, and a model may be left out") {
  robagg::quantile_averaging_fit fit;
  fit.weights = matrix{{.5, .5, .2}, {.3, .5, 0}, {.2, 0, .8}}, fit.intercepts = Eigen::Vector3d(0, 1, 0);
  matrix x{{1, 2, 3}, {4, 5, 6}, {8, 8, 8}};
  CHECK(difference(numbers_of(fit(x)), matrix{{3.3, 4.5, 7}}) <= 1e-14);
  x(1, 1) = not_a_number;
  check_refuses(fit, x, {"quantile_averaging_fit: needs finite forecasts (model = 1, column = 1, value = nan)"});
  x(1, 1) = infinity;
  check_refuses(fit, x, {"needs finite forecasts (model = 1, column = 1, value = inf)"});
  x(1, 1) = 5, x(1, 2) = x(2, 1) = not_a_number;  // where those models weigh nothing
  CHECK(difference(numbers_of(fit(x)), matrix{{3.3, 4.5, 7}}) <= 1e-14);
  // Without the second model, by its weight, by absence, and by influence: the others share its weight.
  std::vector<double> const others{1, 0, 1}, twice{2, 2, 2}, last{0, 0, 1};
  matrix const without{{.5 / .7 * 1 + .2 / .7 * 8, 3, 7}};
  CHECK(difference(numbers_of(fit(robagg::weighted(x, others))), without) <= 1e-14);
  x.row(1).setConstant(not_a_number);
  CHECK(difference(numbers_of(fit(robagg::weighted(x, others))), without) <= 1e-14);
  CHECK(difference(numbers_of(fit(robagg::skip_nan(x))), without) <= 1e-14);
  check_refuses(fit, x, {"needs finite forecasts (model = 1, column = 0"});
  check_refuses(fit, robagg::weighted(x, last), {"needs a model that is present and has a weight (level = 1)"});
  x.row(1) << 4, 5, 6;
  x(2, 1) = 8;
  CHECK(difference(numbers_of(fit(robagg::weighted(x, twice))), matrix{{3.3, 4.5, 7}}) <= 1e-14);
  matrix const all = numbers_of(fit(x));
  Eigen::VectorXd const moved = robagg::influence(fit, x);
  CHECK(std::abs(moved(1) - (without - all).norm()) <= 1e-14);
  CHECK(std::isfinite(moved(0)));
  // Two models at the second level: without both there is nothing, and of both influence asks one at a time.
  fit.weights(1, 1) = 0, fit.weights(0, 1) = 1;
  CHECK(robagg::influence(fit, x)(0) == infinity);
  fit.weights(1, 1) = -.5, fit.weights(0, 1) = 1.5;
  CHECK(std::isfinite(fit(x)(1)));
  check_refuses(fit, robagg::weighted(x, others),
                {"needs all models alike where weights may be negative (level = 1, weight = -0.5)"});
  // One weight for every level of every model: its levels go with it.
  robagg::quantile_averaging_fit fine;
  fine.weights = matrix{{.4, 0}, {.1, .2}, {.3, 0}, {.2, .8}}, fine.intercepts = Eigen::Vector2d::Zero();
  matrix y{{1, 2}, {10, 20}};
  CHECK(difference(numbers_of(fine(y)), matrix{{.4 + .2 + 3 + 4, .4 + 16}}) <= 1e-14);
  std::vector<double> const first{1, 0};
  CHECK(difference(numbers_of(fine(robagg::weighted(y, first))), matrix{{(.4 + .2) / .5, 2}}) <= 1e-14);
  CHECK(std::abs(robagg::influence(fine, y)(1) - (matrix{{1.2, 2}} - numbers_of(fine(y))).norm()) <= 1e-14);
}

TEST_CASE("models that come and go leave their weight to the others") {
  using robagg::missing;
  Index const n = 60, p = 3, r = 3;
  std::vector<double> const levels{.1, .5, .9};
  Eigen::MatrixXd q(n * p, r);
  std::vector<double> y;
  for (Index i = 0; i < n; ++i) {
    y.push_back(static_cast<double>(i * 37 % 23));
    for (Index j = 0; j < p; ++j) {
      double const middle = y.back() + static_cast<double>((i * (j + 3) * 7) % 11 - 5) * static_cast<double>(j + 1) / 4;
      q.row(i * p + j) << middle - 1, middle, middle + 1 + static_cast<double>(j);
    }
  }
  auto const fit = [&](Eigen::MatrixXd const& forecasts, missing rule, weight_sharing sharing = weight_sharing::coarse) {
    return quantile_averaging{.levels = levels, .weights = sharing, .missing = rule}.fit(robagg::cube(forecasts, n), y);
  };
  // Nobody absent: the same bits.
  CHECK(fit(q, missing::renormalise).weights == fit(q, missing::refuse).weights);
  // Absent at the same observations as if those were not there.
  Eigen::MatrixXd some = q;
  double const nan = std::numeric_limits<double>::quiet_NaN();
  for (Index i = 0; i < n; i += 4) some.middleRows(i * p, p).setConstant(nan);
  std::vector<double> weights(static_cast<std::size_t>(n), 1.);
  for (std::size_t i = 0; i < weights.size(); i += 4) weights[i] = 0;
  auto const left_out = quantile_averaging{.levels = levels}.fit(robagg::cube(q, n), y, weights);
  CHECK((fit(some, missing::renormalise).weights - left_out.weights).norm() < 1e-6);

  for (auto const sharing : {weight_sharing::coarse, weight_sharing::per_level}) {
    some = q;
    for (Index i = 0; i < n; ++i) {
      if (i % 3 > 0) some.row(i * p + i % 3).setConstant(nan);
    }
    auto const fitted = fit(some, missing::renormalise, sharing);
    CHECK((fitted.weights.colwise().sum().array() - 1).abs().maxCoeff() < 1e-9);
    auto const loss = [&](Eigen::MatrixXd const& w) {
      double sum = 0;
      for (Index i = 0; i < n; ++i) {
        auto moved = fitted;
        moved.weights = w;
        Eigen::VectorXd const out = moved(some.middleRows(i * p, p));
        for (Index k = 0; k < r; ++k) {
          double const e = y[static_cast<std::size_t>(i)] - out[k], tau = levels[static_cast<std::size_t>(k)];
          sum += std::max(tau * e, (tau - 1) * e);
        }
      }
      return sum;
    };
    CHECK(std::abs(loss(fitted.weights) - fitted.objective) < 1e-9 * fitted.objective);
    Eigen::MatrixXd const even = Eigen::MatrixXd::Constant(p, r, 1. / 3);
    CHECK(fitted.objective <= loss(even));
    CHECK(fitted.objective < .9 * loss(even));  // the first model is the best by far
    // The fitted aggregator: one absent, then all but one, who has no weight of its own.
    Eigen::MatrixXd table = q.topRows(p);
    table.row(0).setConstant(nan);
    auto half = fitted;
    half.weights << .5, .5, .5, .25, .25, .25, .25, .25, .25;
    CHECK(half(table).isApprox((q.row(1) + q.row(2)).transpose() / 2));
    half.missing = missing::refuse;
    CHECK_THROWS_WITH(half(table), Catch::Contains("needs finite forecasts"));
  }
  auto const says = [&](char const* words, auto work) { CHECK_THROWS_WITH(work(), Catch::Contains(words)); };
  says("needs finite forecasts", [&] { fit(some, missing::refuse); });
  Eigen::MatrixXd partly = q;
  partly(4, 1) = nan;
  says("needs finite forecasts", [&] { fit(partly, missing::renormalise); });
  Eigen::MatrixXd never = q;
  for (Index i = 0; i < n; ++i) never.row(i * p + 2).setConstant(nan);
  says("needs a forecast of each model (model = 2)", [&] { fit(never, missing::renormalise); });
  says("to renormalise", [&] { fit(q, missing::renormalise, weight_sharing::fine); });
}

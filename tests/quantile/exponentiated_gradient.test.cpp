// SPDX-License-Identifier: BSL-1.0
// Multiplicative steps towards the optimum of quantile averaging, and the proof of how near they are.
#include "history.hpp"

#include <robagg/quantile/exponentiated_gradient.hpp>
#include <robagg/quantile/quantile_averaging.hpp>

using namespace robagg_test;
using robagg::exponentiated_gradient, robagg::fit_status, robagg::quantile_averaging;

TEST_CASE("exponentiated gradient comes near, with a proof") {
  auto const h = history(8, 200, 5, 4, 0);
  double const best = quantile_averaging{.levels = h.levels}.fit(h.tables(), h.y).objective;
  auto const fit = exponentiated_gradient{.levels = h.levels, .iterations = 2000, .tolerance = 1e-9}.fit(h.tables(), h.y);
  CHECK((fit.objective >= best * (1 - 1e-9) && fit.objective <= best * (1 + 1e-3)));
  CHECK((fit.gap >= fit.objective - best - 1e-9 * best && fit.gap <= .02 * best));
  CHECK(std::abs(fit.weights.col(0).sum() - 1) <= 1e-12);
  CHECK(fit.status == fit_status::not_converged);
  CHECK(bool(exponentiated_gradient{.levels = h.levels, .tolerance = .05}.fit(h.tables(), h.y)));
  check_call_refused(exponentiated_gradient{.levels = h.levels, .iterations = 0},
                     [&](auto const& op) { op.fit(h.tables(), h.y); }, {"exponentiated_gradient: needs iterations >= 1"});
}

namespace {
// The sum of weighted pinball losses of the forecasts averaged with such weights of the models.
double averaged_loss(forecast_history const& h, Eigen::VectorXd const& weights, std::vector<double> const& c) {
  double sum = 0;
  for (Index i = 0; i < h.n; ++i) {
    for (Index k = 0; k < h.r; ++k) {
      double forecast = 0;
      for (Index j = 0; j < h.p; ++j) forecast += weights(j) * h.q(i * h.p + j, k);
      double const e = h.y[static_cast<std::size_t>(i)] - forecast, tau = h.levels[static_cast<std::size_t>(k)];
      sum += c[static_cast<std::size_t>(i)] * (e >= 0 ? tau * e : (tau - 1) * e);
    }
  }
  return sum;
}
}  // namespace

TEST_CASE("the weights of exponentiated gradient: shares, whose loss is the objective, on the models that are right") {
  auto h = history(8, 120, 4, 3, 0);
  std::vector<double> const once(120, 1.);
  exponentiated_gradient const op{.levels = h.levels, .iterations = 1000, .tolerance = 1e-12};
  auto const fit = op.fit(h.tables(), h.y);
  REQUIRE((fit.weights.rows() == 4 && fit.weights.cols() == 3 && fit.iterations == 1000));
  CHECK((fit.weights.array() > 0).all());
  CHECK((fit.weights.col(0) == fit.weights.col(1) && fit.weights.col(0) == fit.weights.col(2)));
  CHECK(std::abs(fit.objective / averaged_loss(h, fit.weights.col(0), once) - 1) <= 1e-12);
  // Models are worse one after the other (history.hpp), and weigh less.
  CHECK((fit.weights(0, 0) > fit.weights(1, 0) && fit.weights(1, 0) > fit.weights(2, 0)));
  // No weights of a grid are better than the bound.
  for (double a = 0; a <= 1; a += .1) {
    for (double b = 0; a + b <= 1; b += .1) {
      Eigen::Vector4d const some(a, b, (1 - a - b) / 2, (1 - a - b) / 2);
      CHECK(averaged_loss(h, some, once) >= fit.objective - fit.gap - 1e-9);
    }
  }
  // The order of the models is that of their weights.
  auto swapped = h;
  for (Index i = 0; i < h.n; ++i) swapped.q.row(i * 4).swap(swapped.q.row(i * 4 + 3));
  auto const other = op.fit(swapped.tables(), h.y);
  CHECK(std::abs(other.weights(3, 0) - fit.weights(0, 0)) <= 1e-9);
  CHECK(std::abs(other.weights(0, 0) - fit.weights(3, 0)) <= 1e-9);
  // A model that is always right has nearly all weight; of two that are the same, both have as much.
  for (Index i = 0; i < h.n; ++i) h.q.row(i * 4 + 2).setConstant(h.y[static_cast<std::size_t>(i)]);
  CHECK(op.fit(h.tables(), h.y).weights(2, 0) > .95);
  for (Index i = 0; i < h.n; ++i) h.q.row(i * 4 + 1) = h.q.row(i * 4 + 2);
  auto const twins = op.fit(h.tables(), h.y);
  CHECK(std::abs(twins.weights(1, 0) - twins.weights(2, 0)) <= 1e-12);
}

TEST_CASE("three steps of exponentiated gradient by hand") {
  // One outcome, 0, at level .5; forecasts 1 and 3 are above it: losses, and slopes, of .5 and 1.5 at every step.
  matrix const q{{1}, {3}};
  std::vector<double> const level{.5}, y{0};
  auto const after = [&](Index steps) {
    return exponentiated_gradient{.levels = level, .iterations = steps, .tolerance = 0}.fit(robagg::cube(q, 1), y);
  };
  auto const share = [](double ahead) { return 1 / (1 + std::exp(-ahead)); };
  double const first = 2 * std::sqrt(std::log(2.)), second = share(first), third = share(first + first / std::sqrt(2.));
  CHECK(after(1).weights(0, 0) == .5);
  CHECK(std::abs(after(2).weights(0, 0) - (.5 + second) / 2) <= 1e-15);
  auto const fit = after(3);  // the mean of all steps
  double const mean = (.5 + second + third) / 3;
  CHECK(std::abs(fit.weights(0, 0) - mean) <= 1e-15);
  CHECK(std::abs(fit.objective - .5 * (mean + 3 * (1 - mean))) <= 1e-15);
  CHECK(std::abs(fit.gap - (fit.objective - .5)) <= 1e-15);  // the first alone is the optimum
}

TEST_CASE("weights of observations count as observations that are repeated") {
  auto const h = history(9, 30, 3, 2, 0);
  std::vector<double> const counts = [] {
    std::vector<double> c;
    for (Index i = 0; i < 30; ++i) c.push_back(static_cast<double>(i % 4));
    return c;
  }();
  auto repeated = h;
  repeated.q.resize(0, 2), repeated.y.clear();
  std::vector<Index> rows;
  for (Index i = 0; i < 30; ++i) {
    for (double copy = 0; copy < counts[static_cast<std::size_t>(i)]; ++copy) {
      for (Index j = 0; j < 3; ++j) rows.push_back(i * 3 + j);
      repeated.y.push_back(h.y[static_cast<std::size_t>(i)]);
    }
  }
  repeated.q = pick(h.q, rows), repeated.n = static_cast<Index>(repeated.y.size());
  exponentiated_gradient const op{.levels = h.levels, .iterations = 300, .tolerance = 1e-12};
  auto const weighted = op.fit(h.tables(), h.y, counts), many = op.fit(repeated.tables(), repeated.y);
  CHECK(difference(weighted.weights, many.weights) <= 1e-10);
  CHECK(std::abs(weighted.objective / many.objective - 1) <= 1e-12);
  CHECK(std::abs(weighted.objective / averaged_loss(h, weighted.weights.col(0), counts) - 1) <= 1e-12);
  CHECK(difference(weighted.weights, op.fit(h.tables(), h.y).weights) > 1e-3);
  // Only their proportions matter to the weights of the models, and of weight 0 is absent.
  auto scaled = counts;
  for (double& c : scaled) c *= 1e6;
  CHECK(difference(op.fit(h.tables(), h.y, scaled).weights, weighted.weights) <= 1e-9);
  auto other = h;
  other.q.topRows(3).setConstant(1e6), other.y[0] = -1e6;  // the first counts 0 times
  CHECK(difference(op.fit(other.tables(), other.y, counts).weights, weighted.weights) == 0);
}

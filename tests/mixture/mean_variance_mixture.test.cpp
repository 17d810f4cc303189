// SPDX-License-Identifier: BSL-1.0
// Mean and variance: the slopes prove the optimum, and every face of a small simplex is tried.
#include "laws.hpp"

#include <robagg/mixture/mean_variance_mixture.hpp>

#include <Eigen/QR>

using namespace robagg_test;
using robagg::mean_variance_mixture;

namespace {

struct moments {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;
  moments(matrix const& x, std::vector<double> w) : mean(Eigen::VectorXd::Zero(x.cols())) {
    if (w.empty()) w.assign(static_cast<std::size_t>(x.rows()), 1);
    double total = 0;
    for (double const v : w) total += v;
    Eigen::VectorXd const p = Eigen::Map<Eigen::VectorXd>(w.data(), x.rows()) / total;
    mean = x.transpose() * p;
    matrix const apart = x.rowwise() - mean.transpose();
    covariance = apart.transpose() * p.asDiagonal() * apart;
  }
  double utility(Eigen::VectorXd const& s, double gamma) const { return mean.dot(s) - gamma * s.dot(covariance * s); }
  double gap(Eigen::VectorXd const& s, double gamma) const {
    Eigen::VectorXd const slope = mean - 2 * gamma * covariance * s;
    return slope.maxCoeff() - slope.dot(s);
  }
  // The best of the stationary points of all faces.
  double by_faces(double gamma) const {
    Index const d = mean.size();
    double best = -infinity;
    for (Index set = 1; set < (Index{1} << d); ++set) {
      std::vector<Index> in;
      for (Index i = 0; i < d; ++i) {
        if ((set >> i & 1) != 0) in.push_back(i);
      }
      auto const k = static_cast<Index>(in.size());
      Eigen::MatrixXd A = Eigen::MatrixXd::Zero(k + 1, k + 1);
      Eigen::VectorXd b = Eigen::VectorXd::Zero(k + 1), s = Eigen::VectorXd::Zero(d);
      for (Index a = 0; a < k; ++a) {
        for (Index c = 0; c < k; ++c)
          A(a, c) = 2 * gamma * covariance(in[static_cast<std::size_t>(a)], in[static_cast<std::size_t>(c)]);
        A(a, k) = A(k, a) = 1, b(a) = mean(in[static_cast<std::size_t>(a)]);
      }
      b(k) = 1;
      Eigen::VectorXd const y = A.completeOrthogonalDecomposition().solve(b);
      if ((y.head(k).array() < -1e-12).any() || std::abs(y.head(k).sum() - 1) > 1e-9) continue;
      for (Index a = 0; a < k; ++a) s(in[static_cast<std::size_t>(a)]) = y(a);
      best = std::max(best, utility(s, gamma));
    }
    return best;
  }
};

}  // namespace

TEST_CASE("the stag hunt of risk-averse players") {
  matrix const hunt{{4, 3}, {0, 3}};  // the others hunt the stag, or do not
  std::vector<double> const p = {.9, .1};
  auto const of = [&](double gamma) { return mean_variance_mixture{gamma}.solve(robagg::weighted(hunt, p)); };
  CHECK(of(0).weights == Eigen::Vector2d(1, 0));
  CHECK(std::abs(of(0).mean - 3.6) <= 1e-15);
  CHECK(std::abs(of(0).variance - 1.44) <= 1e-14);
  CHECK(of(.1).weights(0) == 1);
  CHECK(std::abs(of(.1).utility - 3.456) <= 1e-14);
  CHECK(of(.2083).weights(0) == 1);
  CHECK(of(.2084).weights(0) < 1);  // .6 / 2.88
  CHECK(std::abs(of(.5).weights(0) - 5 / 12.) <= 1e-14);
  CHECK(std::abs(of(.5).utility - 3.125) <= 1e-14);
  CHECK(std::abs(of(2).weights(0) - 5 / 48.) <= 1e-14);
  CHECK(std::abs(of(2).utility - 3.03125) <= 1e-14);
}

TEST_CASE("mixtures by mean and variance are the best of all faces") {
  numbers random(3);
  for (int trial = 0; trial < 400; ++trial) {
    Index const n = 1 + random.below(7), d = 1 + random.below(5);
    matrix x = sample(trial % 3 == 0 ? family::grid : family::gauss, n, d, static_cast<std::uint64_t>(trial));
    if (trial % 5 == 0 && d > 2) x.col(d - 1) = (x.col(0) + x.col(1)) / 2;  // a flat direction
    if (trial % 7 == 0 && d > 1) x.col(1) = x.col(0);
    std::vector<double> w;
    for (Index k = 0; k < n; ++k) w.push_back(static_cast<double>(random.below(4)) + (k == 0 ? 1 : 0));
    double const gamma = trial % 11 == 0 ? 0 : std::exp(4 * random.gauss());
    moments const truth(x, w);
    auto const found = mean_variance_mixture{gamma}.solve(robagg::weighted(x, w));
    double const size = 1 + (1 + gamma) * magnitude(x) * magnitude(x);
    CAPTURE(trial, gamma, n, d);
    CHECK((found.weights.array() >= 0).all());
    CHECK(std::abs(found.weights.sum() - 1) <= 1e-13);
    CHECK(std::abs(found.utility - truth.utility(found.weights, gamma)) <= 1e-13 * size);
    CHECK(truth.gap(found.weights, gamma) <= 1e-13 * size);
    CHECK(found.gap <= 1e-13 * size);
    CHECK(found.utility >= truth.by_faces(gamma) - 1e-12 * size);
    CHECK(same_bits(matrix(mean_variance_mixture{gamma}(robagg::weighted(x, w)).transpose()), found.weights.transpose()));
  }
  for (Index const d : {20, 50, 120}) {
    for (double const gamma : {.01, 1., 100.}) {
      matrix const x = gauss(60, d, 5);
      moments const truth(x, {});
      auto const found = mean_variance_mixture{gamma}.solve(x);
      CHECK(truth.gap(found.weights, gamma) <= 1e-12 * (1 + gamma));
      CHECK(found.gap <= 1e-12 * (1 + gamma));
    }
  }
}

TEST_CASE("mean and variance refuse what has none") {
  matrix const x = gauss(3, 2);
  for (double const bad : {-1., not_a_number, infinity})
    check_refuses(mean_variance_mixture{bad}, x, {"mean_variance_mixture: needs a finite gamma >= 0"});
  for (double const bad : {not_a_number, infinity, -infinity, 1e200})
    check_refuses(mean_variance_mixture{1}, matrix{{1, 2}, {bad, 3}}, {"needs finite values", "scenario = 1", "option = 0"});
  check_refuses(mean_variance_mixture{1e300}, matrix{{1e10, 2}, {-1e10, 3}}, {"needs gamma times the variance finite"});
  check_refuses(mean_variance_mixture{1}, matrix(0, 2), {"needs at least one report"});
  check_refuses(mean_variance_mixture{1}, matrix(2, 0), {"needs at least one option"});
  CHECK(mean_variance_mixture{1}(matrix{{1e38, 2}, {1e38, 3}}) == Eigen::Vector2d(1, 0));
  CHECK(mean_variance_mixture{0}(matrix{{1, 1, 0}}) == Eigen::Vector3d(1, 0, 0));  // ties
  check_laws(subject_of(mean_variance_mixture{1}), {same_bits_in_any_order_of_storage, subset_is_those_rows, equal_weights});
}

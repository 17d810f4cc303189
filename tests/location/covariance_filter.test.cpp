// SPDX-License-Identifier: BSL-1.0
// The covariance filter against its rounds written out in the columns' own space; it ends whatever the rows are.
#include "laws.hpp"

#include <robagg/location/covariance_filter.hpp>

#include <Eigen/Eigenvalues>

using namespace robagg_test;
using robagg::covariance_filter;

namespace {
// Rows that are not numbers weigh nothing from the start.
matrix filter_by_rounds(matrix x, Index f) {
  Index const n = x.rows();
  Eigen::VectorXd c = Eigen::VectorXd::Ones(n);
  for (Index i = 0; i < n; ++i) {
    if (!x.row(i).allFinite()) c(i) = 0, x.row(i).setZero();
  }
  matrix best = c.transpose() * x / c.sum();
  for (double least = infinity; f > 0 && c.sum() > static_cast<double>(n - 2 * f);) {
    matrix const mean = c.transpose() * x / c.sum(), centred = x.rowwise() - mean.row(0);
    Eigen::MatrixXd const covariance = centred.transpose() * c.asDiagonal() * centred / c.sum();
    Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> const solver(covariance);
    if (solver.eigenvalues()(x.cols() - 1) < least) least = solver.eigenvalues()(x.cols() - 1), best = mean;
    Eigen::VectorXd const tau = (centred * solver.eigenvectors().col(x.cols() - 1)).array().square();
    double most = 0;
    for (Index i = 0; i < n; ++i) most = c(i) > 0 ? std::max(most, tau(i)) : most;
    if (most == 0) break;
    for (Index i = 0; i < n; ++i) c(i) = c(i) > 0 && tau(i) < most ? c(i) * (1 - tau(i) / most) : 0;
  }
  return best;
}
}  // namespace

TEST_CASE("covariance_filter takes weight from what stands out") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  CHECK((covariance_filter{1}(w5)-Eigen::Vector2d(1.6256679074, 1.7488462235)).norm() < 1e-10);
  CHECK(covariance_filter{0}(w5).isApprox(Eigen::Vector2d(21.3, -18.6), 1e-15));
  // The mean 3 has variance 18; the 9 stands out by 36, the others by 9 and keep 3/4; then the variance is 0.
  CHECK(covariance_filter{1}(matrix{{0, 0, 9}}.transpose())(0) == Approx(0).margin(1e-15));
  CHECK(covariance_filter{2}(matrix{{7, 7, 7, 7, 7}}.transpose())(0) == Approx(7));
  CHECK(covariance_filter{0}(matrix{{3, 4}}) == Eigen::Vector2d(3, 4));
}

TEST_CASE("covariance_filter agrees with its rounds written out") {
  for (Index const n : {3, 5, 8, 12, 30}) {
    for (Index f = 0; 2 * f < n; f += n / 5 + 1) {
      for (Index const d : {1, 3, 40}) {
        for (double const outlier : {1., 30., 1e5}) {
          matrix x = gauss(n, d, 9);
          x.topRows(f) *= outlier;
          INFO("n = " << n << ", f = " << f << ", d = " << d << ", outliers times " << outlier);
          CHECK(difference(in<double>(covariance_filter{f}, x), filter_by_rounds(x, f)) <= 1e-11 * magnitude(x));
          x.row(n - 1).setConstant(f > 0 ? infinity : 1);
          CHECK(difference(in<double>(covariance_filter{f}, x), filter_by_rounds(x, f)) <= 1e-11 * magnitude(x));
        }
      }
    }
  }
}

TEST_CASE("covariance_filter obeys its laws") {
  for (auto s : {subject_of(covariance_filter{2}), subject_of<float>(covariance_filter{2})}) {
    s.slack = 256;  // an eigenvector's digits
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, sign_equivariant,
                   same_bits_in_any_order_of_storage, workspace_settles, no_columns, needs_a_report, subset_is_those_rows,
                   around_is_moving, survives_within(2, 1.5 * 2. / 7 * (1 + 2. / 5) * (1 + 2. / 5))});
  }
  check_laws(subject_of(covariance_filter{0}), {one_row_is_itself});
  check_four_inputs(covariance_filter{2});
  check_outputs(covariance_filter{2});
}

TEST_CASE("covariance_filter ends and stays with the honest whatever f rows send; with more that are NaN it is NaN") {
  for (lie const l : all_lies) {
    for (Index const n : {5, 9, 40}) {
      Index const f = n / 2 - (n > 5);
      matrix const honest = gauss(n - f, 30, 83);
      INFO("liars send " << text(l) << ", n = " << n);
      matrix const y = in<double>(covariance_filter{f}, attack(honest, f, l, std::numeric_limits<double>::max()).table);
      CHECK((y - reference::mean(honest)).norm() <= 30);
    }
  }
  matrix x = gauss(7, 5);
  x.topRows(3).setConstant(not_a_number);
  CHECK(in<double>(covariance_filter{2}, x).array().isNaN().all());
}

TEST_CASE("covariance_filter refuses wrong numbers") {
  check_refuses(covariance_filter{2}, gauss(4, 3), {"covariance_filter: needs n > 2f", "n = 4", "f = 2"});
  check_refuses(covariance_filter{-1}, gauss(4, 3), {"needs f >= 0", "f = -1"});
}

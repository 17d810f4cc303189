// SPDX-License-Identifier: BSL-1.0
// Smallest maximum eigenvalue averaging against the covariance of every subset.
#include "laws.hpp"

#include <robagg/location/smallest_max_eigenvalue_averaging.hpp>

#include <Eigen/Eigenvalues>

using namespace robagg_test;
using robagg::smallest_max_eigenvalue_averaging;

namespace {
double largest_variance(matrix const& x) {
  matrix const centred = x.rowwise() - reference::mean(x).row(0);
  Eigen::MatrixXd const scatter = centred.transpose() * centred;
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(scatter, Eigen::EigenvaluesOnly).eigenvalues()(x.cols() - 1);
}
matrix calmest_of_all(matrix const& x, Index f) {
  std::vector<Index> best;
  double least = infinity;
  for (auto const& rows : reference::subsets(x.rows(), x.rows() - f)) {
    double const value = largest_variance(pick(x, rows));
    if (best.empty() || value < least * (1 - 1e-11)) least = value, best = rows;
  }
  return reference::mean(pick(x, best));
}
}  // namespace

TEST_CASE("smallest_max_eigenvalue_averaging averages the subset that scatters least") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  CHECK(smallest_max_eigenvalue_averaging{1}(w5) == Eigen::Vector2d(1.625, 1.75));
  // 0, 0 and 5: two equal rows do not scatter at all.
  CHECK(smallest_max_eigenvalue_averaging{1}(matrix{{0, 0, 5}}.transpose())(0) == 0);
  CHECK(smallest_max_eigenvalue_averaging{1}(matrix{{0, 1, 2}}.transpose())(0) == .5);  // a tie: the first rows
  CHECK(smallest_max_eigenvalue_averaging{2}(matrix{{7, 7, 7, 7, 7}}.transpose())(0) == Approx(7));
  CHECK(smallest_max_eigenvalue_averaging{0}(matrix{{3, 4}}) == Eigen::Vector2d(3, 4));
  // A cross: without its farthest end along the long arm, though both ends of the other are as far from the middle.
  matrix const cross{{3, 0}, {-3, 0}, {0, 2}, {0, -2}, {3.5, 0}};
  CHECK(smallest_max_eigenvalue_averaging{1}(cross) == Eigen::Vector2d(1.625, 0));
}

TEST_CASE("smallest_max_eigenvalue_averaging agrees with every subset") {
  for (Index const n : {1, 2, 3, 5, 7, 8, 9}) {
    for (Index f = 0; 2 * f < n; ++f) {
      for (family const kind : {family::gauss, family::grid, family::offset}) {
        for (Index const d : {1, 3, 12}) {
          matrix const x = sample(kind, n, d, 7);
          INFO("family " << static_cast<int>(kind) << ", n = " << n << ", f = " << f << ", d = " << d);
          CHECK(difference(in<double>(smallest_max_eigenvalue_averaging{f}, x), calmest_of_all(x, f)) <= 1e-14 * magnitude(x));
        }
      }
    }
  }
}

TEST_CASE("smallest_max_eigenvalue_averaging obeys its laws") {
  for (auto const& s :
       {subject_of(smallest_max_eigenvalue_averaging{2}), subject_of<float>(smallest_max_eigenvalue_averaging{2})}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, sign_equivariant,
                   same_bits_in_any_order_of_storage, workspace_settles, no_columns, needs_a_report, subset_is_those_rows,
                   around_is_moving, survives_within(2, 4 * 2. / 7 * (1 + 2. / 5) * (1 + 2. / 5))});
  }
  check_laws(subject_of(smallest_max_eigenvalue_averaging{0}), {one_row_is_itself});
  check_four_inputs(smallest_max_eigenvalue_averaging{2});
  check_outputs(smallest_max_eigenvalue_averaging{2});
}

TEST_CASE("smallest_max_eigenvalue_averaging leaves out what is not a number or far; with more than f it is NaN") {
  for (lie const l : {lie::nan, lie::plus_infinity, lie::e30, lie::e38, lie::largest, lie::mixed}) {
    for (Index const n : {5, 9}) {
      auto const a = attack(gauss(n - 2, 30, 83), 2, l, std::numeric_limits<double>::max());
      INFO("liars send " << text(l) << ", n = " << n);
      CHECK(difference(in<double>(smallest_max_eigenvalue_averaging{2}, a.table), reference::mean(gauss(n - 2, 30, 83))) <
            1e-14);
    }
  }
  matrix x = gauss(7, 5);
  x.topRows(3).setConstant(not_a_number);
  CHECK(in<double>(smallest_max_eigenvalue_averaging{2}, x).array().isNaN().all());
}

TEST_CASE("smallest_max_eigenvalue_averaging ends for 16 rows of any kind") {
  for (family const kind : {family::gauss, family::grid}) {
    for (Index const d : {2, 40}) CHECK(in<double>(smallest_max_eigenvalue_averaging{5}, sample(kind, 16, d, 3)).allFinite());
  }
}

TEST_CASE("smallest_max_eigenvalue_averaging refuses wrong numbers") {
  check_refuses(smallest_max_eigenvalue_averaging{2}, gauss(4, 3),
                {"smallest_max_eigenvalue_averaging: needs n > 2f", "n = 4", "f = 2"});
  check_refuses(smallest_max_eigenvalue_averaging{-1}, gauss(4, 3), {"needs f >= 0", "f = -1"});
}

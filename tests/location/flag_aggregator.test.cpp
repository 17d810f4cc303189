// SPDX-License-Identifier: BSL-1.0
// The flag aggregator against bases in d-space, its two scales, weights, and rows without a direction.
#include "laws.hpp"

#include <robagg/location/flag_aggregator.hpp>

#include <Eigen/Eigenvalues>

using namespace robagg_test;
using robagg::flag_aggregator;
using robagg::scale;

namespace {
using dense = Eigen::MatrixXd;

matrix directions(matrix x) {
  for (Index i = 0; i < x.rows(); ++i) x.row(i) /= std::max(x.row(i).norm(), 1e-300);
  return x;
}
double sines(matrix const& z, dense const& basis) {
  double sum = 0;
  for (Index i = 0; i < z.rows(); ++i) sum += std::sqrt(std::max(0., 1 - (z.row(i) * basis).squaredNorm()));
  return sum;
}
// The basis of the best m dimensions for weighted columns, from the d x d matrix of their products.
dense top_basis(dense const& scatter, Index m) {
  return Eigen::SelfAdjointEigenSolver<dense>(scatter).eigenvectors().rightCols(std::min(m, scatter.cols()));
}
matrix flag_mean(matrix const& x, Index m, double lambda, Index steps, double divisor) {
  matrix const z = directions(x);
  Index const n = x.rows();
  auto const weight = [](auto const& v, dense const& basis) {
    return 1 / std::sqrt(std::abs(1 - (v * basis).squaredNorm()) + 1e-7);
  };
  dense basis = top_basis(z.transpose() * z, m);
  for (Index t = 0; t < steps; ++t) {
    dense scatter = dense::Zero(x.cols(), x.cols());
    for (Index i = 0; i < n; ++i) {
      scatter += weight(z.row(i), basis) * z.row(i).transpose() * z.row(i);
      for (Index k = 0; k < n; ++k) {
        if (k == i) continue;
        Eigen::RowVectorXd const gap = z.row(i) - z.row(k);
        double const share = lambda / static_cast<double>(n * (n - 1));
        scatter += share * share * weight(gap, basis) * gap.transpose() * gap;
      }
    }
    dense const next = top_basis(scatter, m);
    double const before = sines(z, basis), after = sines(z, next);
    if (!(before > 1e-10) || !(after < before)) break;
    basis = next;
    if (!(before - after > 1e-10)) break;
  }
  return (z.colwise().sum() * basis * basis.transpose()) / divisor;
}
}  // namespace

TEST_CASE("flag_aggregator projects directions on the subspace nearest to them") {
  matrix const x{{1, .1, 0}, {1, -.1, 0}, {.9, 0, .1}, {-1, 5, 5}};
  CHECK(difference(in<double>(flag_aggregator{.subspace = 1}, x), matrix{{2.87077379, -.02040344, .13604078}}) <= 1e-8);
  CHECK(difference(in<double>(flag_aggregator{.subspace = 1, .scale = scale::rows}, x),
                   matrix{{.71769345, -.00510086, .03401019}}) <= 1e-8);
  CHECK(difference(in<double>(flag_aggregator{.subspace = 2}, x), matrix{{1.41720954, .30224658, .45215876}}) <= 1e-8);
  CHECK(difference(in<double>(flag_aggregator{}, x), directions(x).colwise().sum() / 3) <= 1e-14);  // everything
  for (auto const& [n, d] : {std::pair<Index, Index>{4, 7}, {7, 3}, {9, 12}}) {
    matrix y = gauss(n, d, 7);
    for (Index i = 0; i < n; ++i) y.row(i) *= std::pow(10., i % 5);  // lengths do not count
    y.row(1) *= 1e12;
    for (Index const m : {1, 2}) {
      for (double const lambda : {0., 6.}) {
        for (Index const steps : {0, 1, 4}) {
          INFO("n = " << n << ", d = " << d << ", m = " << m << ", lambda = " << lambda << ", steps = " << steps);
          flag_aggregator const op = {.subspace = m, .lambda = lambda, .iterations = steps};
          CHECK(difference(in<double>(op, y), flag_mean(y, m, lambda, steps, static_cast<double>(m))) <= 1e-10);
        }
      }
    }
  }
}

TEST_CASE("flag_aggregator obeys its laws") {
  flag_aggregator const op = {.subspace = 3, .lambda = 2, .iterations = 3};
  for (auto s : {subject_of(op), subject_of<float>(op)}) {
    s.slack = s.epsilon < 1e-10 ? 1000 : 256;
    check_laws(s, {permutation_invariant, sign_equivariant, same_bits_in_any_order_of_storage, workspace_settles, no_columns,
                   needs_a_report, subset_is_those_rows, around_is_moving, equal_weights, weight_zero_is_absent});
  }
  check_laws(subject_of(op), {weights_are_relative});
  auto s = subject_of(flag_aggregator{});
  s.slack = 1000;
  check_laws(s, {weight_zero_is_absent});  // the default subspace is that of the rows present
  s = subject_of(flag_aggregator{.subspace = 3, .scale = scale::rows});
  s.slack = 1e-9 / s.epsilon;
  check_weights_repeat(s, s, {1, 2, 3, 1, 4, 1, 2});
  matrix const x = gauss(9, 20);
  CHECK(difference(in<double>(op, 8 * x), in<double>(op, x)) <= 1e-13);  // lengths do not count
}

TEST_CASE("no lie makes flag_aggregator longer than its scale says") {
  for (lie const l : all_lies) {
    matrix const honest = rounded<float>(gauss(5, 30, 5));
    auto const single = attack(honest, 4, l, std::numeric_limits<float>::max());
    auto const twice = attack(honest, 4, l, std::numeric_limits<double>::max());
    INFO("liars send " << text(l));
    CHECK(in<double>(flag_aggregator{.scale = scale::rows}, twice.table).norm() <= 1 + 1e-9);
    CHECK(in<float>(flag_aggregator{.lambda = 1, .scale = scale::rows}, single.table).norm() <= 1 + 1e-5);
    CHECK(in<double>(flag_aggregator{.subspace = 4}, single.table).norm() <= 9. / 4 * (1 + 1e-9));
  }
}

TEST_CASE("rows without a direction, and equal ones") {
  matrix x = gauss(7, 5);
  matrix const honest = x.topRows(4);
  x.bottomRows(3).setConstant(not_a_number);
  CHECK(difference(in<double>(flag_aggregator{}, x), in<double>(flag_aggregator{}, honest)) <= 1e-13);
  x.row(3).setConstant(infinity);
  CHECK(flag_aggregator{}(x).array().isNaN().all());  // half of the weight or more
  CHECK(flag_aggregator{}(matrix::Zero(3, 4)).isZero(0));
  matrix with_zero = gauss(4, 5);
  with_zero.row(2).setZero();  // has no direction, and counts in the scale
  CHECK(difference(in<double>(flag_aggregator{.subspace = 4, .scale = scale::rows}, with_zero),
                   directions(with_zero).colwise().sum() / 4) <= 1e-14);
  matrix const equal = gauss(1, 6).replicate(5, 1);
  CHECK(difference(in<double>(flag_aggregator{.scale = scale::rows}, equal), directions(equal.topRows(1))) <= 1e-14);
  CHECK(difference(in<double>(flag_aggregator{.lambda = 1}, equal.topRows(1)), directions(equal.topRows(1))) <= 1e-14);
}

TEST_CASE("flag_aggregator refuses parameters out of range, and reads every input kind twice") {
  check_refuses(flag_aggregator{.subspace = 4}, gauss(3, 2),
                {"flag_aggregator: needs 1 <= subspace <= n", "subspace = 4", "n = 3"});
  check_refuses(flag_aggregator{.subspace = -1}, gauss(3, 2), {"or 0 for the default", "subspace = -1"});
  check_refuses(flag_aggregator{.lambda = -1}, gauss(3, 2), {"needs a finite lambda >= 0", "lambda = -1"});
  check_refuses(flag_aggregator{.lambda = infinity}, gauss(3, 2), {"needs a finite lambda >= 0"});
  check_refuses(flag_aggregator{.iterations = -1}, gauss(3, 2), {"needs iterations >= 0", "iterations = -1"});
  CHECK(robagg::describe(flag_aggregator{.subspace = 2, .scale = scale::rows}) ==
        "flag_aggregator{.subspace = 2, .scale = rows}");
  check_four_inputs(flag_aggregator{});
  check_outputs(flag_aggregator{});
  auto const r = count_reads<float>(gauss(9, 700), [](auto const& e) { flag_aggregator{}(e); });
  CHECK(r.least() == 2);
  CHECK(r.most() == 2);
}

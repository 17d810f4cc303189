// SPDX-License-Identifier: BSL-1.0
// Eigenvalues and vectors of small symmetric matrices: by hand, against Eigen's solver, of every rank and scale.
#include "inputs.hpp"

#include <robagg/detail/geometry/eigen.hpp>

#include <Eigen/Eigenvalues>

using namespace robagg_test;

namespace {
// Values as Eigen has them, unit vectors at right angles to one another, and a v = value v; all as a share of the largest.
void check_decomposition(matrix const& a, double scale = 1) {
  Index const n = a.rows();
  robagg::workspace ws;
  auto table = ws.table<double>(n, n);
  table = a * scale;
  auto const [values, vectors] = robagg::detail::eigen_decomposition(table, ws);
  double const allowed = 1e-15 * static_cast<double>(4 * n + 8), size = std::max(a.norm(), 1e-300);
  INFO("n = " << n << ", norm " << a.norm() << ", scale " << scale);
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> const truth(a);
  CHECK((values / scale - truth.eigenvalues()).norm() <= allowed * size);
  CHECK((vectors * vectors.transpose() - matrix::Identity(n, n)).norm() <= allowed);
  matrix const spanned = vectors.transpose() * (values / scale).asDiagonal() * vectors;
  CHECK((spanned - a).norm() <= allowed * size);
  for (Index i = 1; i < n; ++i) CHECK(values(i) >= values(i - 1));
  CHECK(std::abs(robagg::detail::largest_eigenvalue(table, ws) / scale - truth.eigenvalues()(n - 1)) <= allowed * size);
}
}  // namespace

TEST_CASE("eigenvalues of matrices that are known by hand") {
  robagg::workspace ws;
  auto a = ws.table<double>(3, 3);
  a << 2, 1, 0, 1, 2, 0, 0, 0, -5;
  auto const [values, vectors] = robagg::detail::eigen_decomposition(a, ws);
  CHECK((values - Eigen::Vector3d(-5, 1, 3)).norm() < 1e-14);
  CHECK(std::abs(std::abs(vectors(0, 2)) - 1) < 1e-15);
  CHECK(std::abs(vectors(2, 0) - vectors(2, 1)) < 1e-15);
  CHECK(robagg::detail::largest_eigenvalue(a, ws) == Approx(3));
  auto one = ws.table<double>(1, 1);
  one(0, 0) = -7;
  CHECK(robagg::detail::largest_eigenvalue(one, ws) == -7);
}

TEST_CASE("eigen decompositions agree with Eigen's") {
  for (Index const n : {1, 2, 3, 4, 7, 16, 33, 100}) {
    matrix const x = gauss(n, n, 3), few = gauss(n, 2, 5), grid = sample(family::grid, n, n, 7);
    matrix graded = x + x.transpose();
    for (Index i = 0; i < n * n; ++i) graded.data()[i] *= std::pow(10., -static_cast<double>(i % n + i / n));
    matrix chain = 2 * matrix::Identity(n, n);  // already tridiagonal
    for (Index i = 1; i < n; ++i) chain(i, i - 1) = chain(i - 1, i) = -1;
    for (double const scale : {1., 0x1p-990, 0x1p990, 0x1p-60}) check_decomposition(x + x.transpose(), scale);
    check_decomposition(few * few.transpose());
    check_decomposition(grid * grid.transpose());
    check_decomposition(graded);
    check_decomposition(graded.reverse());
    check_decomposition(chain);
    check_decomposition(matrix::Zero(n, n));
    check_decomposition(matrix::Identity(n, n));
    check_decomposition(matrix::Ones(n, n));
  }
}

TEST_CASE("an eigen decomposition of what is not a number ends, and the second one allocates nothing") {
  robagg::workspace ws;
  auto const run = [&ws] {
    auto const scope = ws.scope();
    auto a = ws.table<double>(20, 20);
    for (double const v : {not_a_number, infinity}) {
      a.setConstant(v);
      robagg::detail::eigen_decomposition(a, ws);
    }
    a.setIdentity();
    return robagg::detail::largest_eigenvalue(a, ws);
  };
  CHECK(run() == 1);
  auto const held = ws.bytes();
  CHECK(run() == 1);
  CHECK(ws.bytes() == held);
}

// SPDX-License-Identifier: BSL-1.0
// The eigenvalues of a small symmetric matrix in workspace memory: reflections to a tridiagonal matrix, then
// implicitly shifted QR steps (Golub and Van Loan, sections 8.3.1 to 8.3.3). Eigen's own solver allocates. Matrices are
// workspace::table_map<double>; `auto` makes templates of the functions, so that only those who call them compile them.
#pragma once

#include "../../workspace.hpp"
#include "../base/dot.hpp"

#include <cmath>
#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

struct eigenpairs {
  workspace::vector_map<double> values;  ///< ascending
  workspace::table_map<double> vectors;  ///< row i is the unit vector of values(i)
};

// The power of two next to the largest entry: dividing by it neither rounds nor overflows. 1 for a matrix of zeros.
inline double magnitude_of(workspace::table_map<double> const& a) {
  double most = 0;
  for (Index i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a.data()[i]));
  return most > 0 && most <= std::numeric_limits<double>::max() ? std::ldexp(1., std::ilogb(most)) : 1;
}

// a = Q T Q': T's diagonal d, what is beside it e, and Q' in `vectors` where that has rows. a is lost.
void tridiagonalise(auto& a, auto& d, auto& e, auto& vectors, workspace& ws) {
  auto const scope = ws.scope();
  Index const n = a.rows();
  auto half_square = ws.vector<double>(n);  // of the reflections' normals, which replace the rows of a; 0 is none
  double* const p = ws.vector<double>(n).data();
  for (Index k = 0; k + 1 < n; ++k) {
    Index const m = n - k - 1;
    double* const v = row_of(a, k) + k + 1;
    double const square = detail::dot(v + 1, v + 1, m - 1);
    e(k) = v[0];
    half_square(k) = 0;
    if (square < 1e-280) continue;  // nothing beside 1, the largest entry; smaller squares have few digits
    double const norm = std::sqrt(square + v[0] * v[0]);
    e(k) = v[0] > 0 ? -norm : norm;
    v[0] -= e(k);
    double const h = half_square(k) = norm * std::abs(v[0]);
    for (Index i = 0; i < m; ++i) p[i] = detail::dot(row_of(a, k + 1 + i) + k + 1, v, m) / h;
    detail::add_multiple(-.5 * detail::dot(v, p, m) / h, v, m, p);
    for (Index i = 0; i < m; ++i) {
      double* const rest = row_of(a, k + 1 + i) + k + 1;
      for (Index j = 0; j < m; ++j) rest[j] -= v[i] * p[j] + p[i] * v[j];
    }
  }
  for (Index k = 0; k < n; ++k) d(k) = a(k, k);
  if (vectors.rows() == 0) return;
  vectors.setIdentity();
  for (Index k = n - 2; k >= 0; --k) {
    if (half_square(k) == 0) continue;
    Index const m = n - k - 1;
    double const* const v = row_of(a, k) + k + 1;
    for (Index i = k + 1; i < n; ++i) {
      double* const row = row_of(vectors, i) + k + 1;
      detail::add_multiple(-detail::dot(row, v, m) / half_square(k), v, m, row);
    }
  }
}

// The eigenvalues of the tridiagonal matrix, in d; the rotations go to the rows of `vectors` where there are any.
void diagonalise(auto& d, auto& e, auto& vectors) {
  constexpr double unit = .5 * std::numeric_limits<double>::epsilon();
  Index high = d.size() - 1;
  // Two or three steps an eigenvalue are usual; the bound is for entries that are not numbers.
  for (Index step = 0; high > 0 && step < 60 * d.size(); ++step) {
    auto const negligible = [&](Index k) { return !(std::abs(e(k)) > unit * (std::abs(d(k)) + std::abs(d(k + 1))) + 1e-40); };
    while (high > 0 && negligible(high - 1)) --high;
    if (high == 0) break;
    Index low = high - 1;
    while (low > 0 && !negligible(low - 1)) --low;
    double const last = e(high - 1), delta = .5 * (d(high - 1) - d(high));
    double x = d(low) - d(high) + last * (last / (delta + std::copysign(std::hypot(delta, last), delta))), z = e(low);
    for (Index k = low; k < high; ++k) {
      double const r = std::hypot(x, z), c = r > 0 ? x / r : 1, s = r > 0 ? z / r : 0;
      double const beside = e(k), t = s * (d(k + 1) - d(k)) + 2 * c * beside;
      if (k > low) e(k - 1) = r;
      d(k) += s * t;
      d(k + 1) -= s * t;
      e(k) = c * t - beside;
      if (k + 1 < high) {
        x = e(k);
        z = s * e(k + 1);
        e(k + 1) *= c;
      }
      for (Index j = 0; j < vectors.cols(); ++j) {
        double const upper = vectors(k, j), lower = vectors(k + 1, j);
        vectors(k, j) = c * upper + s * lower;
        vectors(k + 1, j) = c * lower - s * upper;
      }
    }
  }
}

void decompose(auto const& symmetric, auto& values, auto vectors, workspace& ws) {
  auto const scope = ws.scope();
  Index const n = symmetric.rows();
  auto a = ws.table<double>(n, n);
  auto e = ws.vector<double>(n);
  double const magnitude = magnitude_of(symmetric);
  a = symmetric / magnitude;
  detail::tridiagonalise(a, values, e, vectors, ws);
  detail::diagonalise(values, e, vectors);
  values *= magnitude;
}

eigenpairs eigen_decomposition(auto const& symmetric, workspace& ws) {
  Index const n = symmetric.rows();
  eigenpairs pairs{ws.vector<double>(n), ws.table<double>(n, n)};
  detail::decompose(symmetric, pairs.values, pairs.vectors, ws);
  for (Index i = 0; i < n; ++i) {
    Index least = i;
    for (Index k = i + 1; k < n; ++k) least = pairs.values(k) < pairs.values(least) ? k : least;
    if (least == i) continue;
    std::swap(pairs.values(i), pairs.values(least));
    pairs.vectors.row(i).swap(pairs.vectors.row(least));
  }
  return pairs;
}

/// Of at least one row.
double largest_eigenvalue(auto const& symmetric, workspace& ws) {
  auto const scope = ws.scope();
  auto values = ws.vector<double>(symmetric.rows());
  detail::decompose(symmetric, values, ws.table<double>(0, 0), ws);
  double most = values(0);
  for (Index i = 1; i < values.size(); ++i) most = std::max(most, values(i));
  return most;
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/geometry/direction.hpp"
#include "../detail/geometry/eigen.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// What the flag aggregator divides its sum by: the dimension of the subspace, or the number of reports.
enum class scale { subspace, rows };
constexpr std::array<std::string_view, 2> enumerators(scale) { return {"subspace", "rows"}; }

/// Finds the subspace with the least sum of sines to the reports' directions z_i = x_i / |x_i|, adds up the directions'
/// projections on it, and divides the sum by `scale`. Lengths do not count.
///
/// Shapes     n x d reports -> d.
/// Ranges     subspace 0..n, where 0 means ceil((n+1)/2), of the rows that have a geometry; lambda >= 0, how much the
///            differences between directions count; iterations >= 0, where 0 is the unweighted flag mean.
/// Errors     a parameter out of range; n = 0.
/// Guarantee  its norm is at most n / subspace, or 1 with scale::rows, whatever the reports are. No other is known:
///            rows of one direction can own a dimension of the subspace.
/// Cost       one read for the geometry, O(n^2 d), O(n^3) an iteration, one read for the result. Stops after
///            `iterations` steps, or when one takes off less than 1e-10; a step that takes off nothing is undone.
/// NaN        rows without a finite norm weigh nothing; if they are half of the weight or more, every column is NaN.
/// Weights    relative, as if their mean were 1: with lambda = 0, scale::rows and a subspace that is given, a row of
///            weight 2 counts as two equal rows.
/// Ties       where the subspace is not unique, one of them. Rows at the origin have no direction; they count in n.
/// Source     Almasi et al., Flag aggregator: scalable distributed training under failures and augmented losses using
///            convex optimization, 2024. Its code takes one step from a random start.
/// Example    examples/federated_round.cpp
struct flag_aggregator {
  Index subspace = 0;
  double lambda = 0;
  Index iterations = 5;
  robagg::scale scale = robagg::scale::subspace;

  static constexpr int reads = detail::has_weights | detail::has_origin;
  static constexpr Index matrices = 11;
  static constexpr void parameters(auto& op, auto visit) {
    visit("subspace", op.subspace), visit("lambda", op.lambda), visit("iterations", op.iterations);
    visit("scale", op.scale);
  }

  bool enough(Index n) const { return subspace <= n; }
  void check(Index n) const {
    if (subspace < 0 || !enough(n)) {
      detail::refuse(*this, "needs 1 <= subspace <= n, or 0 for the default", {{"subspace", subspace}, {"n", n}});
    }
    if (!(lambda >= 0 && lambda < detail::infinity)) {
      detail::refuse(*this, "needs a finite lambda >= 0", {{"lambda", lambda}});
    }
    if (iterations < 0) detail::refuse(*this, "needs iterations >= 0", {{"iterations", iterations}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::combine(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// The projections' sum as a combination of the reports; what is missing to 1 is the origin's.
  // A template, as all rules that take eigenvectors: only those who use it compile it.
  geometry::vector weights(auto const& g, workspace& ws) const {
    Index const n = g.rows();
    auto result = ws.vector<double>(n);
    auto const scope = ws.scope();
    auto alpha = ws.vector<double>(n);  // the reports' weights, 0 without a geometry
    Index present = 0;
    for (Index i = 0; i < n; ++i) {
      alpha(i) = g.norm(i) < detail::infinity ? g.weight(i) : 0;
      present += alpha(i) > 0;
    }
    double const total = detail::sum(alpha);
    if (!(2 * total > (1 + g.weight_rounding()) * g.total_weight())) {
      result.setConstant(std::numeric_limits<double>::quiet_NaN());
      return result;
    }
    double const rows = static_cast<double>(present);
    alpha *= rows / total;

    // Coordinates in the span of the directions: Z Z' = E diag(s) E', and row i of R = E sqrt(s) stands for z_i.
    auto cosines = ws.table<double>(n, n);
    for (Index i = 0; i < n; ++i) {
      for (Index k = 0; k <= i; ++k) {
        bool const both = alpha(i) > 0 && alpha(k) > 0 && detail::has_direction(g, i) && detail::has_direction(g, k);
        cosines(i, k) = cosines(k, i) = !both ? 0 : i == k ? 1 : detail::cosine(g, i, k);
      }
    }
    auto const [values, vectors] = detail::eigen_decomposition(cosines, ws);
    Index rank = 0;
    while (rank < n && values(n - 1 - rank) > 1e-12 * values(n - 1)) ++rank;
    Index const m = subspace > 0 ? subspace : (present + 2) / 2, kept = std::min(m, rank);
    auto R = ws.table<double>(n, rank);
    for (Index c = 0; c < rank; ++c) R.col(c) = std::sqrt(values(n - rank + c)) * vectors.row(n - rank + c).transpose();

    auto Q = ws.table<double>(kept, rank);  // rows: an orthonormal basis of the subspace
    auto next = ws.table<double>(kept, rank);
    auto Y = ws.table<double>(n, kept);  // the directions' coordinates in it
    auto M = ws.table<double>(n, n);     // the directions' weights in a step
    M.setZero();
    M.diagonal() = alpha;
    span(R, M, Q, ws);
    coordinates(R, Q, Y);
    double sines = sum_of_sines(Y, alpha), taken_off = 1;
    for (Index step = 0; step < iterations && sines > 1e-10 && taken_off > 1e-10; ++step) {
      weigh(Y, alpha, rows, M);
      span(R, M, next, ws);
      coordinates(R, next, Y);
      double const now = sum_of_sines(Y, alpha);
      taken_off = sines - now;
      if (taken_off > 0) {
        Q = next;
        sines = now;
      }
    }

    // E diag(1/sqrt(s)) Q'Q R' alpha, about the origin and by length.
    auto sum = ws.vector<double>(rank), projected = ws.vector<double>(kept), back = ws.vector<double>(rank);
    detail::multiply_transposed(R, alpha, sum);
    detail::multiply(Q, sum, projected);
    detail::multiply_transposed(Q, projected, back);
    double const divisor = scale == robagg::scale::rows ? rows : static_cast<double>(m);
    for (Index i = 0; i < n; ++i) {
      bool const counts = alpha(i) > 0 && detail::has_direction(g, i);
      double a = 0;
      for (Index c = 0; c < rank; ++c) a += R(i, c) / values(n - rank + c) * back(c);
      result(i) = counts ? a / divisor / g.norm(i) : 0;
    }
    return result;
  }

 private:
  // The rows of Q become the top eigenvectors of R'MR.
  static void span(auto const& R, auto const& M, auto& Q, workspace& ws) {
    auto const scope = ws.scope();
    Index const rank = R.cols();
    auto MR = ws.table<double>(R.rows(), rank), S = ws.table<double>(rank, rank);
    detail::multiply_tables(M, R, MR);
    S.setZero();
    for (Index i = 0; i < R.rows(); ++i) {
      for (Index a = 0; a < rank; ++a) detail::add_multiple(R(i, a), detail::row_of(MR, i), rank, detail::row_of(S, a));
    }
    Q = detail::eigen_decomposition(S, ws).vectors.bottomRows(Q.rows());
  }
  // Y = R Q'.
  static void coordinates(auto const& R, auto const& Q, auto& Y) {
    for (Index i = 0; i < Y.rows(); ++i) {
      for (Index c = 0; c < Y.cols(); ++c) Y(i, c) = detail::dot(detail::row_of(R, i), detail::row_of(Q, c), R.cols());
    }
  }
  static double square_of_gap(auto const& Y, Index i, Index k) {
    double const *const a = detail::row_of(Y, i), *const b = detail::row_of(Y, k);
    return detail::dot_of_differences(a, b, a, b, Y.cols());
  }
  static double square(auto const& Y, Index i) { return detail::dot(detail::row_of(Y, i), detail::row_of(Y, i), Y.cols()); }
  static double sum_of_sines(auto const& Y, auto const& alpha) {
    double sum = 0;
    for (Index i = 0; i < Y.rows(); ++i) sum += alpha(i) * std::sqrt(std::max(0., 1 - square(Y, i)));
    return sum;
  }
  // 1 / sine, of which least squares make a sum of sines; the same for the differences between directions.
  void weigh(auto const& Y, auto const& alpha, double rows, auto& M) const {
    auto const over_sine = [](double square) { return 1 / std::sqrt(std::abs(1 - square) + 1e-7); };
    M.setZero();
    for (Index i = 0; i < Y.rows(); ++i) {
      M(i, i) += alpha(i) * over_sine(square(Y, i));
      for (Index k = 0; k < i && lambda > 0; ++k) {
        if (!(alpha(i) > 0 && alpha(k) > 0)) continue;
        double const share = lambda / (rows * (rows - 1));
        double const w = 2 * alpha(i) * alpha(k) * share * share * over_sine(square_of_gap(Y, i, k));
        M(i, i) += w;
        M(k, k) += w;
        M(i, k) -= w;
        M(k, i) -= w;
      }
    }
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
// From coefficients to results. A geometric operator says one of
//
//   weights(geometry const&, workspace&)   its answer is w'X        (an aggregate)
//   mixing(geometry const&, workspace&)    its answer is W X        (a linear transform)
//
// and `into` is one line: combine or mix. What a row of coefficients lacks to 1 is the origin's share.
#pragma once

#include "geometry.hpp"

namespace robagg::inline ROBAGG_ABI {
namespace detail {

template <class Op>
concept geometric = std::is_class_v<Op> && requires(Op const& op, geometry const& g, workspace& ws) { op.weights(g, ws); };
template <class Op>
concept linear = std::is_class_v<Op> && requires(Op const& op, geometry const& g, workspace& ws) { op.mixing(g, ws); };
// Coordinate-wise on the library's own engine, which reads lazy tables.
template <class Op>
concept column_rule = std::is_class_v<Op> && requires {
  requires Op::coordinatewise;
  Op::nan;
};

// Does row i of the result weigh as much as row i of the table?
template <class Op>
consteval bool keeps_rows() {
  if constexpr (requires { Op::keeps_rows; }) {
    return Op::keeps_rows;
  } else {
    return false;
  }
}

// y = sum of w_i x_i over a tile, in double. Rows of weight 0 are skipped: 0 x infinity is NaN.
template <class T, class Weights>
void mix_rows(tile<T> const& t, Weights const& w, double* y) {
  std::fill_n(y, t.width, 0.);
  for (Index i = 0; i < t.rows; ++i) {
    double const a = w(i);
    if (a == 0) continue;
    T const* const x = t.row(i);
    for (Index c = 0; c < t.width; ++c) y[c] += a * static_cast<double>(x[c]);
  }
}

// A sum of n coefficients that misses 1 by less than this is 1.
inline constexpr double rounding = 1e-12;

// Calls visit(tile, j) for tiles of all rows; with an origin, that is the last row.
template <class R>
void for_each_tile(R const& r, workspace& ws, auto&& visit) {
  using T = wide_of<R>;
  auto const scope = ws.scope();
  auto&& x = detail::readable(detail::plain_of(r));
  Index const n = x.rows(), d = x.cols(), points = n + (shifted_reports<R> ? 1 : 0);
  tile<T> const full = working_tile<T>(ws, points, d);
  for (Index j = 0; j < d; j += full.width) {
    Index const w = std::min(full.width, d - j);
    detail::load(x, j, tile<T>(full.data, n, w, full.stride), ws);
    if constexpr (shifted_reports<R>) read_origin(r, j, w, full.row(n));
    visit(tile<T>(full.data, points, w, full.stride), j);
  }
}

// A coefficient per row and, as one more, the share of the origin.
template <class Matrix>
auto with_origin_column(Matrix const& W, workspace& ws) {
  auto all = ws.table<double>(W.rows(), W.cols() + 1);
  all.leftCols(W.cols()) = W;
  for (Index i = 0; i < W.rows(); ++i) {
    double const rest = 1 - W.row(i).sum();
    all(i, W.cols()) = std::abs(rest) > rounding ? rest : 0;
  }
  return all;
}

/// into() of an aggregate with weights.
template <geometric Op, class R, class Out>
void combine(Op const& op, R const& r, Out& out, workspace& ws) {
  detail::enter(op, r);
  ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
  auto const scope = ws.scope();
  auto const g = detail::geometry_for<Op>(r, ws);
  auto const w = detail::with_origin_column(op.weights(g, ws).transpose(), ws).row(0);
  auto y = ws.vector<double>(block_columns);
  detail::fit_vector(out, r.cols());
  detail::for_each_tile(r, ws, [&](auto const& t, Index j) {
    detail::mix_rows(t, w, y.data());
    detail::store(out, j, y.data(), t.width);
  });
}

template <class Out>
void fit_table(Out& out, Index rows, Index cols) {
  if constexpr (requires { requires owns_memory<Out>; out.resize(rows, cols); }) {
    if (out.rows() != rows || out.cols() != cols) out.resize(rows, cols);
  }
  ROBAGG_ASSERT(out.rows() == rows && out.cols() == cols && "robagg: the output has another shape than the result");
}

/// into() of a linear transform.
template <linear Op, class R, class Out>
void mix(Op const& op, R const& r, Out& out, workspace& ws) {
  detail::enter(op, r);
  ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
  using S = typename Out::Scalar;
  auto const scope = ws.scope();
  auto const g = detail::geometry_for<Op>(r, ws);
  auto const W = detail::with_origin_column(op.mixing(g, ws), ws);
  auto y = ws.vector<double>(block_columns);
  detail::fit_table(out, W.rows(), r.cols());
  detail::for_each_tile(r, ws, [&](auto const& t, Index j) {
    for (Index i = 0; i < W.rows(); ++i) {
      detail::mix_rows(t, W.row(i), y.data());
      for (Index c = 0; c < t.width; ++c) out.coeffRef(i, j + c) = static_cast<S>(static_cast<wide<S>>(y(c)));
    }
  });
}

/// The rows W x of a linear transform as a table that is never written: its loader mixes in cache.
template <class R>
struct mixed_table {
  using Scalar = wide_of<R>;
  static constexpr int ColsAtCompileTime = R::ColsAtCompileTime;
  R const& base;
  workspace::table_map<double> coefficients;  // m x n, and one more column for the origin

  Index rows() const { return coefficients.rows(); }
  Index cols() const { return base.cols(); }

  void load(Index j, tile<Scalar> const& t, workspace& ws) const {
    auto const scope = ws.scope();
    Index const n = base.rows();
    tile<Scalar> const full(ws, n + 1, std::min(cols(), block_columns)), from = full.first_columns(t.width);
    auto y = ws.vector<double>(block_columns);
    detail::load(detail::plain_of(base), j, tile<Scalar>(from.data, n, from.width, from.stride), ws);
    detail::read_origin(base, j, t.width, from.row(n));
    for (Index i = 0; i < t.rows; ++i) {
      detail::mix_rows(from, coefficients.row(i), y.data());
      for (Index c = 0; c < t.width; ++c) t.row(i)[c] = static_cast<Scalar>(y(c)) + Scalar(0);
    }
  }
};
template <class R>
inline constexpr int traits_of<mixed_table<R>> = plain;

// The geometry of the rows W x, from the small matrices alone: products B G B' and distances
// (b_i - b_k) G (b_i - b_k)', where row i of B says how point i differs from a reference point. The
// coefficients of a difference sum to 0, which gives the origin its share also where 1 - sum would round
// to 1 (clip may shorten rows by 1e30). A mixing may move all rows far from the pivot, so that products
// about it would cancel: seen from the origin first, the distances find a new pivot to start from.
template <class Mixing>
geometry mixed(geometry const& g, Mixing const& W, bool keeps_weights, workspace& ws) {
  Index const m = W.rows(), n = g.rows();
  auto D = ws.table<double>(m + 1, m + 1);
  auto G = ws.table<double>(m + 1, m + 1);
  auto weights = ws.vector<double>(m);
  for (Index i = 0; i < m; ++i) weights(i) = keeps_weights ? g.weight(i) : 1;

  auto const scope = ws.scope();
  auto B = ws.table<double>(m + 1, n + 1);
  auto BG = ws.table<double>(m + 1, n + 1);
  auto located = ws.vector<unsigned char>(m + 1);
  auto reference = ws.vector<double>(n);
  for (Index i = 0; i <= m; ++i) {
    located(i) = i < m || g.located(g.origin());
    for (Index k = 0; k < n && i < m; ++k) {
      if (W(i, k) != 0 && !g.located(k)) located(i) = 0;
    }
    if (i < m && std::abs(1 - W.row(i).sum()) > rounding && !g.located(g.origin())) located(i) = 0;
  }
  auto const seen_from_reference = [&] {
    B.topLeftCorner(m, n) = W;
    B.row(m).setZero();
    for (Index i = 0; i <= m; ++i) {
      B.row(i).head(n) -= reference.transpose();
      double const rest = -B.row(i).head(n).sum();
      B(i, n) = std::abs(rest) > rounding * B.row(i).head(n).cwiseAbs().sum() ? rest : 0;
    }
    BG.noalias() = B.lazyProduct(g.products());
    for (Index i = 0; i <= m; ++i) {
      for (Index k = 0; k <= m; ++k) {
        bool const both = located(i) && located(k);
        D(i, k) = both ? std::max(0., (B.row(i) - B.row(k)).dot(BG.row(i) - BG.row(k))) : infinity;
        G(i, k) = both ? B.row(k).dot(BG.row(i)) : 0;
      }
    }
  };
  reference.setZero();
  seen_from_reference();
  reference = W.row(detail::find_pivot(D, weights, ws).row).transpose();
  seen_from_reference();
  return {D, G, weights};
}

}  // namespace detail
}  // namespace robagg::inline ROBAGG_ABI

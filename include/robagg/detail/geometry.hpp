// SPDX-License-Identifier: BSL-1.0
// What one read of a table leaves behind for the geometric operators: the squared distances between
// all rows and the origin, and the inner products about a robust pivot. Everything after that is
// n-space arithmetic.
#pragma once

#include "check.hpp"
#include "tile.hpp"
#include "tree.hpp"

#include <algorithm>
#include <limits>

namespace robagg::inline ROBAGG_ABI {

/// The geometry of n reports and the origin (index n). Made by `detail::measure`, read by the
/// `weights` and `mixing` members of geometric operators. The matrices live in a workspace.
class geometry {
 public:
  using matrix = workspace::table_map<double>;
  using vector = workspace::vector_map<double>;

  geometry(matrix distances, matrix products, vector weights)
      : distances_(distances), products_(products), weights_(weights) {}

  Index rows() const { return weights_.size(); }
  /// The index of the origin.
  Index origin() const { return rows(); }
  /// Infinite where either row has no geometry.
  double squared_distance(Index i, Index j) const { return distances_(i, j); }
  double norm(Index i) const { return std::sqrt(distances_(i, origin())); }
  /// (x_i - p).(x_j - p) about the pivot p; 0 where either row has no geometry.
  double inner(Index i, Index j) const { return products_(i, j); }
  matrix const& products() const { return products_; }
  /// Does row i have a geometry? Its distance to the pivot is finite.
  bool located(Index i) const { return distances_(i, i) == 0; }
  Index located_rows() const {
    Index m = 0;
    for (Index i = 0; i < rows(); ++i) m += located(i);
    return m;
  }
  /// How much report i counts: 1 without weights.
  double weight(Index i) const { return weights_(i); }
  double total_weight() const { return weights_.sum(); }

  /// m rows that have weights only, no geometry.
  geometry with_rows(Index m, bool keep_weights, workspace& ws) const {
    auto weights = ws.vector<double>(m);
    for (Index i = 0; i < m; ++i) weights(i) = keep_weights ? weight(i) : 1;
    return {ws.table<double>(0, 0), ws.table<double>(0, 0), weights};
  }

 private:
  matrix distances_, products_;
  vector weights_;
};

namespace detail {

// Squared, as a share of the median: beyond it, distances alone lose the small ones. Distances summed in
// float carry 7 digits, so that for them a row is far sooner.
template <class T>
inline constexpr double far_factor = std::same_as<T, double> ? 1e8 : 1e4;
inline constexpr double infinity = std::numeric_limits<double>::infinity();

// One block of sum (a - b)^2: 16 lanes, so that at most 32 additions meet in a float.
template <class T>
double block_distance(T const* EIGEN_RESTRICT a, T const* EIGEN_RESTRICT b, Index width) {
  T lanes[16] = {};
  for (Index c = 0; c < width; c += 16) {
    for (Index l = 0; l < 16; ++l) {
      T const x = a[c + l] - b[c + l];
      lanes[l] += x * x;
    }
  }
  double sum = 0;
  for (Index half = 8, l = 0; l < half; ++l) sum += static_cast<double>(lanes[l]) + static_cast<double>(lanes[l + half]);
  if constexpr (std::same_as<T, float>) {
    // Squares that overflowed or vanished in float: again in double.
    if (!(sum >= 1e-30 && sum < infinity)) {
      sum = 0;
      for (Index c = 0; c < width; ++c) {
        double const x = static_cast<double>(a[c]) - static_cast<double>(b[c]);
        sum += x * x;
      }
    }
  }
  return sum;
}

// (a - p).(b - p) in double.
template <class T>
double block_product(T const* a, T const* b, T const* p, Index width) {
  double sum = 0;
  for (Index c = 0; c < width; ++c) {
    auto const q = static_cast<double>(p[c]);
    sum += (static_cast<double>(a[c]) - q) * (static_cast<double>(b[c]) - q);
  }
  return sum;
}

// The origin of a table: the user's vector, or zero.
template <class R, class T>
void read_origin(R const& r, Index j, Index w, T* to) {
  if constexpr (shifted_reports<R>) {
    detail::read_vector(r.origin, j, w, to);
  } else {
    std::fill_n(to, w, T(0));
  }
}

// Calls visit(tile) for every block of all rows and, as the last row, the origin; padded with zeros.
template <class R, class X>
void for_each_block(R const& r, X const& x, workspace& ws, auto&& visit) {
  using T = wide_of<R>;
  auto const scope = ws.scope();
  Index const n = x.rows(), d = x.cols();
  tile<T> const full(ws, n + 1, std::min(d, block_columns));
  for (Index j = 0; j < d; j += block_columns) {
    Index const w = std::min(block_columns, d - j);
    detail::load(x, j, tile<T>(full.data, n, w, full.stride), ws);
    detail::read_origin(r, j, w, full.row(n));
    for (Index i = 0; i <= n; ++i) std::fill(full.row(i) + w, full.row(i) + full.padded(w), T(0));
    visit(tile<T>(full.data, n + 1, full.padded(w), full.stride));
  }
}

template <class R>
geometry::vector row_weights_of(R const& r, workspace& ws) {
  auto weights = ws.vector<double>(r.rows());
  detail::read_weights(r, weights.data());
  return weights;
}

struct pivot_row {
  Index row;
  double median;  // of the squared distances to it
};

// The row with the least median distance to the others, by weight; where no row sees half of the
// weight, the one that sees the most of it. Absent rows (weight 0) have no say.
inline pivot_row find_pivot(geometry::matrix const& D, geometry::vector const& weights, workspace& ws) {
  auto const scope = ws.scope();
  Index const n = weights.size();
  auto order = ws.vector<Index>(n);
  double const half = .5 * weights.sum();
  pivot_row best{0, infinity};
  double most = 0;
  for (Index i = 0; i < n; ++i) {
    if (!(weights(i) > 0)) continue;
    for (Index k = 0; k < n; ++k) order(k) = k;
    std::sort(order.data(), order.data() + n, [&](Index a, Index b) { return D(i, a) < D(i, b) || (D(i, a) == D(i, b) && a < b); });
    double median = infinity, sum = 0, seen = 0;
    for (Index k = 0; k < n; ++k) {
      sum += weights(order(k));
      if (D(i, order(k)) < infinity) seen = sum;
      if (sum > half && median == infinity) median = D(i, order(k));
    }
    if (median < best.median || (best.median == infinity && seen > most)) best = {i, median}, most = seen;
  }
  return best;
}

// Rows that the pivot cannot see have no geometry; nor has a pivot that sees no other point.
inline void drop_unseen(geometry::matrix& D, Index pivot) {
  Index const points = D.rows();
  bool const sees = (D.row(pivot).array() < infinity).count() > 1;
  for (Index i = 0; i < points; ++i) {
    if (sees && D(i, pivot) < infinity) continue;
    D.row(i).setConstant(infinity);
    D.col(i).setConstant(infinity);
  }
}

// The geometry of a table, in one read, and a second where rows are far. A plain loop over pairs.
template <class R>
geometry measure(R const& r, workspace& ws) {
  auto&& x = detail::readable(detail::plain_of(r));
  Index const n = x.rows(), d = x.cols(), points = n + 1, pairs = points * n / 2, blocks = d / block_columns + 1;
  auto D = ws.table<double>(points, points);
  auto G = ws.table<double>(points, points);
  auto const weights = detail::row_weights_of(r, ws);

  auto const scope = ws.scope();
  auto sums = ws.vector<double>(pairs);
  block_tree tree(ws, pairs, blocks);
  detail::for_each_block(r, x, ws, [&](auto const& t) {
    double* to = tree.next();
    for (Index i = 1; i < points; ++i) {
      for (Index k = 0; k < i; ++k) *to++ = block_distance(t.row(i), t.row(k), t.width);
    }
    tree.add();
  });
  tree.total(sums);
  for (Index i = 0, s = 0; i < points; ++i) {
    D(i, i) = 0;
    for (Index k = 0; k < i; ++k, ++s) D(i, k) = D(k, i) = sums(s) < infinity ? sums(s) : infinity;
  }

  auto const [pivot, median] = detail::find_pivot(D, weights, ws);
  detail::drop_unseen(D, pivot);
  // Distances to a far row swallow the near ones: its inner products come from the data.
  double const far = far_factor<wide_of<R>> * median;
  auto const from_data = [&D, far, p = pivot](Index i, Index k) {
    bool const located = D(i, i) == 0 && D(k, k) == 0;
    return located && (D(i, p) > far || D(k, p) > far) && i != p && k != p && i != k;
  };
  bool any = false;
  for (Index i = 0; i < points; ++i) {
    for (Index k = 0; k < points; ++k) {
      any = any || from_data(i, k);
      G(i, k) = D(i, k) < infinity ? .5 * D(i, pivot) + .5 * D(k, pivot) - .5 * D(i, k) : 0;
    }
  }
  if (any) {
    Index const p = pivot;
    block_tree products(ws, pairs, blocks);
    detail::for_each_block(r, x, ws, [&](auto const& t) {
      double* to = products.next();
      for (Index i = 1; i < points; ++i) {
        for (Index k = 0; k < i; ++k) *to++ = from_data(i, k) ? block_product(t.row(i), t.row(k), t.row(p), t.width) : 0;
      }
      products.add();
    });
    products.total(sums);
    for (Index i = 1, s = 0; i < points; ++i) {
      for (Index k = 0; k < i; ++k, ++s) {
        if (from_data(i, k)) G(i, k) = G(k, i) = sums(s);
      }
    }
  }
  return {D, G, weights};
}

// Operators whose weights depend only on how many rows there are say needs_geometry = false.
template <class Op>
consteval bool needs_geometry() {
  if constexpr (requires { Op::needs_geometry; }) {
    return Op::needs_geometry;
  } else {
    return true;
  }
}

template <class Op, class R>
geometry geometry_for(R const& r, workspace& ws) {
  if constexpr (needs_geometry<Op>()) {
    return detail::measure(r, ws);
  } else {
    return geometry(ws.table<double>(0, 0), ws.table<double>(0, 0), detail::row_weights_of(r, ws));
  }
}

}  // namespace detail
}  // namespace robagg::inline ROBAGG_ABI

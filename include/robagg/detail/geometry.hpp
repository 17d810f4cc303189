// SPDX-License-Identifier: BSL-1.0
// What one read of a table leaves behind for the geometric operators: the squared distances between
// all rows and the origin, and the inner products about a robust pivot. Everything after that is
// n-space arithmetic.
#pragma once

#include "distances.hpp"
#include "order.hpp"
#include "tree.hpp"

#include <cstdint>  // std::uintptr_t
#include <mutex>

namespace robagg::inline ROBAGG_ABI {

/// The geometry of n reports and the origin (index n). Made by `detail::measure`, read by the
/// `weights` and `mixing` members of geometric operators. The matrices live in a workspace.
class geometry {
 public:
  using matrix = workspace::table_map<double>;
  using vector = workspace::vector_map<double>;

  // How far sums of weights may be off, as a share of their total, comes with them.
  struct weighting {
    vector weights;
    double rounding = 0;
  };
  geometry(matrix distances, matrix products, weighting w)
      : distances_(distances), products_(products), weights_(w.weights), rounding_(w.rounding) {
    ROBAGG_ASSERT(in_a_workspace(distances.data()) && in_a_workspace(products.data()) && in_a_workspace(w.weights.data()));
  }

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
  /// How far sums of weights may be off by rounding, as a share of the total: 0 for whole numbers.
  double weight_rounding() const { return rounding_; }

  /// m rows that have weights only, no geometry.
  geometry with_rows(Index m, bool keep_weights, workspace& ws) const {
    auto weights = ws.vector<double>(m);
    for (Index i = 0; i < m; ++i) weights(i) = keep_weights ? weight(i) : 1;
    return {ws.table<double>(0, 0), ws.table<double>(0, 0), {weights, keep_weights ? rounding_ : 0}};
  }

 private:
  // Maps promise the alignment of a workspace: of other memory, only a processor with long vectors would notice.
  static bool in_a_workspace(double const* p) { return reinterpret_cast<std::uintptr_t>(p) % 64 == 0; }

  matrix distances_, products_;
  vector weights_;
  double rounding_;
};

namespace detail {

// Squared, as a share of the median: beyond it, distances alone lose the small ones. Distances summed in
// float carry 7 digits, so that for them a row is far sooner.
template <class T>
inline constexpr double far_factor = std::same_as<T, double> ? 1e8 : 1e4;

// The origin of a table: the user's vector, or zero.
template <class R, class T>
void read_origin(R const& r, Index j, Index w, T* to) {
  if constexpr (shifted_reports<R>) {
    detail::read_vector(r.origin, j, w, to);
  } else {
    std::fill_n(to, w, T(0));
  }
}

// Adds to `all`, for each block of columns of x, what kernel(job, points, ahead, ws) makes of it; the points are the
// rows and, last, the origin of r, padded with zeros to whole packets. The first block is block `first`.
template <class R, class X, class Kernel>
void sum_over_blocks(R const& r, X const& x, Index first, block_sums& all, workspace& ws, Kernel const& kernel) {
  using T = wide_of<R>;
  Index const n = x.rows(), d = x.cols(), blocks = (d + block_columns - 1) / block_columns;
  // Slices of whole subtrees leave few nodes to add.
  auto const unit = static_cast<Index>(std::bit_floor(static_cast<std::size_t>(std::max<Index>(1, blocks / 128))));
  std::mutex one_at_a_time;
  ws.for_slices((blocks + unit - 1) / unit, 1, [&](Index from, Index to, workspace& own) {
    auto const scope = own.scope();
    to = std::min(blocks, to * unit), from *= unit;
    table_source<X, T> const source(x, nullptr, n, std::min(d, block_columns), own);
    T const* const* const addresses = source.addresses();
    prefetcher<T> ahead = addresses != nullptr && n >= many_streams ? prefetcher<T>(addresses, n, block_columns) : prefetcher<T>();
    auto const points = own.take<T const*>(n + 1);
    T* const origin = own.take<T>(block_columns);
    block_sums sums(own, all.size(), block_sums::capacity(to - from));
    for (Index block = from; block < to; ++block) {
      Index const j = block * block_columns, w = std::min(block_columns, d - j);
      Index const width = (w + lanes<T> - 1) / lanes<T> * lanes<T>;
      auto const at = source.at(j, w);
      for (Index i = 0; i < n; ++i) points[i] = at.rows[i] + at.offset;
      detail::read_origin(r, j, w, origin);
      std::fill(origin + w, origin + width, T(0));
      points[n] = origin;
      ahead.start(j + w, j + w + block_columns <= d);
      kernel(distance_job<T>{points, width, sums.next()}, n + 1, ahead, own);
      sums.add(first + block);
    }
    std::lock_guard const lock(one_at_a_time);
    all.add(sums);
  });
}
// How many nodes that may take: slices arrive in any order.
inline Index sums_capacity(Index blocks) { return block_sums::capacity(blocks) + 128; }

template <class R>
geometry::weighting row_weights_of(R const& r, workspace& ws) {
  auto weights = ws.vector<double>(r.rows());
  weight_kind const kind = detail::read_weights(r, weights.data());
  return {weights, detail::rounding_of(kind, detail::weight_epsilon(r), r.rows())};
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
    detail::order_by([&](Index k) { return D(i, k); }, order.data(), order.data() + n, order.data() + n);
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

// What sums over blocks are formed: squared distances of all pairs, or products about a pivot of some.
template <class T>
struct all_distances {
  void operator()(distance_job<T> const& job, Index count, prefetcher<T>& ahead, workspace& ws) const {
    detail::block_distances(job, count, ahead);
    if constexpr (std::same_as<T, float>) {
      double least = infinity, most = 0;
      for (Index s = 0; s < pair_count(count); ++s) {
        least = job.sums[s] < least ? job.sums[s] : least;
        most = job.sums[s] <= most ? most : job.sums[s];  // NaN too
      }
      if (!(least >= 1e-30 && most < infinity)) detail::repair_distances(job, count, ws);
    }
  }
};
struct pair {
  Index i, k;
};
template <class T>
struct some_products {
  list<pair> pairs;
  Index pivot;
  void operator()(distance_job<T> const& job, Index, prefetcher<T>&, workspace&) const {
    for (Index s = 0; s < pairs.size(); ++s) {
      job.sums[s] = detail::product_in_double(job.points[pairs[s].i], job.points[pairs[s].k], job.points[pivot], job.width);
    }
  }
};

// The sums over all blocks of a table.
template <class R, class X, class Kernel>
geometry::vector sum_over_table(R const& r, X const& x, Index size, workspace& ws, Kernel const& kernel) {
  auto total = ws.vector<double>(size);
  auto const scope = ws.scope();
  block_sums sums(ws, size, sums_capacity(x.cols() / block_columns + 1));
  detail::sum_over_blocks(r, x, 0, sums, ws, kernel);
  sums.total(total.data());
  return total;
}

// The squared distances of all points from their sums over blocks; a row that is not finite has none.
inline void distances_from(double const* sums, geometry::matrix& D) {
  for (Index i = 0; i < D.rows(); ++i) {
    D(i, i) = 0;
    for (Index k = 0; k < i; ++k, ++sums) D(i, k) = D(k, i) = *sums < infinity ? *sums : infinity;
  }
}

// Inner products about the pivot from distances, and the pairs for which those do not do: distances to a far row
// swallow the near ones, so that its products must come from the data.
inline list<pair> products_from(geometry::matrix const& D, pivot_row const& pivot, double far_factor, geometry::matrix& G, workspace& ws) {
  Index const points = D.rows(), p = pivot.row;
  double const far = far_factor * pivot.median;
  auto const pairs = ws.take<pair>(pair_count(points) + points);
  Index count = 0;
  for (Index i = 0; i < points; ++i) {
    for (Index k = 0; k <= i; ++k) {
      G(i, k) = G(k, i) = D(i, k) < infinity ? .5 * D(i, p) + .5 * D(k, p) - .5 * D(i, k) : 0;
      bool const located = D(i, i) == 0 && D(k, k) == 0;
      if (located && (D(i, p) > far || D(k, p) > far) && i != p && k != p && i != k) pairs[count++] = {i, k};
    }
  }
  return {pairs, count};
}

// The geometry of a table, in one read; where rows are far and products are needed, in two.
template <bool Products = true, class R>
geometry measure(R const& r, workspace& ws) {
  using T = wide_of<R>;
  auto const& x = detail::plain_of(r);
  Index const points = x.rows() + 1, side = Products ? points : 0;
  auto D = ws.table<double>(points, points);
  auto G = ws.table<double>(side, side);
  auto const weights = detail::row_weights_of(r, ws);

  auto const scope = ws.scope();
  detail::distances_from(detail::sum_over_table(r, x, pair_count(points), ws, all_distances<T>{}).data(), D);
  auto const pivot = detail::find_pivot(D, weights.weights, ws);
  detail::drop_unseen(D, pivot.row);
  if constexpr (Products) {
    list<pair> const pairs = detail::products_from(D, pivot, far_factor<T>, G, ws);
    if (pairs.size() > 0) {
      auto const products = detail::sum_over_table(r, x, pairs.size(), ws, some_products<T>{pairs, pivot.row});
      for (Index s = 0; s < pairs.size(); ++s) G(pairs[s].i, pairs[s].k) = G(pairs[s].k, pairs[s].i) = products(s);
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

// Those that read distances alone say needs_products = false, which saves a read where rows are far.
template <class Op>
consteval bool needs_products() {
  if constexpr (requires { Op::needs_products; }) {
    return Op::needs_products;
  } else {
    return needs_geometry<Op>();
  }
}

template <class Op, class R>
geometry geometry_for(R const& r, workspace& ws) {
  if constexpr (needs_geometry<Op>()) {
    return detail::measure<needs_products<Op>()>(r, ws);
  } else {
    return geometry(ws.table<double>(0, 0), ws.table<double>(0, 0), detail::row_weights_of(r, ws));
  }
}

}  // namespace detail
}  // namespace robagg::inline ROBAGG_ABI

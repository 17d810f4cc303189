// SPDX-License-Identifier: BSL-1.0
// What one read of an n x d table leaves behind for the geometric operators, as much of it as they say that they read: the
// squared norms of the rows, the squared distances between all rows and the origin, and the inner products about a pivot p,
// the row with the least median distance to the others.
//
//     |x_i|^2        D(i, k) = |x_i - x_k|^2        G(i, k) = (x_i - p).(x_k - p)        i, k = 0 .. n, n being the origin
//       n d                   n^2 d
//
// Everything after that is arithmetic with n numbers, whatever d is.
#pragma once

#include "distances.hpp"
#include "../base/dot.hpp"
#include "../base/order.hpp"
#include "../select/radix.hpp"
#include "../table/kinds.hpp"
#include "../table/source.hpp"
#include "../table/blocks.hpp"

#include <cstdint>  // std::uintptr_t
#include <mutex>

namespace robagg::inline ROBAGG_ABI {

/// What operators read of n reports, from little to everything. The first parameter of `weights`, `factors` or `mixing` says
/// what an operator needs, and no more is computed: a rule over row_norms costs n d, one over row_distances n^2 d.
///
/// How much the reports count.
class row_weights {
 public:
  using matrix = workspace::table_map<double>;
  using vector = workspace::vector_map<double>;

  // How far sums of weights may be off, as a share of their total, comes with them.
  struct weighting {
    vector weights;
    double rounding = 0;
  };
  explicit row_weights(weighting w) : weights_(w.weights), rounding_(w.rounding) {
    ROBAGG_ASSERT(in_a_workspace(w.weights.data()));
  }

  Index rows() const { return weights_.size(); }
  /// How much report i counts: 1 without weights.
  double weight(Index i) const { return weights_(i); }
  double total_weight() const { return detail::sum(weights_); }
  /// How far sums of weights may be off by rounding, as a share of the total: 0 for whole numbers.
  double weight_rounding() const { return rounding_; }

 protected:
  // Maps promise the alignment of a workspace: of other memory, only a processor with long vectors would notice.
  static bool in_a_workspace(double const* p) { return reinterpret_cast<std::uintptr_t>(p) % 64 == 0; }
  weighting weighting_of() const { return {weights_, rounding_}; }

 private:
  vector weights_;
  double rounding_;
};

/// And how far they are from the origin, or from the row that an operator names: `Index seen_from(Index n) const`.
class row_norms : public row_weights {
 public:
  row_norms(double const* squares, weighting w) : row_weights(w), squares_(squares) {}

  /// Infinite where row i has no geometry.
  double squared_norm(Index i) const { return squares_[i]; }
  double norm(Index i) const { return std::sqrt(squares_[i]); }

 private:
  double const* squares_;
};

/// And from one another.
class row_distances : public row_norms {
 public:
  row_distances(matrix distances, weighting w)
      : row_norms(distances.data() + distances.rows() * distances.cols() - distances.cols(), w), distances_(distances) {
    ROBAGG_ASSERT(in_a_workspace(distances.data()));
  }

  /// The index of the origin.
  Index origin() const { return rows(); }
  /// Infinite where either row has no geometry.
  double squared_distance(Index i, Index j) const { return distances_(i, j); }
  /// Does row i have a geometry? Its distance to the pivot is finite.
  bool located(Index i) const { return distances_(i, i) == 0; }
  Index located_rows() const {
    Index m = 0;
    for (Index i = 0; i < rows(); ++i) m += located(i);
    return m;
  }

 protected:
  row_distances(double const* squares, matrix distances, weighting w) : row_norms(squares, w), distances_(distances) {}
  matrix const& distances() const { return distances_; }

 private:
  matrix distances_;
};

/// The geometry of n reports and the origin (index n): everything. Made by `detail::measure`; the matrices live in a workspace.
class geometry : public row_distances {
 public:
  geometry(matrix distances, matrix products, weighting w) : row_distances(distances, w), products_(products) {
    ROBAGG_ASSERT(in_a_workspace(products.data()));
  }
  // What is less than everything, of which only that may be read.
  geometry(double const* squares, weighting w) : row_distances(squares, {nullptr, 0, 0}, w), products_(nullptr, 0, 0) {}
  explicit geometry(weighting w) : geometry(nullptr, w) {}

  /// (x_i - p).(x_j - p) about the pivot p; 0 where either row has no geometry.
  double inner(Index i, Index j) const { return products_(i, j); }
  matrix const& products() const { return products_; }

  bool has_distances() const { return distances().rows() > 0; }
  // Seen from another row than the origin.
  geometry seen_from(Index row) const {
    return {distances().data() + row * distances().cols(), distances(), products_, weighting_of()};
  }

 private:
  geometry(double const* squares, matrix distances, matrix products, weighting w)
      : row_distances(squares, distances, w), products_(products) {}
  matrix products_;
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

// The rows of a table and its origin.
template <class T>
struct table_points {
  table_reader<T> const& table;
  function_ref<void(Index j, Index w, T* to)> origin;
};

// Blocks first, first + 1, ... in whole subtrees of the tree of sums, which slices add up on their own and leave as one
// node each; the first and the last may be parts of a subtree.
struct block_units {
  Index first, blocks, unit, count;
  block_units(Index from, Index n)
      : first(from),
        blocks(n),
        unit(static_cast<Index>(std::bit_ceil(static_cast<std::size_t>(std::max<Index>(16, (n + 15) / 16))))),
        count((from + n + unit - 1) / unit - from / unit) {}
  Index begin(Index k) const { return std::clamp((first / unit + k) * unit, first, first + blocks); }
  // How many nodes their sums may take: slices arrive in any order.
  Index capacity(workspace const& ws) const {
    return ws.slices(count, 1, 1) == 1 ? block_sums::capacity(blocks, first) : count + block_sums::capacity(unit, 1) + 1;
  }
};
inline block_units units_of(Index columns, Index first = 0) { return {first, (columns + block_columns - 1) / block_columns}; }

// Blocks of d columns, the first of which is block `first`: add(from, to, sums, ws) adds the sums of blocks from .. to - 1,
// slice by slice, and all of them are added to `all`.
inline void add_in_slices(Index d, Index first, block_sums& all, workspace& ws,
                          function_ref<void(Index from, Index to, block_sums& sums, workspace& own)> add) {
  block_units const units = detail::units_of(d, first);
  std::mutex one_at_a_time;
  ws.for_slices(
      units.count, 1,
      [&](Index from, Index to, workspace& own) {
        auto const scope = own.scope();
        from = units.begin(from), to = units.begin(to);
        if (to - from == units.blocks) return add(from, to, all, own);
        block_sums sums(own, all.size(), block_sums::capacity(to - from, from % units.unit));
        add(from, to, sums, own);
        std::lock_guard const lock(one_at_a_time);
        all.add(sums);
      },
      1);
}

// Adds to `all`, for each block of columns of x, what kernel(job, points, ahead, ws) makes of it; the points are the
// rows and, last, the origin, padded with zeros to whole packets. The first block is block `first`.
template <class T, class Kernel>
void sum_over_blocks(table_points<T> const& x, Index first, block_sums& all, workspace& ws, Kernel const& kernel) {
  Index const n = x.table.rows(), d = x.table.cols(), most = std::min(d, block_columns);
  detail::add_in_slices(d, first, all, ws, [&](Index from, Index to, block_sums& sums, workspace& own) {
    table_source<T> const source(x.table, nullptr, n, most, own);
    prefetcher<T> ahead = source.ahead(block_columns);
    auto const points = own.take<T const*>(n + 1);
    T* const origin = own.take<T>(tile<T>::padded(most));
    for (Index block = from; block < to; ++block) {
      Index const j = (block - first) * block_columns, w = std::min(block_columns, d - j);
      Index const width = tile<T>::whole(w);
      auto const at = source.at(j, w);
      for (Index i = 0; i < n; ++i) points[i] = at.rows[i] + at.offset;
      x.origin(j, w, origin);
      std::fill(origin + w, origin + width, T(0));
      points[n] = origin;
      ahead.start(j + w, j + w + block_columns <= d);
      kernel(distance_job<T>{points, width, sums.next(), j, w}, n + 1, ahead, own);
      sums.add(block);
    }
  });
}

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
  auto sorted = ws.vector<double>(n);
  double const half = .5 * detail::sum(weights);
  bool const equal = (weights.array() == weights(0)).all();
  pivot_row best{0, infinity};
  double most = 0;
  for (Index i = 0; i < n; ++i) {
    if (!(weights(i) > 0)) continue;
    double median = infinity, sum = 0, seen = 0;
    if (equal) {
      // Most rows cannot have a smaller median: too few distances are below the least so far.
      if (best.median < infinity && (D.row(i).head(n).array() < best.median).count() <= n / 2) continue;
      sorted = D.row(i).head(n).transpose();
      std::nth_element(sorted.data(), sorted.data() + n / 2, sorted.data() + n);
      median = sorted(n / 2);
      seen = weights(0) * static_cast<double>((D.row(i).head(n).array() < infinity).count());
    } else {
      detail::order_by_scores([&](Index k) { return D(i, k); }, order.data(), n, ws);
      for (Index k = 0; k < n; ++k) {
        sum += weights(order(k));
        if (D(i, order(k)) < infinity) seen = sum;
        if (sum > half && median == infinity) median = D(i, order(k));
      }
    }
    if (median < best.median || (best.median == infinity && seen > most)) best = {i, median}, most = seen;
  }
  return best;
}

// A row at an infinite distance from the pivot has no geometry. Where every other point is, the pivot has none either.
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
    detail::pair_distances(job, count, ahead, ws);
  }
};
// The squared distances of all rows to one point, the origin (index n) or a row: as a kernel, block by block.
template <class T>
struct all_norms {
  Index from;
  void operator()(distance_job<T> const& job, Index count, prefetcher<T>&, workspace&) const {
    detail::block_norms(job.points, count - 1, job.points[from], job.width, job.sums);
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
template <class T, class Kernel>
geometry::vector sum_over_table(table_points<T> const& x, Index size, workspace& ws, Kernel const& kernel) {
  auto total = ws.vector<double>(size);
  auto const scope = ws.scope();
  block_sums sums(ws, size, detail::units_of(x.table.cols()).capacity(ws));
  detail::sum_over_blocks(x, 0, sums, ws, kernel);
  std::as_const(sums).total(total.data());
  return total;
}
template <class R, class Kernel>
geometry::vector sum_over_table(R const& r, Index size, workspace& ws, Kernel const& kernel) {
  using T = wide_of<R>;
  auto const table = reader_of<T>(detail::plain_of(r));
  auto const origin = [&](Index j, Index w, T* to) { detail::read_origin(r, j, w, to); };
  return detail::sum_over_table(table_points<T>{table, origin}, size, ws, kernel);
}

// The sums of all_norms. Where rows have addresses eight of them are read at a time, along sixteen blocks.
template <class T>
void norms_over_blocks(table_points<T> const& x, Index first_block, Index from, block_sums& all, workspace& ws) {
  Index const n = x.table.rows(), d = x.table.cols();
  if (T const* const column = d == 1 ? x.table.column(0) : nullptr) {
    T centre = from < n ? column[from] : T(0);
    if (from == n) x.origin(0, 1, &centre);
    detail::column_norms(column, n, centre, all.next());
    return all.add(first_block);
  }
  if (!x.table.in_place()) return detail::sum_over_blocks(x, first_block, all, ws, all_norms<T>{from});
  detail::add_in_slices(d, first_block, all, ws, [&](Index first, Index last, block_sums& sums, workspace& own) {
    Index const width = std::min(d, norm_blocks * block_columns);
    T const* group[norm_rows];
    T* const centre = own.take<T>(tile<T>::padded(width));
    T* const copies = own.take<T>(norm_rows * tile<T>::padded(std::min(d, block_columns)));
    double* const squares = own.take<double>((width + block_columns - 1) / block_columns * n);
    for (Index block = first; block < last; block += norm_blocks) {
      Index const blocks = std::min(norm_blocks, last - block), j = (block - first_block) * block_columns;
      Index const w = std::min(blocks * block_columns, d - j), padded = tile<T>::whole(w);
      if (from == n) {
        x.origin(j, w, centre);
      } else {
        std::copy_n(x.table.address(from) + j, w, centre);
      }
      std::fill(centre + w, centre + padded, T(0));
      for (Index i = 0; i < n; i += norm_rows) {
        Index const rows = std::min(norm_rows, n - i);
        for (Index b = 0; b < blocks; ++b) {
          Index const at = b * block_columns, columns = std::min(block_columns, w - at);
          Index const whole = tile<T>::whole(columns);
          for (Index k = 0; k < rows; ++k) {
            group[k] = x.table.address(i + k) + j + at;
            if (whole == columns) continue;  // otherwise the end of the row, padded
            T* const copy = copies + k * whole;
            detail::copy_padded(group[k], columns, copy);
            group[k] = copy;
          }
          detail::block_norms(group, rows, centre + at, whole, squares + b * n + i);
        }
      }
      for (Index b = 0; b < blocks; ++b) {
        std::copy_n(squares + b * n, n, sums.next());
        sums.add(block + b);
      }
    }
  });
}
template <class T>
geometry::vector norms_over_table(table_points<T> const& x, Index from, workspace& ws) {
  Index const n = x.table.rows();
  auto total = ws.vector<double>(n);
  auto const scope = ws.scope();
  block_sums all(ws, n, detail::units_of(x.table.cols()).capacity(ws));
  detail::norms_over_blocks(x, 0, from, all, ws);
  std::as_const(all).total(total.data());
  return total;
}

// The squared distances of all points from their sums over blocks; a row that is not finite has none. Are all finite?
inline bool distances_from(double const* sums, geometry::matrix& D) {
  bool finite = true;
  for (Index i = 0; i < D.rows(); ++i) {
    D(i, i) = 0;
    for (Index k = 0; k < i; ++k, ++sums) {
      bool const seen = *sums < infinity;
      finite &= seen;
      D(i, k) = seen ? *sums : infinity;
    }
  }
  // Apart, so that what is written lies side by side.
  for (Index k = 0; k < D.rows(); ++k) {
    for (Index i = k + 1; i < D.rows(); ++i) D(k, i) = D(i, k);
  }
  return finite;
}

// Inner products about the pivot from distances, and the pairs for which those do not do: distances to a far row
// swallow the near ones, so that its products must come from the data.
inline list<pair> products_from(geometry::matrix const& D, pivot_row const& pivot, double far_factor, geometry::matrix& G,
                                workspace& ws) {
  Index const points = D.rows(), p = pivot.row;
  double const far = far_factor * pivot.median;
  auto const is_far = [&](Index i, Index k) {
    bool const located = D(i, i) == 0 && D(k, k) == 0;
    return located && (D(i, p) > far || D(k, p) > far) && i != p && k != p && i != k;
  };
  Index count = 0;
  for (Index i = 0; i < points; ++i) {
    for (Index k = 0; k <= i; ++k) {
      G(i, k) = G(k, i) = D(i, k) < infinity ? .5 * D(i, p) + .5 * D(k, p) - .5 * D(i, k) : 0;
      count += is_far(i, k);
    }
  }
  pair* next = ws.take<pair>(count);
  list<pair> const pairs{next, count};
  for (Index i = 0; i < points && count > 0; ++i) {
    for (Index k = 0; k < i; ++k) {
      if (is_far(i, k)) *next++ = {i, k};
    }
  }
  return pairs;
}

// Memory that grows with the square of the number of rows may not be there: then `refuse` is told how many bytes those are.
inline void need_squares(double doubles, workspace& ws, function_ref<void(double bytes)> refuse) {
  double const bytes = doubles * sizeof(double);
  if (!(bytes < 0x1p62) || !ws.reserve(static_cast<std::size_t>(bytes))) refuse(bytes);
}

// Adds the sums over blocks of all squared distances (pairs: nullptr), or of the products of some pairs about a pivot.
using sums_of_points = function_ref<void(block_sums& sums, list<pair> const* pairs, Index pivot)>;

// The geometry of points that are told by sums over blocks, which fit into `capacity` nodes: in one read; where rows are far
// and products are needed, in two.
inline geometry measure_sums(Index points, Index capacity, double far_factor, sums_of_points add,
                             geometry::weighting const& weights, bool with_products, workspace& ws,
                             function_ref<void(double bytes)> refuse) {
  Index const side = with_products ? points : 0;
  auto const square = [](Index m) { return static_cast<double>(m) * static_cast<double>(m); };
  detail::need_squares(square(points) + std::max(square(side), static_cast<double>(capacity) / 2 * square(points)) + 16, ws,
                       refuse);
  auto D = ws.table<double>(points, points);
  // The sums that distances are made from, and then the products.
  double* const memory = ws.take<double>(std::max(side * side, capacity * pair_count(points)));
  geometry::matrix G(memory, side, side);

  auto const scope = ws.scope();
  bool finite = false;
  {
    auto const of_sums = ws.scope();
    block_sums sums(ws.take<block_sums::node>(capacity), memory, pair_count(points), capacity);
    add(sums, nullptr, 0);
    finite = detail::distances_from(sums.total(), D);
  }
  // Without products a pivot says only which rows are not seen.
  if (!with_products && finite) return {D, G, weights};
  auto const pivot = detail::find_pivot(D, weights.weights, ws);
  detail::drop_unseen(D, pivot.row);
  if (with_products) {
    list<pair> const pairs = detail::products_from(D, pivot, far_factor, G, ws);
    if (pairs.size() > 0) {
      detail::need_squares(static_cast<double>(capacity) * static_cast<double>(pairs.size()), ws, refuse);
      block_sums products(ws, pairs.size(), capacity);
      add(products, &pairs, pivot.row);
      double const* const total = products.total();
      for (Index s = 0; s < pairs.size(); ++s) G(pairs[s].i, pairs[s].k) = G(pairs[s].k, pairs[s].i) = total[s];
    }
  }
  return {D, G, weights};
}
template <class T>
void add_points(table_points<T> const& x, Index first_block, block_sums& sums, list<pair> const* pairs, Index pivot,
                workspace& ws) {
  if (pairs == nullptr) return detail::sum_over_blocks(x, first_block, sums, ws, all_distances<T>{});
  detail::sum_over_blocks(x, first_block, sums, ws, some_products<T>{*pairs, pivot});
}
template <class T>
geometry measure_points(table_points<T> const& x, geometry::weighting const& weights, bool with_products, workspace& ws,
                        function_ref<void(double bytes)> refuse) {
  auto const add = [&](block_sums& sums, list<pair> const* pairs, Index pivot) {
    detail::add_points(x, 0, sums, pairs, pivot, ws);
  };
  return detail::measure_sums(x.table.rows() + 1, detail::units_of(x.table.cols()).capacity(ws), far_factor<T>, add, weights,
                              with_products, ws, refuse);
}

#ifdef ROBAGG_RULES
ROBAGG_RULES geometry measure_points<float>(table_points<float> const&, geometry::weighting const&, bool, workspace&,
                                            function_ref<void(double bytes)>);
ROBAGG_RULES geometry measure_points<double>(table_points<double> const&, geometry::weighting const&, bool, workspace&,
                                             function_ref<void(double bytes)>);
#endif

struct geometry_of_a_table {
  static std::string name() { return "geometry"; }
};

// How much of a geometry an operator reads.
enum class measured { weights, norms, distances, products };

// The geometry of a table, as much of it as is needed; norms as seen from row `from`, n being the origin.
template <class R, class Op = geometry_of_a_table>
geometry measure(R const& r, workspace& ws, Op const& op = {}, measured much = measured::products, Index from = -1) {
  using T = wide_of<R>;
  auto const weights = detail::row_weights_of(r, ws);
  if (much == measured::weights) return geometry(weights);
  auto const table = reader_of<T>(detail::plain_of(r));
  auto const origin = [&](Index j, Index w, T* to) { detail::read_origin(r, j, w, to); };
  table_points<T> const points{table, origin};
  if (much == measured::norms) {
    Index const n = r.rows();
    auto squares = detail::norms_over_table(points, from < 0 ? n : from, ws);
    for (Index i = 0; i < n; ++i) squares(i) = squares(i) < infinity ? squares(i) : infinity;
    return {squares.data(), weights};
  }
  return detail::measure_points(points, weights, much == measured::products, ws, [&](double bytes) {
    refuse(op, "needs n^2 distances in memory", {{"n", r.rows()}, {"gigabytes", bytes / 1e9}});
  });
}

// How much of a workspace sum_over_blocks takes, at most, of one slice.
template <class T, class X>
std::size_t blocks_scratch(X const& x) {
  Index const most = std::min(x.cols(), block_columns);
  return detail::source_scratch<T>(x, x.rows(), most) + workspace::room<T const*>(x.rows() + 1) +
         workspace::room<T>(tile<T>::padded(most));
}
// The same of sum_over_table, for `size` sums.
template <class T, class X>
std::size_t sums_scratch(X const& x, Index size) {
  Index const capacity = block_sums::capacity(detail::units_of(x.cols()).blocks);
  return workspace::room<double>(size) + workspace::room<block_sums::node>(capacity) +
         workspace::room<double>(capacity * size) + detail::blocks_scratch<T>(x);
}
// And of a geometry: what is kept, and what else is taken on the way.
struct kept_and_more {
  std::size_t kept, more;
};
template <measured Much, class T, class X>
kept_and_more measure_scratch(X const& x) {
  constexpr bool with_products = Much == measured::products;
  Index const n = x.rows(), points = n + 1, pairs = pair_count(points), side = with_products ? points : 0,
              w = std::min(x.cols(), block_columns);
  std::size_t const weights = workspace::room<double>(n);
  if constexpr (Much == measured::weights) return {weights, 0};
  if constexpr (Much == measured::norms) {
    Index const wide = std::min(x.cols(), norm_blocks * block_columns),
                nodes = block_sums::capacity(detail::units_of(x.cols()).blocks);
    std::size_t const in_place = workspace::room<T>(tile<T>::padded(wide)) +
                                 workspace::room<T>(norm_rows * tile<T>::padded(w)) +
                                 workspace::room<double>((wide + block_columns - 1) / block_columns * n);
    std::size_t const sums = workspace::room<block_sums::node>(nodes) + workspace::room<double>(nodes * n);
    return {2 * weights, sums + (has_addresses<X, T> ? in_place : detail::blocks_scratch<T>(x))};
  }
  Index const capacity = block_sums::capacity(detail::units_of(x.cols()).blocks), far = with_products ? pair_count(n) : 0;
  std::size_t const repair = std::same_as<T, double>
                                 ? 0
                                 : workspace::room<unsigned char>(points) + workspace::room<T const*>(points) +
                                       static_cast<std::size_t>(points) * workspace::room<T>(tile<T>::padded(w)) +
                                       workspace::room<double>(pairs);
  std::size_t const sums = workspace::room<block_sums::node>(capacity) + detail::blocks_scratch<T>(x);
  std::size_t const products =
      with_products ? workspace::room<pair>(far) + workspace::room<double>(far) + workspace::room<double>(capacity * far) + sums
                    : 0;
  return {workspace::room<double>(points * points) + workspace::room<double>(std::max(side * side, capacity * pairs)) + weights,
          std::max({sums + repair, workspace::room<Index>(n) + workspace::room<double>(n) + detail::order_scratch<double>(n),
                    products})};
}

// What a member reads: the type of its first parameter. One that is overloaded or a template says nothing, and gets everything.
template <class Member>
struct first_parameter {
  using type = geometry;
};
template <class Result, class Op, class G, class... More>
struct first_parameter<Result (Op::*)(G const&, More...) const> {
  using type = G;
};
template <class G>
inline constexpr measured need_for = std::is_same_v<G, row_weights>     ? measured::weights
                                     : std::is_same_v<G, row_norms>     ? measured::norms
                                     : std::is_same_v<G, row_distances> ? measured::distances
                                                                        : measured::products;

template <class Op>
consteval measured needs() {
  if constexpr (requires {
                  { Op::needs } -> std::convertible_to<measured>;
                }) {
    return Op::needs;  // pipes
  } else if constexpr (staged<Op>) {
    return detail::needs<stages_of<Op>>();
  } else if constexpr (requires { &Op::weights; }) {
    return need_for<typename first_parameter<decltype(&Op::weights)>::type>;
  } else if constexpr (requires { &Op::factors; }) {
    return need_for<typename first_parameter<decltype(&Op::factors)>::type>;
  } else if constexpr (requires { &Op::mixing; }) {
    return need_for<typename first_parameter<decltype(&Op::mixing)>::type>;
  } else {
    return measured::products;
  }
}

// The row that an operator's norms are seen from: n, the origin, unless it names one.
template <class Op>
concept names_a_row = requires(Op const& op) { op.seen_from(Index{}); };
template <class Op>
Index seen_from(Op const& op, Index n) {
  if constexpr (names_a_row<Op>) {
    return op.seen_from(n);
  } else {
    return n;
  }
}
template <class Op, class R>
geometry geometry_for(Op const& op, R const& r, workspace& ws) {
  return detail::measure(r, ws, op, needs<Op>(), detail::seen_from(op, r.rows()));
}

// The coefficients of an operator, in a geometry that may hold more than it reads.
template <class Op>
geometry as_seen_by(Op const& op, geometry const& g) {
  return names_a_row<Op> && g.has_distances() ? g.seen_from(detail::seen_from(op, g.rows())) : g;
}
template <class Op>
auto weights_in(Op const& op, geometry const& g, workspace& ws) {
  return op.weights(detail::as_seen_by(op, g), ws);
}
template <class Op>
auto factors_in(Op const& op, geometry const& g, workspace& ws) {
  return op.factors(detail::as_seen_by(op, g), ws);
}
// Diagonal ones, of an operator that scales rows, as a matrix.
template <class Op>
auto mixing_in(Op const& op, geometry const& g, workspace& ws) {
  if constexpr (scales<Op>) {
    auto W = ws.table<double>(g.rows(), g.rows());
    auto const scope = ws.scope();
    auto const factors = detail::factors_in(op, g, ws);
    W.setZero();
    for (Index i = 0; i < g.rows(); ++i) W(i, i) = factors(i);
    return W;
  } else {
    return op.mixing(detail::as_seen_by(op, g), ws);
  }
}

}  // namespace detail
}  // namespace robagg::inline ROBAGG_ABI

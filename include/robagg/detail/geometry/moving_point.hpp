// SPDX-License-Identifier: BSL-1.0
// Iterations whose iterate is one point z of d columns: where rows are many, a step along the columns costs n d, and all
// distances between rows n^2 d. A step is
//
//     |x_i - z|^2, n of them  -->  c_i, the operator's  -->  s = sum c_i (x_i - z)  -->  z += factor s
//
// On one thread it is one read of the table: the distances of eight rows, then their share of s while they are in cache. Rows
// that are larger than the second level of cache, tables without addresses and executors take two. z is held in double. The
// bits are the same whatever the way: distances are sums over blocks of columns in one tree, s takes in row after row.
#pragma once

#include "../select/radix.hpp"
#include "combine.hpp"

namespace robagg::inline ROBAGG_ABI {

/// How an operator whose iterate is one point goes about it: by the distances between all rows, O(n^2 d) once and O(n^2) a
/// step; along the columns, O(n d) a step; or by what costs less for n and d. Both ways agree to the operator's tolerance.
enum class iterate { automatic, between_rows, along_columns };
constexpr std::array<std::string_view, 3> enumerators(iterate) { return {"automatic", "between_rows", "along_columns"}; }

namespace detail {

// sums[r] = the squared distance of row r to z, over columns [offset, offset + width) of the rows and [0, width) of z.
template <Index R, class T>
EIGEN_ALWAYS_INLINE void add_gaps(T const* const* rows, Index offset, Index width, double const* z, double* sums) {
  using V = packet<T>;
  doubles<V> sum[std::size_t{R}];
  double rest[std::size_t{R}] = {};
  ROBAGG_UNROLL for (Index r = 0; r < R; ++r) sum[r] = detail::all_doubles<V>(0);
  Index j = 0;
  for (; j + lanes<T> <= width; j += lanes<T>) {
    doubles<V> const at = detail::load_doubles<V>(z + j);
    ROBAGG_UNROLL for (Index r = 0; r < R; ++r) {
      doubles<V> const gap = detail::widen(detail::load<V>(rows[r] + offset + j)) - at;
      sum[r] = detail::fused(gap, gap, sum[r]);
    }
  }
  for (; j < width; ++j) {
    detail::number_by_number();
    ROBAGG_UNROLL for (Index r = 0; r < R; ++r) {
      double const gap = static_cast<double>(rows[r][offset + j]) - z[j];
      rest[r] = detail::fused(gap, gap, rest[r]);
    }
  }
  ROBAGG_UNROLL for (Index r = 0; r < R; ++r) sums[r] = detail::sum_of_doubles<V>(sum[r]) + rest[r];
}
template <class T>
EIGEN_DONT_INLINE void block_gaps(T const* const* rows, Index n, Index offset, Index width, double const* z, double* sums) {
  Index i = 0;
  for (; i + 4 <= n; i += 4) detail::add_gaps<4>(rows + i, offset, width, z, sums + i);
  for (; i < n; ++i) detail::add_gaps<1>(rows + i, offset, width, z, sums + i);
}

template <class T>
  requires compiled_elsewhere<T>
void block_gaps(T const* const* rows, Index n, Index offset, Index width, double const* z, double* sums) {
  dispatch::of<T>().gaps(rows, n, offset, width, z, sums);
}

// s += c[r] (row r - z), one row after the other.
template <Index R, class T>
EIGEN_ALWAYS_INLINE void add_pulls(T const* const* rows, double const* c, Index offset, Index width, double const* z,
                                   double* s) {
  using V = packet<T>;
  Index j = 0;
  for (; j + lanes<T> <= width; j += lanes<T>) {
    doubles<V> const at = detail::load_doubles<V>(z + j);
    doubles<V> sum = detail::load_doubles<V>(s + j);
    ROBAGG_UNROLL for (Index r = 0; r < R; ++r) {
      sum = detail::fused(detail::all_doubles<V>(c[r]), detail::widen(detail::load<V>(rows[r] + offset + j)) - at, sum);
    }
    detail::store_doubles<V>(s + j, sum);
  }
  for (; j < width; ++j) {
    detail::number_by_number();
    double sum = s[j];  // not in memory, which rows of doubles could be part of
    ROBAGG_UNROLL for (Index r = 0; r < R; ++r) {
      sum = detail::fused(c[r], static_cast<double>(rows[r][offset + j]) - z[j], sum);
    }
    s[j] = sum;
  }
}
template <class T>
EIGEN_DONT_INLINE void block_pulls(T const* const* rows, double const* c, Index n, Index offset, Index width, double const* z,
                                   double* s) {
  Index i = 0;
  for (; i + 8 <= n; i += 8) detail::add_pulls<8>(rows + i, c + i, offset, width, z, s);
  for (; i + 4 <= n; i += 4) detail::add_pulls<4>(rows + i, c + i, offset, width, z, s);
  for (; i + 2 <= n; i += 2) detail::add_pulls<2>(rows + i, c + i, offset, width, z, s);
  for (; i < n; ++i) detail::add_pulls<1>(rows + i, c + i, offset, width, z, s);
}

template <class T>
  requires compiled_elsewhere<T>
void block_pulls(T const* const* rows, double const* c, Index n, Index offset, Index width, double const* z, double* s) {
  dispatch::of<T>().pulls(rows, c, n, offset, width, z, s);
}

// The distances of all rows to z, as a kernel of sum_over_blocks.
template <class T>
struct all_gaps {
  double const* z;
  void operator()(distance_job<T> const& job, Index count, prefetcher<T>& ahead, workspace&) const {
    detail::block_gaps(job.points, count - 1, 0, job.columns, z + job.column, job.sums);
    ahead.step(count * job.width / lanes<T>);
  }
};

// automatic: by what the two ways cost for so many steps, in nanoseconds where docs/performance.md measured them; elsewhere
// both are slower alike. It depends on the shape alone, so that results do not change with threads, slices or the machine.
inline bool goes_along_columns(iterate how, Index n, Index d, Index steps) {
  if (how != iterate::automatic || d == 0) return how == iterate::along_columns && d > 0;
  double const rows = static_cast<double>(n), columns = static_cast<double>(d), s = static_cast<double>(steps);
  double const reads = d > 12'000 ? 2 : 1;  // longer rows take two reads a step
  double const between = rows * (14 + .008 * columns), along = 10 + 10 * s + (.04 + .125 * s) * columns * reads;  // of a row
  return between > along;
}

// So few that a copy of them costs less than reading them column by column in every step.
inline bool worth_copying(Index n, Index d) { return d <= block_columns && n * d <= 1024; }

template <class T>
class moving_point {
 public:
  moving_point(table_points<T> const& x, geometry::weighting const& weights, workspace& ws)
      : x_(x),
        ws_(ws),
        n_(x.table.rows()),
        d_(x.table.cols()),
        given_(weights),
        z_(ws.take<double>(d_)),
        step_(ws.take<double>(d_)),
        alpha_(ws.vector<double>(n_)),
        squares_(ws.vector<double>(n_)),
        before_(ws.vector<double>(n_)),
        pulls_(ws.vector<double>(n_)),
        weights_(ws.vector<double>(n_)),
        rows_(ws.take<T const*>(n_)) {
    for (Index i = 0; i < n_ && x.table.in_place(); ++i) rows_[i] = x.table.address(i);
    if (!x.table.in_place() && detail::worth_copying(n_, d_)) copy_rows();
    in_one_read_ = has_rows() && small_enough(d_) && ws.slices(detail::units_of(d_).count, 1, 1) == 1;
  }

  Index rows() const { return n_; }
  // How much row i counts: after look(), 0 where it cannot be seen from the start.
  double weight(Index i) const { return alpha_(i); }
  double total_weight() const { return detail::sum(alpha_); }
  double total_given_weight() const { return detail::sum(given_.weights); }
  // What the last pull said of row i.
  double pulled(Index i) const { return pulls_(i); }
  // z as a mixture of the rows; what is missing to 1 is the origin's.
  geometry::vector const& weights() const { return weights_; }
  // The squared distances that the last step began with.
  geometry::vector const& squares() const { return squares_; }
  double at(Index j) const { return z_[j]; }

  void start_at_origin() {
    weights_.setZero();
    read_point([&](Index j, Index w, T* to) { x_.origin(j, w, to); });
    alpha_ = given_.weights;
  }
  // Which rows can be seen from z? Others count 0. Do they weigh more than half?
  bool look() {
    measure();
    remember_squares();
    for (Index i = 0; i < n_; ++i) alpha_(i) = squares_(i) < infinity ? given_.weights(i) : 0;
    return 2 * total_weight() > (1 + given_.rounding) * total_given_weight();
  }
  // At the row that is nearest to the median of some columns, of those from which more than half of the weight can be seen:
  // false where there is none. A row that lies on the columns looked at is passed over after one read.
  bool start_inside() {
    auto const scope = ws_.scope();
    double* const distance = ws_.take<double>(n_);
    sample_distances(distance);
    bool within_range = false;  // distance is infinite for rows that are not finite
    for (Index tries = 0; tries < n_; ++tries) {
      Index const row = std::min_element(distance, distance + n_) - distance;
      if (!(distance[row] < infinity)) return false;
      if (start_at(row)) return true;
      distance[row] = infinity;
      if (within_range) continue;
      std::fill_n(z_, d_, 0.);
      measure();
      Index count = 0;
      for (Index i = 0; i < n_; ++i) count += squares_(i) < infinity && distance[i] < infinity;
      for (Index i = 0; i < n_ && count > 0; ++i) distance[i] = squares_(i) < infinity ? distance[i] : infinity;
      within_range = true;
    }
    return false;
  }

  // Has z met row i? As between rows, where rounding leaves so much of 0, as a share of what is usual: of the median distance
  // before the last move, which is looked for where a row is that near at all. If that was much longer, the answers may be
  // wrong, and the next pull asks again at the same point.
  bool met(Index i) { return squares_(i) <= 1e-15 * largest_ && squares_(i) <= 1e-15 * usual_square(); }
  bool came_near() {
    double const before = usual_square();
    remember_squares();
    measured_ = usual_square() < .25 * before;
    return measured_;
  }

  // Sums c_i (x_i - z) for c_i = pull(i, |x_i - z|^2), and says how long the sum is.
  double pull(auto const& pull) {
    std::fill_n(step_, d_, 0.);
    double const *const alpha = alpha_.data(), *const squares = squares_.data();
    double* const pulls = pulls_.data();
    auto const weigh = [&](Index i) { pulls[i] = alpha[i] > 0 && squares[i] < infinity ? pull(i, squares[i]) : 0; };
    if (in_one_read_) {
      read_groups(!measured_, [&](Index first, Index last) {
        for (Index i = first; i < last; ++i) weigh(i);
        add_pulls_of(first, last);
      });
    } else {
      if (!measured_) measure();
      for (Index i = 0; i < n_; ++i) weigh(i);
      add_pulls_by_blocks();
    }
    measured_ = false;
    return std::sqrt(length_squared());
  }
  // z moves by so much of the sum.
  void move(double factor) {
    for (Index j = 0; j < d_; ++j) z_[j] = detail::fused(factor, step_[j], z_[j]);
    double const share = factor * detail::sum(pulls_);
    for (Index i = 0; i < n_; ++i) weights_(i) = (1 - share) * weights_(i) + factor * pulls_(i);
    remember_squares();
  }
  // The squared distances to z as it is.
  void measure() {
    if (in_one_read_) {
      read_groups(true, [](Index, Index) {});
    } else {
      auto const scope = ws_.scope();
      auto const sums = detail::sum_over_table(x_, n_, ws_, all_gaps<T>{z_});
      for (Index i = 0; i < n_; ++i) squares_(i) = sums(i) < infinity ? sums(i) : infinity;
    }
    measured_ = true;
  }

  template <class X>
  static std::size_t scratch(X const& x) {
    Index const n = x.rows(), d = x.cols(), capacity = block_sums::capacity(detail::units_of(d).blocks);
    std::size_t const sample = 2 * workspace::room<T>(n) + workspace::room<Index>(n) + detail::order_scratch<T>(n) +
                               detail::source_scratch<T>(x, has_addresses<X, T> ? 0 : n, 1);
    std::size_t const group = workspace::room<block_sums::node>(capacity) + workspace::room<double>(group_rows * capacity);
    std::size_t const copies = has_addresses<X, T> || !detail::worth_copying(n, d)
                                   ? 0
                                   : workspace::room<T>(n * tile<T>::padded(d)) + detail::load_scratch(x, d);
    std::size_t const kept =
        2 * workspace::room<double>(d) + 7 * workspace::room<double>(n) + workspace::room<T const*>(n) + copies;
    Index const most = std::min(d, block_columns);
    std::size_t const point = workspace::room<T>(most) + (has_addresses<X, T> ? 0 : detail::source_scratch<T>(x, n, most));
    if (has_addresses<X, T> && small_enough(d)) return kept + std::max({sample, group, point});
    return kept + std::max({sample, group, point, detail::sums_scratch<T>(x, n),
                            detail::source_scratch<T>(x, n, most) + 3 * workspace::room<double>(n)});
  }

 private:
  static constexpr Index group_rows = 8, most_sampled = 32;

  // Does a group of rows stay in the second level of cache, beside z and the sum?
  static bool small_enough(Index d) { return d * (group_rows * static_cast<Index>(sizeof(T)) + 16) <= 640 * 1024; }
  bool has_rows() const { return copied_ || x_.table.in_place(); }
  void read_point(function_ref<void(Index j, Index w, T* to)> read) {
    auto const scope = ws_.scope();
    Index const most = std::min(d_, block_columns);
    T* const values = ws_.take<T>(most);
    for (Index j = 0; j < d_; j += most) {
      Index const w = std::min(most, d_ - j);
      read(j, w, values);
      for (Index c = 0; c < w; ++c) z_[j + c] = static_cast<double>(values[c]);
    }
  }
  bool start_at(Index row) {
    if (has_rows()) {
      for (Index j = 0; j < d_; ++j) z_[j] = static_cast<double>(rows_[row][j]) + 0.;
    } else {
      read_point([&](Index j, Index w, T* to) { x_.table.read_columns(&row, 1, j, w, to, ws_); });
    }
    weights_.setZero();
    weights_(row) = 1;
    return look();
  }
  // From now on the usual square is that of these.
  void remember_squares() {
    double largest = 0;
    for (Index i = 0; i < n_; ++i) {
      before_(i) = squares_(i);
      largest = std::max(largest, squares_(i));
    }
    largest_ = largest;
    usual_ = -1;
  }
  // Their median.
  double usual_square() {
    if (usual_ < 0) {
      std::nth_element(before_.data(), before_.data() + (n_ - 1) / 2, before_.data() + n_);
      usual_ = before_((n_ - 1) / 2);
    }
    return usual_;
  }
  // The rows of a small table that have no addresses get some.
  void copy_rows() {
    tile<T> const t(ws_, n_, d_);
    x_.table.load(0, t, ws_);
    for (Index i = 0; i < n_; ++i) rows_[i] = t.row(i);
    copied_ = true;
  }

  // How far each row is from the lower median, by weight, of a few columns; infinite where it does not count.
  void sample_distances(double* distance) {
    auto const scope = ws_.scope();
    Index const sampled = std::min(d_, most_sampled);
    T* const values = ws_.take<T>(n_);
    T* const order = ws_.take<T>(n_);
    Index* const ranked = ws_.take<Index>(n_);
    bool equal = true;
    for (Index i = 0; i < n_; ++i) {
      distance[i] = given_.weights(i) > 0 ? 0 : infinity;
      equal = equal && given_.weights(i) == given_.weights(0);
    }
    for (Index k = 0; k < sampled; ++k) {
      Index const column = (2 * k + 1) * d_ / (2 * sampled);
      if (has_rows()) {
        for (Index i = 0; i < n_; ++i) values[i] = rows_[i][column];
      } else {
        x_.table.read_columns(nullptr, n_, column, 1, values, ws_);
      }
      double const centre = static_cast<double>(equal ? middle(values, order) : weighted_middle(values, ranked));
      for (Index i = 0; i < n_; ++i) {
        double const gap = std::abs(static_cast<double>(values[i]) - centre);
        distance[i] += gap < infinity ? gap : infinity;
      }
    }
  }
  static constexpr T top = std::numeric_limits<T>::infinity();
  T middle(T const* values, T* order) const {
    for (Index i = 0; i < n_; ++i) order[i] = values[i] == values[i] ? values[i] : top;
    std::nth_element(order, order + (n_ - 1) / 2, order + n_);
    return order[(n_ - 1) / 2];
  }
  T weighted_middle(T const* values, Index* ranked) const {
    auto const value = [&](Index i) { return values[i] == values[i] ? values[i] : top; };
    detail::order_by_scores(value, ranked, n_, ws_);
    double sum = 0;
    double const half = .5 * total_given_weight();
    Index r = 0;
    while (r < n_ - 1 && (sum += given_.weights(ranked[r])) < half) ++r;
    return value(ranked[r]);
  }

  // Eight rows at a time: their distances, if they are asked for, and then visit(first, last).
  void read_groups(bool distances, auto const& visit) {
    auto const scope = ws_.scope();
    Index const blocks = (d_ + block_columns - 1) / block_columns, capacity = blocks == 1 ? 0 : block_sums::capacity(blocks);
    auto* const nodes = ws_.take<block_sums::node>(capacity);
    double* const memory = ws_.take<double>(group_rows * capacity);
    for (Index i = 0; i < n_; i += group_rows) {
      Index const m = std::min(group_rows, n_ - i);
      if (distances) {
        double* const squares = squares_.data() + i;
        if (blocks == 1) {
          detail::block_gaps(rows_ + i, m, 0, d_, z_, squares);
        } else {
          block_sums sums(nodes, memory, m, capacity);
          for (Index b = 0; b < blocks; ++b) {
            Index const j = b * block_columns, w = std::min(block_columns, d_ - j);
            detail::block_gaps(rows_ + i, m, j, w, z_ + j, sums.next());
            sums.add(b);
          }
          std::copy_n(sums.total(), m, squares);
        }
        for (Index k = 0; k < m; ++k) squares[k] = squares[k] < infinity ? squares[k] : infinity;
      }
      visit(i, i + m);
    }
  }
  void add_pulls_of(Index first, Index last) {
    T const* pulling[group_rows];
    double c[group_rows];
    Index count = 0;
    for (Index i = first; i < last; ++i) {
      if (pulls_(i) != 0) {
        pulling[count] = rows_[i];
        c[count++] = pulls_(i);
      }
    }
    detail::block_pulls(pulling, c, count, 0, d_, z_, step_);
  }
  void add_pulls_by_blocks() {
    auto const scope = ws_.scope();
    Index* const chosen = ws_.take<Index>(n_);
    double* const c = ws_.take<double>(n_);
    Index count = 0;
    for (Index i = 0; i < n_; ++i) {
      if (pulls_(i) != 0) {
        chosen[count] = i;
        c[count++] = pulls_(i);
      }
    }
    if (count == 0) return;
    ws_.for_slices(d_, block_columns, [&](Index first, Index last, workspace& own) {
      auto const slice = own.scope();
      Index const most = std::min(last - first, block_columns);
      table_source<T> const source(x_.table, chosen, count, most, own);
      T const** const rows = own.take<T const*>(count);
      for (Index j = first; j < last; j += most) {
        Index const w = std::min(most, last - j);
        auto const at = source.at(j, w);
        for (Index i = 0; i < count; ++i) rows[i] = at.rows[i] + at.offset;
        detail::block_pulls(rows, c, count, 0, w, z_ + j, step_ + j);
      }
    });
  }
  double length_squared() {
    if (d_ <= block_columns) return square_of_step(0, d_);
    auto const scope = ws_.scope();
    Index const blocks = (d_ + block_columns - 1) / block_columns;
    block_sums sums(ws_, 1, block_sums::capacity(blocks));
    for (Index b = 0; b < blocks; ++b) {
      Index const j = b * block_columns;
      *sums.next() = square_of_step(j, std::min(block_columns, d_ - j));
      sums.add(b);
    }
    return *sums.total();
  }
  double square_of_step(Index j, Index w) const {
    double lanes[8] = {};
    Index c = 0;
    for (; c + 8 <= w; c += 8) {
      for (Index l = 0; l < 8; ++l) lanes[l] = detail::fused(step_[j + c + l], step_[j + c + l], lanes[l]);
    }
    double first = lanes[0];
    for (; c < w; ++c) first = detail::fused(step_[j + c], step_[j + c], first);
    if (w < 8) return first;
    return ((first + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
  }

  table_points<T> const& x_;
  workspace& ws_;
  Index n_, d_;
  geometry::weighting given_;
  double *z_, *step_;
  geometry::vector alpha_, squares_, before_, pulls_, weights_;
  T const** rows_;
  double largest_ = 0, usual_ = 0;  // of before_, the squares at the last move: the largest, and the median or -1
  bool measured_ = false;           // squares_ are those to z
  bool copied_ = false;             // rows_ are copies
  bool in_one_read_ = false;        // a group of rows is read twice while it is in cache
};

// Along the columns of the table r: calls visit(point, progress, found), where found says whether there is an answer.
template <iterates Op, class R>
void run_along_columns(Op const& op, R const& r, workspace& ws, auto const& visit) {
  using T = wide_of<R>;
  auto const scope = ws.scope();
  auto const table = reader_of<T>(detail::plain_of(r));
  auto const origin = [&](Index j, Index w, T* to) { detail::read_origin(r, j, w, to); };
  table_points<T> const points{table, origin};
  moving_point<T> z(points, detail::row_weights_of(r, ws), ws);
  progress seen;
  bool const found = op.run(z, seen);
  visit(z, seen, found);
}
// The point, or NaN, into d values.
template <class T, class Out>
void store_point(moving_point<T> const& z, bool found, Out& out, Index d) {
  T values[64];
  for (Index j = 0; j < d; j += 64) {
    Index const w = std::min<Index>(64, d - j);
    for (Index c = 0; c < w; ++c) {
      values[c] = found ? static_cast<T>(z.at(j + c)) + T(0) : std::numeric_limits<T>::quiet_NaN();
    }
    detail::store(out, j, values, w);
  }
}

}  // namespace detail
}  // namespace robagg::inline ROBAGG_ABI

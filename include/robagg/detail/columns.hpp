// SPDX-License-Identifier: BSL-1.0
// The engine of every operator that treats each column on its own. An operator says
//
//   static constexpr auto nan = detail::nan_is::...;   what a NaN counts as
//   detail::ranks wanted(Index n) const;               (where it reads sorted columns) which ranks of n
//   auto reduce(auto const& x) const;                  a column of n values x[i] -> its result
//   auto reduce(auto const& x, auto const& w) const;   the same with weights w[i], 0 where a value is absent
//
// and the engine does the rest: input kinds, tiles, sorting, NaN, weights, alignment, slices, output. x[i] is a packet
// of neighbouring columns, or one number (see packet.hpp): the value of row i, or of rank i. Every column runs through
// the same arithmetic wherever it stands, so that results do not depend on tiles, slices or storage.
#pragma once

#include "check.hpp"
#include "select.hpp"
#include "sort.hpp"
#include "tile.hpp"

#include <algorithm>
#include <functional>  // std::greater
#include <numeric>     // std::partial_sum

namespace robagg::inline ROBAGG_ABI::detail {

enum class nan_is { nan, highest, lowest };

template <nan_is Rule, class V>
EIGEN_ALWAYS_INLINE V settled(V x) {
  constexpr auto most = std::numeric_limits<lane_of<V>>::infinity();
  if constexpr (Rule == nan_is::highest) return detail::lower(detail::all<V>(most), x);
  if constexpr (Rule == nan_is::lowest) return detail::upper(detail::all<V>(-most), x);
  return x;
}

template <class Op>
concept sorts = requires(Op const& op) { op.wanted(Index{}); };

// --- what `reduce` reads -------------------------------------------------------------------------

// Row i of the columns at `at`, NaN settled.
template <class V, nan_is Rule>
struct rows_column {
  using packet_type = V;
  lane_of<V> const* const* rows;
  Index at, count;
  Index size() const { return count; }
  EIGEN_ALWAYS_INLINE V operator[](Index i) const { return settled<Rule>(detail::load<V>(rows[i] + at)); }
};
// Values in memory, `stride` apart.
template <class V, nan_is Rule = nan_is::nan>
struct stored_column {
  using packet_type = V;
  lane_of<V> const* values;
  Index stride, count;
  Index size() const { return count; }
  EIGEN_ALWAYS_INLINE V operator[](Index i) const { return settled<Rule>(detail::load<V>(values + i * stride)); }
};
// x[r] is the value of rank r, of the ranks that were wanted; x.row(i) is that of row i.
template <class V, class Rows>
struct sorted_column : stored_column<V> {
  Rows rows;
  ranks wanted;
  EIGEN_ALWAYS_INLINE V row(Index i) const { return rows[i]; }
};

// What an operator may ask of the weights of a whole table.
struct row_weights {
  list<double> heaviest_sums;  // [f] = the weight of the f heaviest rows
  double epsilon;              // of the type that carries the weights
  Index rows() const { return heaviest_sums.size() - 1; }
  double heaviest(Index f) const { return heaviest_sums[std::min(f, rows())]; }
  double total() const { return heaviest_sums[rows()]; }
  double lightest() const { return total() - heaviest_sums[rows() - 1]; }
  // How far a cumulated weight may miss its mark by rounding; never as far as the weight of a row that is at stake,
  // which many rows with weights of few digits would reach.
  double slack(double sum, double at_stake) const {
    return std::min(4 * static_cast<double>(rows()) * epsilon * sum, .25 * at_stake);
  }
};

// The weights of a column: w[i] goes with x[i], w.row(i) with x.row(i); 0 where a value is absent.
template <class V, class Rows, bool SkipsNan>
struct column_weights : stored_column<V> {
  static constexpr bool some_absent = SkipsNan;
  Rows rows;
  row_weights const& table;
  V total;
  EIGEN_ALWAYS_INLINE V row(Index i) const { return rows[i]; }
  EIGEN_ALWAYS_INLINE V slack(V at_stake) const {
    using T = lane_of<V>;
    T const share = static_cast<T>(4 * static_cast<double>(table.rows()) * table.epsilon);
    return detail::lower(V(share * total), V(T(.25) * at_stake));
  }
};
// The weights of the rows, 0 where the row's value is NaN and that means absent.
template <class V>
struct row_order_weights {
  lane_of<V> const* weights;
  lane_of<V> const* const* rows;
  Index at;
  bool skips_nan;
  EIGEN_ALWAYS_INLINE V operator[](Index i) const {
    V const w = detail::all<V>(weights[i]);
    if (!skips_nan) return w;
    V const x = detail::load<V>(rows[i] + at);
    return x == x ? w : V{};
  }
};

// --- where rows are ------------------------------------------------------------------------------

// Row i at an address, contiguous and of the type that kernels compute in.
template <class T, class R>
T const* row_address(R const& r, Index i) {
  if constexpr (requires { r.indices; }) {
    return detail::row_address<T>(r.base, r.indices[i]);
  } else if constexpr (requires { r.pointers; }) {
    return r.pointers[i];
  } else {
    return r.data() + i * r.outerStride();
  }
}
template <class R, class T>
inline constexpr bool has_addresses = false;
template <class T>
inline constexpr bool has_addresses<rows_table<T>, T> = true;
template <class B, class T>
inline constexpr bool has_addresses<subset_table<B>, T> = has_addresses<std::remove_cv_t<B>, T>;
template <dense R, class T>
inline constexpr bool has_addresses<R, T> =
    requires(R const& r) { r.data(); } && R::IsRowMajor && R::InnerStrideAtCompileTime == 1 && std::same_as<typename R::Scalar, T>;

// Row i, columns [from, to), of any plain table: where it is, or read into `room`.
template <class R, class T>
T const* row_piece(R const& x, Index i, Index from, Index to, T* room) {
  if constexpr (has_addresses<R, T>) {
    return detail::row_address<T>(x, i) + from;
  } else {
    detail::read_row(x, i, from, to - from, room);
    return room;
  }
}

// A table as the engine reads it, whatever its kind: the engine is compiled once for all of them.
template <class T>
class column_source {
 public:
  // Row i at rows[i] + offset.
  struct block {
    T const* const* rows;
    Index offset;
  };
  explicit column_source(Index rows) : rows_(rows) {}
  Index rows() const { return rows_; }
  // Columns [j, j + w), as whole packets: in place where rows have addresses and w is a number of packets, otherwise
  // through a tile, padded with zeros; those are at most `most` or, if fewer, one packet.
  virtual block at(Index j, Index w) const = 0;
  // Where the rows begin, or nullptr.
  virtual T const* const* addresses() const = 0;
  // Column j where it is contiguous in memory, or nullptr.
  virtual T const* column(Index j) const = 0;
  // Columns [j, j + w), one after the other.
  virtual void read_columns(Index j, Index w, T* to) const = 0;

 protected:
  ~column_source() = default;
  Index rows_;
};

// Of the rows in `chosen`, or of all (nullptr), `most` columns at a time; with most = 0 only single columns are read, and
// nothing is prepared for the rows.
template <class R, class T>
class table_source final : public column_source<T> {
 public:
  using typename column_source<T>::block;
  static constexpr bool in_place = has_addresses<R, T>;

  table_source(R const& r, Index const* chosen, Index count, Index most, workspace& ws)
      : column_source<T>(count), table_(r), chosen_(chosen), ws_(ws), listed_(most == 0 ? 0 : count),
        tile_(ws, in_place ? listed_ : r.rows(), most),
        addresses_(ws.take<T const*>(listed_)), tile_rows_(ws.take<T const*>(listed_)) {
    for (Index i = 0; i < listed_; ++i) {
      if constexpr (in_place) addresses_[i] = row_address<T>(r, row(i));
      tile_rows_[i] = tile_.row(in_place ? i : row(i));
    }
  }

  block at(Index j, Index w) const override {
    Index const padded = (w + lanes<T> - 1) / lanes<T> * lanes<T>;
    if constexpr (in_place) {
      if (w == padded) return {addresses_, j};
      for (Index i = 0; i < this->rows_; ++i) std::fill(std::copy_n(addresses_[i] + j, w, tile_.row(i)), tile_.row(i) + padded, T(0));
    } else {
      detail::load(table_, j, tile_.first_columns(w), ws_);
      for (Index i = 0; i < tile_.rows; ++i) std::fill(tile_.row(i) + w, tile_.row(i) + padded, T(0));
    }
    return {tile_rows_, 0};
  }
  T const* const* addresses() const override { return in_place ? addresses_ : nullptr; }
  T const* column(Index j) const override {
    if constexpr (requires { requires dense<R> && std::same_as<typename R::Scalar, T>; table_.data(); table_.innerStride(); }) {
      Index const inner = table_.innerStride(), outer = table_.outerStride();
      if (chosen_ == nullptr && (R::IsRowMajor ? outer : inner) == 1) return table_.data() + j * (R::IsRowMajor ? inner : outer);
    }
    return nullptr;
  }
  void read_columns(Index j, Index w, T* to) const override {
    auto const scope = ws_.scope();
    Index const n = this->rows_;
    if constexpr (requires(tile<T> t) { table_.load(j, t, ws_); }) {
      tile<T> const t(ws_, table_.rows(), w);
      detail::load(table_, j, t, ws_);
      for (Index i = 0; i < n; ++i) {
        for (Index c = 0; c < w; ++c) to[c * n + i] = t.row(row(i))[c];
      }
    } else {
      auto values = ws_.vector<T>(w);
      for (Index i = 0; i < n; ++i) {
        detail::read_row(table_, row(i), j, w, values.data());
        for (Index c = 0; c < w; ++c) to[c * n + i] = values(c);
      }
    }
  }

 private:
  Index row(Index i) const { return chosen_ == nullptr ? i : chosen_[i]; }

  R const& table_;
  Index const* chosen_;
  workspace& ws_;
  Index listed_;
  tile<T> tile_;
  T const **addresses_, **tile_rows_;
};

// Where results go: T's side by side at `direct`, or through `write`.
template <class T>
struct column_sink {
  T* direct;
  void* out;
  void (*write)(void* out, Index j, T const* from, Index w);
};
template <class T, class Out>
column_sink<T> sink_of(Out& out) {
  return {detail::contiguous<T>(out), &out, [](void* to, Index j, T const* from, Index w) { detail::store(*static_cast<Out*>(to), j, from, w); }};
}

// How many columns to take from `first` on so that most rows continue at the address of a whole packet.
template <class T>
Index misaligned(T const* const* rows, Index n, Index first) {
  Index votes[static_cast<std::size_t>(lanes<T>)] = {};
  for (Index i = 0; i < n; ++i) ++votes[-(first + reinterpret_cast<std::intptr_t>(rows[i]) / static_cast<Index>(sizeof(T))) & (lanes<T> - 1)];
  return std::max_element(votes, votes + lanes<T>) - votes;
}

// --- the engine ----------------------------------------------------------------------------------

// More rows than this: single long columns instead of packets of them.
inline constexpr Index tall_rows = 2048;
// From as many rows on, processors lose track of the streams and the next block is prefetched.
inline constexpr Index many_streams = 12;
// Columns of a block, as far as the rows leave it in the second level of cache, and of what is sorted at once, which
// stays in the first.
constexpr Index block_of(Index n) { return std::clamp<Index>(64 * 1024 / n / 64 * 64, 64, 256); }
template <class T>
constexpr Index piece_of(Index n) {
  return std::clamp<Index>(4096 / n / lanes<T> * lanes<T>, lanes<T>, 64);
}

// The table's weights, prepared once per call; rows of weight 0 are absent.
template <class T>
struct prepared_weights {
  list<Index> rows;       // those present
  T const* weights;       // theirs
  row_weights table;
};
template <class R, class T>
prepared_weights<T> prepare_weights(R const& r, workspace& ws) {
  Index const n = r.rows();
  auto rows = ws.vector<Index>(n);
  auto weights = ws.vector<T>(n);
  auto exact = ws.vector<double>(n);
  Index present = 0;
  detail::read_weights(r, exact.data());
  for (Index i = 0; i < n; ++i) {
    if (!(exact(i) > 0)) continue;
    exact(present) = exact(i), rows(present) = i;
    weights(present++) = std::max(static_cast<T>(exact(i)), std::numeric_limits<T>::min());  // present stays present
  }
  auto sums = ws.vector<double>(present + 1);
  sums(0) = 0;
  std::partial_sort_copy(exact.data(), exact.data() + present, sums.data() + 1, sums.data() + 1 + present, std::greater<>{});
  std::partial_sum(sums.data(), sums.data() + present + 1, sums.data());
  double const epsilon = std::max(detail::weight_epsilon(r), static_cast<double>(std::numeric_limits<T>::epsilon()));
  return {{rows.data(), present}, weights.data(), {{sums.data(), present + 1}, epsilon}};
}

// A column in which nothing is present.
template <class Op>
double result_of_nothing(Op const& op) {
  if constexpr (requires { op.reduce_nothing(); }) {
    return op.reduce_nothing();
  } else {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

// Columns [first, last) of tables with up to tall_rows rows. Weights is nullptr_t where every row counts once.
template <class T, bool SkipsNan, class Op, class Weights>
EIGEN_DONT_INLINE void reduce_packets(Op const& op, column_source<T> const& source, Weights const* weights, column_sink<T> const& sink,
                                      Index first, Index last, workspace& ws) {
  using V = packet<T>;
  constexpr bool uneven = !std::same_as<Weights, std::nullptr_t>;
  auto const scope = ws.scope();
  T const* const* const addresses = source.addresses();
  Index const n = source.rows(), piece = piece_of<T>(n), block = addresses != nullptr ? block_of(n) : piece;
  prefetcher<T> ahead = addresses != nullptr && n >= many_streams ? prefetcher<T>(addresses, n, block) : prefetcher<T>();
  T* const values = ws.take<T>(sorts<Op> || uneven ? n * piece : 0);
  T* const value_weights = ws.take<T>(uneven ? n * piece : 0);
  T* const buffer = ws.take<T>(block);
  ranks wanted{0, n};
  if constexpr (sorts<Op> && !uneven) wanted = op.wanted(n);
  auto sorter = [&] {
    if constexpr (sorts<Op>) {
      return column_sorter<T, uneven>(n, wanted, piece, ws);
    } else {
      return nullptr;
    }
  }();

  Index w = addresses != nullptr ? std::min(misaligned(addresses, n, first), last - first) : 0;
  for (Index j = first; j < last; j += w, w = 0) {
    if (w == 0) w = std::min(block, last - j);
    if (w > lanes<T>) w -= w % lanes<T>;
    auto const [rows, offset] = source.at(j, w);
    T* const to = sink.direct != nullptr && w % lanes<T> == 0 ? sink.direct + j : buffer;
    ahead.start(j + w, j + w < last);
    for (Index c = 0; c < w; c += piece) {
      Index const packets = (std::min(piece, w - c) + lanes<T> - 1) / lanes<T>;
      sorted_ranks<T> sorted{values, value_weights, piece};
      if constexpr (sorts<Op>) {
        sort_job<T> job{.rows = rows, .offset = offset + c, .packets = packets, .to = values, .stride = piece, .ahead = &ahead};
        if constexpr (uneven) job.weights = weights->weights, job.weights_to = value_weights, job.skips_nan = SkipsNan;
        sorted = sorter(job);
      }
      for (Index p = 0; p < packets; ++p) {
        Index const l = p * lanes<T>, at = offset + c + l;
        using in_rows = rows_column<V, Op::nan>;
        in_rows const column{rows, at, n};
        V y;
        if constexpr (!sorts<Op>) ahead.step(n);
        if constexpr (!uneven && sorts<Op>) {
          y = op.reduce(sorted_column<V, in_rows>{{sorted.values + l, sorted.stride, n}, column, wanted});
        } else if constexpr (!uneven) {
          y = op.reduce(column);
        } else {
          row_order_weights<V> const row_order{weights->weights, rows, at, SkipsNan};
          V total = detail::all<V>(static_cast<T>(weights->table.total()));
          if constexpr (SkipsNan || !sorts<Op>) {
            if (SkipsNan) total = V{};
            for (Index i = 0; i < n; ++i) {
              V const u = row_order[i];
              if (SkipsNan) total = total + u;
              if constexpr (!sorts<Op>) {
                detail::store<V>(value_weights + i * piece + l, u);
                V const x = column[i];
                detail::store<V>(values + i * piece + l, u > V{} ? x : V{});
              }
            }
          }
          column_weights<V, row_order_weights<V>, SkipsNan> const of_values{{sorted.weights + l, sorted.stride, n}, row_order, weights->table, total};
          y = op.reduce(sorted_column<V, in_rows>{{sorted.values + l, sorted.stride, n}, column, wanted}, of_values);
          if (SkipsNan) y = total > V{} ? y : detail::all<V>(static_cast<T>(detail::result_of_nothing(op)));
        }
        detail::store<V>(to + c + l, V(y + T(0)));
      }
    }
    if (to == buffer) sink.write(sink.out, j, buffer, w);
  }
}

template <class T>
bool holds_nan(T const* x, Index n) {
  using V = packet<T>;
  Index i = 0;
  V sum{};  // NaN stays; infinities times 0 are NaN as well, which costs a copy
  for (; i + lanes<T> <= n; i += lanes<T>) sum = sum + T(0) * detail::load<V>(x + i);
  bool found = detail::any(sum != sum);
  for (; i < n; ++i) found = found || x[i] != x[i];
  return found;
}

// The same for more rows: one long column after the other.
template <class T, bool SkipsNan, class Op, class Weights>
EIGEN_DONT_INLINE void reduce_tall(Op const& op, column_source<T> const& source, Weights const* weights, column_sink<T> const& sink,
                                   Index first, Index last, workspace& ws) {
  constexpr bool uneven = !std::same_as<Weights, std::nullptr_t>;
  auto const scope = ws.scope();
  Index const n = source.rows(), most = std::min<Index>(last - first, 64 / static_cast<Index>(sizeof(T)));
  T* const columns = ws.take<T>(n * most);
  T* const values = ws.take<T>(n);
  T* const row_values = ws.take<T>(uneven ? n : 0);
  T* const row_weights_of = ws.take<T>(uneven ? n : 0);
  T* const value_weights = ws.take<T>(uneven ? n : 0);
  Index* const order = ws.take<Index>(uneven ? n : 0);

  for (Index j = first; j < last; j += most) {
    Index const w = std::min(most, last - j);
    T const* const in_table = w == 1 ? source.column(j) : nullptr;
    if (in_table == nullptr) source.read_columns(j, w, columns);
    for (Index c = 0; c < w; ++c) {
      T const* const x = in_table != nullptr ? in_table : columns + c * n;
      using in_rows = stored_column<T, Op::nan>;
      in_rows const column{x, 1, n};
      T y;
      if constexpr (uneven) {
        T total = 0;
        for (Index i = 0; i < n; ++i) {
          bool const absent = SkipsNan && x[i] != x[i];
          row_weights_of[i] = absent ? T(0) : weights->weights[i];
          row_values[i] = absent && !sorts<Op> ? T(0) : column[i];
          order[i] = i;
          total += row_weights_of[i];
        }
        if constexpr (sorts<Op>) {
          std::sort(order, order + n, [&](Index a, Index b) { return row_values[a] < row_values[b]; });
        }
        for (Index i = 0; i < n; ++i) values[i] = row_values[order[i]], value_weights[i] = row_weights_of[order[i]];
        using stored = stored_column<T>;
        stored const all_weights{row_weights_of, 1, n};
        y = op.reduce(sorted_column<T, stored>{{values, 1, n}, {row_values, 1, n}, {0, n}},
                      column_weights<T, stored, SkipsNan>{{value_weights, 1, n}, all_weights, weights->table, total});
        if (SkipsNan && !(total > 0)) y = static_cast<T>(detail::result_of_nothing(op));
      } else if constexpr (sorts<Op>) {
        ranks const wanted = op.wanted(n);
        bool const select = wanted.last - wanted.first <= 2;
        if (select && !holds_nan(x, n)) {
          detail::select_ranks(x, n, wanted.first, wanted.last - wanted.first, values + wanted.first, ws);
        } else {
          for (Index i = 0; i < n; ++i) values[i] = column[i];
          if (select || requires { requires Op::any_order; }) {
            detail::keep_ranks(values, n, wanted.first, wanted.last);
          } else {
            std::sort(values, values + n);
          }
        }
        y = op.reduce(sorted_column<T, in_rows>{{values, 1, n}, column, wanted});
      } else {
        y = op.reduce(column);
      }
      y += T(0);
      sink.write(sink.out, j + c, &y, 1);
    }
  }
}

// Every column of the table x through op, of the rows in `chosen` or of all (nullptr), into an output of d values.
template <bool SkipsNan, class T, class Op, class X, class Weights, class Out>
void reduce_columns(Op const& op, X const& x, Index const* chosen, Index n, Weights const* weights, Out& out, workspace& ws) {
  auto const sink = sink_of<T>(out);
  ws.for_slices(x.cols(), block_columns, [&](Index first, Index last, workspace& own) {
    auto const slice = own.scope();
    table_source<X, T> const source(x, chosen, n, n > tall_rows ? 0 : piece_of<T>(n), own);
    (n > tall_rows ? reduce_tall<T, SkipsNan, Op, Weights> : reduce_packets<T, SkipsNan, Op, Weights>)(op, source, weights, sink, first, last, own);
  });
}

/// Runs a coordinate-wise operator over any table. An origin changes nothing for rules that move with their column, so
/// `around` reads as its base here.
template <class Op, class R, class Out>
void columns(Op const& op, R const& r, Out& out, workspace& ws) {
  detail::enter(op, r);
  ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
  using T = wide_of<R>;
  constexpr bool skips = incomplete_reports<R>;
  auto const scope = ws.scope();
  auto&& x = detail::readable(detail::plain_of(r));
  if constexpr (weighted_reports<R> || skips) {
    auto const weights = detail::prepare_weights<R, T>(r, ws);
    if constexpr (requires { op.check(weights.table); }) op.check(weights.table);
    detail::fit_vector(op, out, x.cols());
    detail::reduce_columns<skips, T>(op, x, weights.rows.data(), weights.rows.size(), &weights, out, ws);
  } else {
    detail::fit_vector(op, out, x.cols());
    detail::reduce_columns<false, T>(op, x, nullptr, x.rows(), static_cast<std::nullptr_t const*>(nullptr), out, ws);
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

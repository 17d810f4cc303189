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
#include "source.hpp"

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
  lane_of<V> lane(Index i, Index l) const { return settled<Rule>(rows[i][at + l]); }
};
// Values in memory, `stride` apart.
template <class V, nan_is Rule = nan_is::nan>
struct stored_column {
  using packet_type = V;
  lane_of<V> const* values;
  Index stride, count;
  Index size() const { return count; }
  EIGEN_ALWAYS_INLINE V operator[](Index i) const { return settled<Rule>(detail::load<V>(values + i * stride)); }
  lane_of<V> lane(Index i, Index l) const { return settled<Rule>(values[i * stride + l]); }
};
// x[r] is the value of rank r, of the ranks that were wanted; x.row(i) is that of row i.
template <class V, class Rows>
struct sorted_column : stored_column<V> {
  Rows rows;
  ranks wanted;
  EIGEN_ALWAYS_INLINE V row(Index i) const { return rows[i]; }
  lane_of<V> row_lane(Index i, Index l) const { return rows.lane(i, l); }
};

// What an operator may ask of the weights of a whole table.
struct row_weights {
  list<double> heaviest_sums;  // [f] = the weight of the f heaviest rows
  double total;                // added up in the order of the rows
  double rounding;             // how far sums of weights may be off, as a share of the total: 0 for whole numbers
  Index rows() const { return heaviest_sums.size() - 1; }
  double heaviest(Index f) const { return heaviest_sums[std::min(f, rows())]; }
  double lightest() const { return heaviest_sums[rows()] - heaviest_sums[rows() - 1]; }
  // How far a cumulated weight may miss its mark by rounding; never as far as the weight of a row that is at stake.
  double slack(double sum, double at_stake) const { return std::min(rounding * sum, .25 * at_stake); }
  // The mark p of `sum`, on a whole number where whole weights reach it up to the rounding of p.
  template <class D>
  EIGEN_ALWAYS_INLINE D mark(double p, D sum) const {
    D const exact = p * sum;
    return rounding > 0 ? exact : detail::snapped(exact, D(4 * std::numeric_limits<double>::epsilon() * sum));
  }
};

// The weights of a column: w[i] goes with x[i]; w.present(i) is above 0 where x[i] counts; w.row(i) goes with x.row(i). By rank,
// what was sorted with the values is a weight, or the place + 1 of one in a list; 0 for absent values. N is what weights are
// added up in: V where they are whole and few enough, otherwise doubles.
template <class V, class Rows, class N>
struct column_weights {
  using packet_type = V;
  stored_column<V> sorted;
  double const* by_place;  // nullptr: weights were sorted
  Rows rows;
  row_weights const& table;
  N total;
  bool some_absent, some_done;  // columns in which nothing is absent are done already, and need no answer

  Index size() const { return sorted.count; }
  EIGEN_ALWAYS_INLINE V present(Index i) const { return sorted[i]; }
  EIGEN_ALWAYS_INLINE N operator[](Index i) const {
    if constexpr (std::same_as<N, V>) {
      return sorted[i];
    } else {
      return by_place == nullptr ? detail::widen(sorted[i]) : detail::looked_up<V>(by_place, sorted[i]);
    }
  }
  EIGEN_ALWAYS_INLINE N mark(double p) const {
    auto const exact = table.mark(p, detail::as_doubles<V>(total));
    if constexpr (std::same_as<N, doubles<V>>) {
      return exact;
    } else {
      return detail::narrow<V>(detail::whole_or_between(exact));
    }
  }
  EIGEN_ALWAYS_INLINE V slack(V at_stake) const {
    using T = lane_of<V>;
    return detail::lower(V(static_cast<T>(table.rounding) * detail::as_packet<V>(total)), V(T(.25) * at_stake));
  }
  // Lane l alone.
  double lane(Index i, Index l) const {
    double const w = static_cast<double>(sorted.lane(i, l));
    return by_place == nullptr ? w : by_place[static_cast<Index>(w)];
  }
  double row_lane(Index i, Index l) const { return rows.lane(i, l); }
  double total_lane(Index l) const { return detail::get_double<V>(detail::as_doubles<V>(total), l); }
  bool done(Index l) const { return some_done && total_lane(l) == table.total; }
};
// The weights of the rows, 0 where the row's value is NaN and that means absent.
template <class V>
struct row_order_weights {
  using packet_type = V;
  using D = doubles<V>;
  double const* weights;
  lane_of<V> const* const* rows;
  Index at;
  bool some_absent;
  EIGEN_ALWAYS_INLINE V present(Index i) const {
    V const one = detail::all<V>(1);
    if (!some_absent) return one;
    V const x = detail::load<V>(rows[i] + at);
    return x == x ? one : V{};
  }
  EIGEN_ALWAYS_INLINE D operator[](Index i) const {
    return some_absent ? weights[i] * detail::widen(present(i)) : detail::all_doubles<V>(weights[i]);
  }
  double lane(Index i, Index l) const { return some_absent && rows[i][at + l] != rows[i][at + l] ? 0 : weights[i]; }
};
// The same as weights of a column whose values are not sorted.
template <class V>
struct unsorted_weights : row_order_weights<V> {
  row_weights const& table;
  doubles<V> total;
  EIGEN_ALWAYS_INLINE V slack(V at_stake) const {
    using T = lane_of<V>;
    return detail::lower(detail::narrow<V>(table.rounding * total), V(T(.25) * at_stake));
  }
};
// The weights of one long column.
template <class T>
struct long_weights {
  using packet_type = T;
  stored_column<double> sorted, rows;
  row_weights const& table;
  double total;
  bool some_absent;
  Index size() const { return sorted.count; }
  T present(Index i) const { return sorted[i] > 0; }
  double operator[](Index i) const { return sorted[i]; }
  double mark(double p) const { return table.mark(p, total); }
  double lane(Index i, Index) const { return sorted[i]; }
  double row_lane(Index i, Index) const { return rows[i]; }
  double total_lane(Index) const { return total; }
  bool done(Index) const { return false; }
  T slack(T at_stake) const { return std::min(static_cast<T>(table.rounding * total), T(.25) * at_stake); }
};
// The values of the rows, 0 where absent.
template <class V, nan_is Rule>
struct present_column : rows_column<V, Rule> {
  bool some_absent;
  EIGEN_ALWAYS_INLINE V operator[](Index i) const {
    V const x = detail::load<V>(this->rows[i] + this->at), settled = detail::settled<Rule>(x);
    return some_absent ? (x == x ? settled : V{}) : settled;
  }
};

// How many columns to take from `first` on so that most rows continue at the address of a whole packet.
template <class T>
Index misaligned(T const* const* rows, Index n, Index first) {
  Index votes[static_cast<std::size_t>(lanes<T>)] = {};
  for (Index i = 0; i < n; ++i) ++votes[-(first + reinterpret_cast<std::intptr_t>(rows[i]) / static_cast<Index>(sizeof(T))) & (lanes<T> - 1)];
  return std::max_element(votes, votes + lanes<T>) - votes;
}

// --- the engine ----------------------------------------------------------------------------------

// More rows than this: single long columns instead of packets of them. Also in small tables that are tall, where a packet's
// scratch would not fit on the stack, unless weights differ: their sums are the same to the bit in packets only.
inline constexpr Index tall_rows = 2048;
constexpr bool is_tall(Index n, Index d, bool alike) { return n > tall_rows || (alike && n > 80 && n * d <= 1024); }
// From as many rows on, processors lose track of the streams and the next block is prefetched.
inline constexpr Index many_streams = 12;
// Columns of a block of n rows of d columns, as far as they leave it in the second level of cache, and of what is sorted at
// once, which stays in the first; with weights little of a small table, whose scratch then fits on the stack.
constexpr Index block_of(Index n, Index d) { return std::min(std::clamp<Index>(64 * 1024 / n / 64 * 64, 64, 256), tile<float>::padded(std::max<Index>(d, 1))); }
template <class T>
constexpr Index piece_of(Index n, Index d, bool uneven = false) {
  Index const values = uneven && n * d <= 1024 ? 256 : 4096, whole = (std::max<Index>(d, 1) + lanes<T> - 1) / lanes<T> * lanes<T>;
  return std::min(std::clamp<Index>(values / n / lanes<T> * lanes<T>, lanes<T>, 64), whole);
}

// The table's weights, prepared once per call; rows of weight 0 are absent.
struct prepared_weights {
  list<Index> rows;       // those present; of all there is no list
  double const* weights;  // theirs
  row_weights table;
  bool equal, skips_nan;
};
// From the weights of all rows, which give way to those of the rows that are present.
inline prepared_weights prepare_weights(workspace::vector_map<double> weights, weight_kind kind, double epsilon, bool skips_nan, workspace& ws) {
  Index const n = weights.size();
  Index present = 0;
  double total = 0;
  bool const all = (weights.array() > 0).all();
  Index* const rows = ws.take<Index>(all ? 0 : n);
  for (Index i = 0; i < n; ++i) {
    if (!(weights(i) > 0)) continue;
    if (!all) rows[present] = i;
    total += weights(i), weights(present++) = weights(i);
  }
  double* const sums = ws.take<double>(present + 1);
  sums[0] = 0;
  std::copy_n(weights.data(), present, sums + 1);
  std::sort(sums + 1, sums + 1 + present, std::greater<>{});
  std::partial_sum(sums, sums + present + 1, sums);
  row_weights const table{{sums, present + 1}, total, detail::rounding_of(kind, epsilon, present)};
  return {{rows, present}, weights.data(), table, kind == weight_kind::equal, skips_nan};
}
template <class R>
prepared_weights prepare_weights(R const& r, workspace& ws) {
  auto weights = ws.vector<double>(r.rows());
  weight_kind const kind = detail::read_weights(r, weights.data());
  // Sorted weights are rounded to what columns are computed in.
  double const epsilon = std::max(detail::weight_epsilon(r), static_cast<double>(std::numeric_limits<wide_of<R>>::epsilon()));
  return detail::prepare_weights(weights, kind, epsilon, incomplete_reports<R>, ws);
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

// What sorts columns for an operator, if it wants them sorted.
struct no_sorter {
  no_sorter(Index, ranks, Index, workspace&) {}
};
template <class T, class Op, bool Weighted>
using sorter_for = std::conditional_t<sorts<Op>, column_sorter<T, Weighted>, no_sorter>;

// Packets of columns of tables with up to tall_rows rows, every row once.
template <class T, class Op>
class even_packets {
  using V = packet<T>;
  using in_rows = rows_column<V, Op::nan>;

 public:
  // `values` is scratch for n x piece of them, where the operator sorts.
  even_packets(Op const& op, Index n, Index piece, T* values, workspace& ws)
      : op_(op), n_(n), piece_(piece), wanted_(ranks_wanted()), values_(values), sorter_(n, wanted_, piece_, ws) {}

  // Results of the columns at `offset` of the rows go to `to`.
  EIGEN_DONT_INLINE void operator()(T const* const* rows, Index offset, Index packets, T* to, prefetcher<T>& ahead) {
    sorted_ranks<T> sorted{values_, nullptr, piece_};
    if constexpr (sorts<Op>) {
      sorted = sorter_(sort_job<T>{.rows = rows, .offset = offset, .packets = packets, .to = values_, .stride = piece_, .ahead = &ahead});
    }
    for (Index l = 0; l < packets * lanes<T>; l += lanes<T>) {
      in_rows const column{rows, offset + l, n_};
      V y;
      if constexpr (sorts<Op>) {
        y = op_.reduce(sorted_column<V, in_rows>{{sorted.values + l, sorted.stride, n_}, column, wanted_});
      } else {
        ahead.step(n_);
        y = op_.reduce(column);
      }
      detail::store<V>(to + l, V(y + T(0)));
    }
  }

 private:
  ranks ranks_wanted() const {
    if constexpr (sorts<Op>) {
      return op_.wanted(n_);
    } else {
      return {0, n_};
    }
  }

  Op const& op_;
  Index n_, piece_;
  ranks wanted_;
  T* values_;
  sorter_for<T, Op, false> sorter_;
};

// The same with weights, or absent values. Rows of equal weight are even ones where nothing is absent: pieces without NaN are
// reduced as such, and single columns too where an operator says so (clean_columns_apart).
template <class T, class Op>
class uneven_packets {
  using V = packet<T>;
  using D = doubles<V>;
  using in_rows = rows_column<V, Op::nan>;
  static constexpr bool clean_apart = requires { requires Op::clean_columns_apart; };

 public:
  uneven_packets(Op const& op, prepared_weights const& weights, Index piece, workspace& ws)
      : op_(op), weights_(weights), n_(weights.rows.size()), piece_(piece), may_be_even_(weights.equal && weights.skips_nan),
        counts_(ws.take<T>(piece_)), results_(ws.take<T>(piece_)), values_(ws.take<T>(sorts<Op> ? n_ * piece_ : 0)),
        even_(op, n_, piece_, values_, ws), sorter_(n_, {0, n_}, piece_, ws) {
    if constexpr (sorts<Op>) {
      value_weights_ = ws.take<T>(n_ * piece_), sorted_weights_ = ws.take<T>(n_);
      bool exact = true;
      for (Index i = 0; i < n_; ++i) {
        sorted_weights_[i] = std::max(static_cast<T>(weights.weights[i]), std::numeric_limits<T>::min());  // present stays present
        exact = exact && static_cast<double>(sorted_weights_[i]) == weights.weights[i];
      }
      if (exact || weights.table.rounding > 0) return;
      // Whole weights that T does not hold stay where they are, and their places are sorted.
      by_place_ = ws.take<double>(n_ + 1);
      by_place_[0] = 0;
      for (Index i = 0; i < n_; ++i) by_place_[i + 1] = weights.weights[i], sorted_weights_[i] = static_cast<T>(i + 1);
    }
  }

  EIGEN_DONT_INLINE void operator()(T const* const* rows, Index offset, Index packets, T* to, prefetcher<T>& ahead) {
    if (weights_.equal && !weights_.skips_nan) return even_(rows, offset, packets, to, ahead);
    bool const all_present = may_be_even_ && count_present(rows, offset, packets);
    bool const some_even = may_be_even_ && (all_present || clean_apart);
    if (some_even) even_(rows, offset, packets, to, ahead);
    if (all_present) return;
    T* const own = some_even ? results_ : to;
    if constexpr (!sorts<Op>) {
      for (Index l = 0; l < packets * lanes<T>; l += lanes<T>) {
        ahead.step(n_);
        reduce_packet<D>(rows, offset, l, own, [&](auto const& of_rows, D total) {
          return op_.reduce(present_column<V, Op::nan>{{rows, offset + l, n_}, weights_.skips_nan}, unsorted_weights<V>{of_rows, weights_.table, total});
        });
      }
    } else {
      sort_job<T> job{.rows = rows, .offset = offset, .packets = packets, .to = values_, .stride = piece_, .ahead = some_even ? nullptr : &ahead};
      job.weights = sorted_weights_, job.weights_to = value_weights_, job.skips_nan = weights_.skips_nan;
      sorted_ranks<T> const sorted = sorter_(job);
      // Whole numbers up to 2^22, and their quarters, are exact in float.
      if (weights_.table.rounding == 0 && weights_.table.total <= 0x1p22) {
        reduce_sorted<V>(sorted, rows, offset, packets, own);
      } else {
        reduce_sorted<D>(sorted, rows, offset, packets, own);
      }
    }
    V const all_rows = detail::all<V>(static_cast<T>(n_));
    for (Index l = 0; l < (some_even ? packets * lanes<T> : 0); l += lanes<T>) {
      detail::store<V>(to + l, detail::load<V>(counts_ + l) < all_rows ? detail::load<V>(own + l) : detail::load<V>(to + l));
    }
  }

 private:
  template <class N>
  EIGEN_ALWAYS_INLINE void reduce_sorted(sorted_ranks<T> const& sorted, T const* const* rows, Index offset, Index packets, T* to) const {
    for (Index l = 0; l < packets * lanes<T>; l += lanes<T>) {
      reduce_packet<N>(rows, offset, l, to, [&](auto const& of_rows, N total) {
        using row_order = std::remove_cvref_t<decltype(of_rows)>;
        return op_.reduce(sorted_column<V, in_rows>{{sorted.values + l, sorted.stride, n_}, {rows, offset + l, n_}, {0, n_}},
                          column_weights<V, row_order, N>{{sorted.weights + l, sorted.stride, n_}, by_place_, of_rows, weights_.table, total,
                                                          weights_.skips_nan, clean_apart && may_be_even_});
      });
    }
  }
  // What reduce(weights of the rows, their total) gives for the packet of columns at l, unless nothing is present.
  template <class N>
  EIGEN_ALWAYS_INLINE void reduce_packet(T const* const* rows, Index offset, Index l, T* to, auto const& reduce) const {
    row_order_weights<V> const of_rows{weights_.weights, rows, offset + l, weights_.skips_nan};
    D total = detail::all_doubles<V>(weights_.table.total);
    V present = detail::all<V>(1);
    if (may_be_even_) {
      present = detail::load<V>(counts_ + l), total = detail::widen(present);
    } else if (weights_.skips_nan) {
      present = V{}, total = detail::all_doubles<V>(0);
      for (Index i = 0; i < n_; ++i) present = present + of_rows.present(i), total = total + of_rows[i];
    }
    V const y = reduce(of_rows, detail::as_number<V, N>(total));
    detail::store<V>(to + l, V((present > V{} ? y : detail::all<V>(static_cast<T>(detail::result_of_nothing(op_)))) + T(0)));
  }
  // How many values the columns of a piece have, and whether all have all.
  bool count_present(T const* const* rows, Index offset, Index packets) {
    V least = detail::all<V>(static_cast<T>(n_));
    for (Index l = 0; l < packets * lanes<T>; l += lanes<T>) {
      V count{};
      for (Index i = 0; i < n_; ++i) {
        V const x = detail::load<V>(rows[i] + offset + l);
        count = count + (x == x ? detail::all<V>(1) : V{});
      }
      detail::store<V>(counts_ + l, count);
      least = detail::lower(least, count);
    }
    return !detail::any(least < detail::all<V>(static_cast<T>(n_)));
  }

  Op const& op_;
  prepared_weights const& weights_;
  Index n_, piece_;
  bool may_be_even_;
  T *counts_, *results_, *values_, *value_weights_ = nullptr, *sorted_weights_ = nullptr;
  even_packets<T, Op> even_;
  double* by_place_ = nullptr;
  sorter_for<T, Op, true> sorter_;
};

// Columns [first, last), block by block.
template <class T>
using packet_reducer = function_ref<void(T const* const* rows, Index offset, Index packets, T* to, prefetcher<T>& ahead)>;
template <class T>
void reduce_packets(packet_reducer<T> reduce, table_source<T> const& source, column_sink<T> const& sink, Index piece, Index first, Index last, workspace& ws) {
  auto const scope = ws.scope();
  T const* const* const addresses = source.addresses();
  Index const n = source.rows(), block = addresses != nullptr ? block_of(n, last - first) : piece;
  prefetcher<T> ahead = addresses != nullptr && n >= many_streams ? prefetcher<T>(addresses, n, block) : prefetcher<T>();
  T* const buffer = ws.take<T>(block);
  Index w = addresses != nullptr ? std::min(misaligned(addresses, n, first), last - first) : 0;
  for (Index j = first; j < last; j += w, w = 0) {
    if (w == 0) w = std::min(block, last - j);
    if (w > lanes<T>) w -= w % lanes<T>;
    auto const [rows, offset] = source.at(j, w);
    T* const to = sink.direct != nullptr && w % lanes<T> == 0 ? sink.direct + j : buffer;
    ahead.start(j + w, j + w < last);
    for (Index c = 0; c < w; c += piece) {
      reduce(rows, offset + c, (std::min(piece, w - c) + lanes<T> - 1) / lanes<T>, to + c, ahead);
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

// One long column of n values, every row once; `values` is scratch for as many.
template <class T, class Op>
EIGEN_DONT_INLINE T reduce_long(Op const& op, T const* x, Index n, T* values, workspace& ws) {
  using in_rows = stored_column<T, Op::nan>;
  in_rows const column{x, 1, n};
  if constexpr (sorts<Op>) {
    ranks const wanted = op.wanted(n);
    bool const select = wanted.last - wanted.first <= 2;
    if (select && n > tall_rows && !holds_nan(x, n)) {
      detail::select_ranks(x, n, wanted.first, wanted.last - wanted.first, values + wanted.first, ws);
    } else {
      for (Index i = 0; i < n; ++i) values[i] = column[i];
      if (select || (n > tall_rows && requires { requires Op::any_order; })) {
        detail::keep_ranks(values, n, wanted.first, wanted.last);
      } else {
        std::sort(values, values + n);
      }
    }
    return op.reduce(sorted_column<T, in_rows>{{values, 1, n}, column, wanted});
  } else {
    return op.reduce(column);
  }
}

// Has a column with m values that are there enough of them?
template <class Op>
bool enough(Op const& op, Index m) {
  if constexpr (requires { op.enough(m); }) {
    return m > 0 && op.enough(m);
  } else {
    return m > 0;
  }
}

template <class T>
struct weighted_entry {
  T value;
  double weight;
  friend bool operator<(weighted_entry const& a, weighted_entry const& b) { return a.value < b.value; }
};

// One long column with weights, or absent values.
template <class T, class Op>
EIGEN_DONT_INLINE T reduce_long_uneven(Op const& op, T const* x, prepared_weights const& weights, T* values, workspace& ws) {
  auto const scope = ws.scope();
  Index const n = weights.rows.size();
  if (weights.equal && !weights.skips_nan) return detail::reduce_long(op, x, n, values, ws);
  if (weights.equal) {  // what is there, every row once
    auto const of_these = ws.scope();
    T* const there = ws.take<T>(n);
    Index m = 0;
    for (Index i = 0; i < n; ++i) {
      there[m] = x[i];
      m += x[i] == x[i];
    }
    if (n <= tall_rows && m < n) {
      // As in packets.
    } else if (detail::enough(op, m)) {
      return reduce_long(op, there, m, values, ws);
    } else {
      return static_cast<T>(m > 0 ? std::numeric_limits<double>::quiet_NaN() : detail::result_of_nothing(op));
    }
  }
  using entry = weighted_entry<T>;
  using stored = stored_column<T>;
  T* const row_values = values;
  double* const row_weights_of = ws.take<double>(n);
  double total = 0;
  for (Index i = 0; i < n; ++i) {
    bool const absent = weights.skips_nan && x[i] != x[i];
    row_weights_of[i] = absent ? 0 : weights.weights[i];
    row_values[i] = absent && !sorts<Op> ? T(0) : settled<Op::nan>(x[i]);
    total += row_weights_of[i];
  }
  if (!(total > 0)) return static_cast<T>(detail::result_of_nothing(op));
  stored by_rank{row_values, 1, n};
  stored_column<double> value_weights{row_weights_of, 1, n};
  if constexpr (sorts<Op>) {
    entry* const entries = ws.take<entry>(n);
    for (Index i = 0; i < n; ++i) entries[i] = {row_values[i], row_weights_of[i]};
    std::sort(entries, entries + n);
    by_rank = {&entries->value, sizeof(entry) / sizeof(T), n}, value_weights = {&entries->weight, sizeof(entry) / sizeof(double), n};
  }
  return op.reduce(sorted_column<T, stored>{by_rank, {row_values, 1, n}, {0, n}},
                   long_weights<T>{value_weights, {row_weights_of, 1, n}, weights.table, total, weights.skips_nan});
}

// Columns [first, last) of more rows: one long column after the other.
template <class T>
using column_reducer = function_ref<T(T const* column, T* values, workspace& ws)>;
template <class T>
void reduce_tall(column_reducer<T> reduce, table_source<T> const& source, column_sink<T> const& sink, Index first, Index last, workspace& ws) {
  auto const scope = ws.scope();
  Index const n = source.rows(), most = std::min<Index>(last - first, 64 / static_cast<Index>(sizeof(T)));
  T* const columns = ws.take<T>(n * most);
  T* const values = ws.take<T>(n);
  for (Index j = first; j < last; j += most) {
    Index const w = std::min(most, last - j);
    T const* const in_table = w == 1 ? source.column(j) : nullptr;
    if (in_table == nullptr) source.read_columns(j, w, columns);
    for (Index c = 0; c < w; ++c) {
      T const y = reduce(in_table != nullptr ? in_table : columns + c * n, values, ws) + T(0);
      sink.write(sink.out, j + c, &y, 1);
    }
  }
}

// Every column of the table x through op, of the rows in `chosen` or of all (nullptr), into d values at `sink`; no weights
// where every row counts once. Columns are cut into pieces as for `rows` rows.
template <bool Uneven, class T, class Op>
void reduce_columns(Op const& op, table_reader<T> const& x, Index const* chosen, Index n, Index rows, prepared_weights const* weights,
                    column_sink<T> const& sink, workspace& ws) {
  ws.for_slices(x.cols(), block_columns, [&](Index first, Index last, workspace& own) {
    auto const slice = own.scope();
    bool const tall = detail::is_tall(n, x.cols(), !Uneven || weights->equal);
    Index const piece = piece_of<T>(rows, last - first, Uneven);
    table_source<T> const source(x, chosen, n, tall ? 0 : piece, own);
    auto const in_packets = [&](auto& packets) {
      auto const reduce = [&](T const* const* at, Index offset, Index count, T* to, prefetcher<T>& ahead) { packets(at, offset, count, to, ahead); };
      reduce_packets<T>(reduce, source, sink, piece, first, last, own);
    };
    if constexpr (Uneven) {
      if (tall) {
        auto const column = [&](T const* values, T* scratch, workspace& in) { return reduce_long_uneven(op, values, *weights, scratch, in); };
        return reduce_tall<T>(column, source, sink, first, last, own);
      }
      uneven_packets<T, Op> packets(op, *weights, piece, own);
      in_packets(packets);
    } else {
      if (tall) {
        auto const column = [&](T const* values, T* scratch, workspace& in) { return reduce_long(op, values, n, scratch, in); };
        return reduce_tall<T>(column, source, sink, first, last, own);
      }
      even_packets<T, Op> packets(op, n, piece, own.take<T>(sorts<Op> ? n * piece : 0), own);
      in_packets(packets);
    }
  });
}

// --- how much of a workspace that takes, at most -------------------------------------------------

// reduce_columns over n rows of x.
template <class T, bool Uneven, class Op, bool Weighted = false, class X>
std::size_t reduce_scratch(X const& x, Index n) {
  Index const d = x.cols();
  if (detail::is_tall(n, d, !Weighted)) {
    Index const most = std::min<Index>(d, 64 / static_cast<Index>(sizeof(T)));
    std::size_t const lazy = detail::load_scratch(x, most), select = sorts<Op> && n > tall_rows ? workspace::room<T>(selection_room(n)) : 0;
    std::size_t const read = lazy > 0 ? lazy + workspace::room<T>(x.rows() * tile<T>::padded(most)) : workspace::room<T>(most);
    return workspace::room<T>(n * most) + workspace::room<T>(n) + (Uneven ? std::max(Weighted || n <= tall_rows ? 3 * workspace::room<double>(n) : 0, workspace::room<T>(n) + select) : 0) + std::max(read, select);
  }
  Index const piece = piece_of<T>(n, d, Uneven);
  std::size_t bytes = detail::source_scratch<T>(x, std::max(n, x.rows()), piece) + workspace::room<T>(block_of(n, d));
  if constexpr (sorts<Op>) bytes += (Uneven ? 2 : 1) * workspace::room<T>(n * piece);
  if constexpr (Uneven) bytes += 2 * workspace::room<T>(piece) + workspace::room<T>(n) + workspace::room<double>(n + 1);
  if constexpr (sorts<Op>) bytes += column_sorter<T>::scratch(n, piece) + (Uneven ? column_sorter<T, true>::scratch(n, piece) : 0);
  return bytes;
}
// columns, of the table r.
template <class Op, class R>
std::size_t columns_scratch(Op const&, R const& r) {
  using T = wide_of<R>;
  constexpr bool uneven = weighted_reports<R> || incomplete_reports<R>;
  std::size_t const weights = uneven ? (weighted_reports<R> ? 3 : 2) * workspace::room<double>(r.rows() + 1) : 0;
  auto const& x = detail::plain_of(r);
  std::size_t const alike = detail::reduce_scratch<T, uneven, Op>(x, r.rows());
  if constexpr (weighted_reports<R>) {
    return weights + std::max({alike, detail::reduce_scratch<T, true, Op, true>(x, r.rows()), detail::reduce_scratch<T, false, Op>(x, r.rows())});
  } else {
    return weights + alike;
  }
}

/// Runs a coordinate-wise operator over any table. An origin changes nothing for rules that move with their column, so
/// `around` reads as its base here.
template <class Op, class R, class Out>
void columns(Op const& op, R const& r, Out& out, workspace& own) {
  auto&& entered = detail::enter(op, r);
  ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
  using T = wide_of<R>;
  detail::with_room(op, detail::columns_scratch(op, r), own, [&](workspace& ws) {
    auto const scope = ws.scope();
    auto const& x = detail::plain_of(entered);
    auto const even = [&](Index const* chosen, Index n) {
      detail::fit_vector(op, out, x.cols());
      detail::reduce_columns<false, T>(op, reader_of<T>(x), chosen, n, x.rows(), nullptr, sink_of<T>(out), ws);
    };
    if constexpr (weighted_reports<R> && requires { op.check_weighted(); }) op.check_weighted();
    if constexpr (weighted_reports<R> || incomplete_reports<R>) {
      auto const weights = detail::prepare_weights(r, ws);
      if constexpr (requires { op.check(weights.table); }) op.check(weights.table);
      Index const n = weights.rows.size();
      if (weights.equal && !weights.skips_nan) return even(n == x.rows() ? nullptr : weights.rows.data(), n);
      detail::fit_vector(op, out, x.cols());
      detail::reduce_columns<true, T>(op, reader_of<T>(x), weights.rows.data(), n, x.rows(), &weights, sink_of<T>(out), ws);
    } else {
      even(nullptr, x.rows());
    }
  });
}

}  // namespace robagg::inline ROBAGG_ABI::detail

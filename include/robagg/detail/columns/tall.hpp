// SPDX-License-Identifier: BSL-1.0
// Reduces columns of tables with many rows, one after the other: n values in a row are selected from or sorted as a vector.
#pragma once

#include "../select/radix.hpp"
#include "../select/rank.hpp"
#include "../table/output.hpp"
#include "../table/source.hpp"
#include "../table/tile.hpp"
#include "folds.hpp"
#include "weights.hpp"

#include <algorithm>

namespace robagg::inline ROBAGG_ABI::detail {

// Does an operator look at one share of the weight, so that one or two values of a column are selected?
template <class Op>
concept looks_at_one_level = requires(Op const& op) { op.level(); };

// Single long columns also where there are few, which would fill a packet in part only, and in small tables that would not fit
// on the stack as packets. Not where weights differ, whose sums are the same to the bit in packets only.
template <class T, bool Uneven, class Op>
constexpr bool is_tall(Index n, Index d, bool alike) {
  constexpr Index line = 64, value = sizeof(T), most = (Uneven ? 80 : 160) * line;
  if (n > tall_rows) return true;
  if (!alike) return false;
  if (n * d <= 1024 && n * ((d * value + line - 1) / line * line) > most) return true;
  return d <= (looks_at_one_level<Op> ? 8 : sorts<Op> ? 3 : 1) && n > (sorts<Op> ? 48 * d : 100);
}
// Operators that take in one row after the other read any number of rows in place; only one column alone is as good.
template <class T, class Op>
constexpr bool folds_in_place(Index d, bool in_place) {
  return folds<Op, T> && in_place && d != 1;
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
    rank_range const wanted = op.wanted(n);
    bool const select = wanted.last - wanted.first <= 2, small = n <= most_rows<T, false>;  // which take nothing of ws
    bool const copy = small || !select || detail::holds_nan(x, n);
    for (Index i = 0; i < n && copy; ++i) values[i] = column[i];
    if (small) {
      select ? detail::keep_ranks(values, n, wanted.first, wanted.last) : std::sort(values, values + n);
    } else if (select) {
      detail::select_ranks(copy ? values : x, n, wanted.first, wanted.last - wanted.first, values + wanted.first, ws);
    } else if (n > tall_rows && requires { requires Op::any_order; }) {
      detail::keep_between(values, n, wanted.first, wanted.last, ws);
    } else {
      detail::sort_values(values, n, ws);
    }
    return op.reduce(sorted_column<T, in_rows>{{values, 1, n}, column, wanted});
  } else if constexpr (folds<Op, T> && requires { requires Op::any_order; }) {
    return detail::fold_column(op, x, n);
  } else {
    return op.reduce(column);
  }
}

template <class T>
struct weighted_entry {
  T value;
  double weight;
};
template <class T>
void sort_entries(weighted_entry<T>* entries, Index n, workspace& ws) {
  auto const scope = ws.scope();
  auto* const others = ws.take<weighted_entry<T>>(n);
  auto const* const sorted = detail::sort_by_digits(
      entries, others, n, [](auto const& e) { return detail::to_digits<T>(detail::ordered_key(e.value)); });
  if (sorted != entries) std::copy(sorted, sorted + n, entries);
}

// Sorted entries of which an operator wants those where the cumulated weight is a share p of the total: the ones between two
// values of a sample, one for each end with the weight of all that equal it, and one for all that are beyond it, with the
// nearest of their values. If the sample misleads, all entries are sorted. Returns how many there are.
template <class T>
Index sort_around(weighted_entry<T>* entries, Index n, double p, workspace& ws) {
  using entry = weighted_entry<T>;
  auto const scope = ws.scope();
  Index const stretch = detail::sample_stretch(n), size = n / stretch;
  entry* const sample = ws.take<entry>(size);
  generator random(static_cast<std::uint64_t>(n));
  double sampled = 0, total = 0;
  for (Index i = 0; i < size; ++i) {
    sample[i] = entries[i * stretch + detail::offset_below(random, stretch)];
    sampled += sample[i].weight;
  }
  detail::sort_entries(sample, size, ws);
  Index at = 0;
  for (double sum = 0; at < size - 1 && (sum += sample[at].weight) < p * sampled;) ++at;
  Index const margin = 4 * static_cast<Index>(std::sqrt(static_cast<double>(size)));
  constexpr T infinite = std::numeric_limits<T>::infinity();
  T const low = at < margin ? -infinite : sample[at - margin].value,
          high = at + margin >= size ? infinite : sample[at + margin].value;
  entry below{-infinite, 0}, above{infinite, 0}, at_low{low, 0}, at_high{high, 0};
  Index inside = 0;
  for (Index i = 0; i < n; ++i) {
    entry const e = entries[i];
    bool const is_below = e.value<low, is_above = e.value> high, is_low = e.value == low, is_high = !is_low && e.value == high;
    total += e.weight;
    below.weight += is_below ? e.weight : 0;
    below.value = is_below && e.value > below.value ? e.value : below.value;
    above.weight += is_above ? e.weight : 0;
    above.value = is_above && e.value < above.value ? e.value : above.value;
    at_low.weight += is_low ? e.weight : 0;
    at_high.weight += is_high ? e.weight : 0;
    // Those that are not between change places with those that are, so that nothing is lost.
    std::swap(entries[inside], entries[i]);
    inside += !(is_below || is_above || is_low || is_high);
  }
  double const slack = 1e-6 * total, mark = p * total;  // far beyond rounding
  bool const found =
      (below.weight == 0 || below.weight < mark - slack) && (above.weight == 0 || total - above.weight > mark + slack);
  if (!found || inside > n - 4) {
    detail::sort_entries(entries, n, ws);
    return n;
  }
  for (entry const& end : {below, at_low, at_high, above}) {
    if (end.weight > 0) entries[inside++] = end;
  }
  detail::sort_entries(entries, inside, ws);
  return inside;
}

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
    Index count = 0;
    for (Index i = 0; i < n; ++i) entries[i] = {row_values[i], row_weights_of[i]};
    if constexpr (requires { op.level(); }) {
      for (Index i = 0; i < n; ++i) {
        entries[count] = entries[i];
        count += entries[i].weight > 0;
      }
      count = detail::sort_around(entries, count, op.level(), ws);
    } else {
      detail::sort_entries(entries, n, ws);
      count = n;
    }
    by_rank = {&entries->value, sizeof(entry) / sizeof(T), count},
    value_weights = {&entries->weight, sizeof(entry) / sizeof(double), count};
  }
  return op.reduce(sorted_column<T, stored>{by_rank, {row_values, 1, n}, {0, by_rank.count}},
                   long_weights<T>{value_weights, {row_weights_of, 1, n}, weights.table, total, weights.skips_nan});
}

// Columns [first, last) of more rows: one long column after the other.
template <class T>
using column_reducer = function_ref<T(T const* column, T* values, workspace& ws)>;
template <class T>
void reduce_tall(column_reducer<T> reduce, table_source<T> const& source, column_sink<T> const& sink, Index first, Index last,
                 workspace& ws) {
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

// How much of a workspace columns of n rows of x take.
template <class T, bool Uneven, class Op, bool Weighted>
std::size_t tall_scratch(table_shape<T> const& x, Index n) {
  Index const most = std::min<Index>(x.cols, 64 / static_cast<Index>(sizeof(T)));
  std::size_t const lazy = x.load_scratch(most),
                    select = sorts<Op> ? std::max(workspace::room<T>(selection_room(n)), detail::sort_scratch<T>(n)) : 0;
  std::size_t const read = lazy > 0 ? lazy + workspace::room<T>(x.rows * tile<T>::padded(most)) : workspace::room<T>(most);
  std::size_t const there = workspace::room<T>(n) + select,
                    entries =
                        Weighted || n <= tall_rows ? workspace::room<double>(n) + 2 * workspace::room<weighted_entry<T>>(n) : 0;
  return workspace::room<T>(n * most) + workspace::room<T>(n) + (Uneven ? std::max(entries, there) : 0) +
         std::max(read, select);
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// The engine of every operator that treats each column on its own. An operator says
//
//   static constexpr auto nan = detail::nan_is::...;   what a NaN counts as
//   detail::rank_range wanted(Index n) const;               (where it reads sorted columns) which ranks of n
//   auto reduce(auto const& x) const;                  a column of n values x[i] -> its result
//   auto reduce(auto const& x, auto const& w) const;   the same with weights w[i], 0 where a value is absent
//
// and the engine does the rest: input kinds, tiles, sorting, NaN, weights, alignment, slices, output. x[i] is a packet
// of neighbouring columns, or one number (see packet.hpp): the value of row i, or of rank i. Every column runs through
// the same arithmetic wherever it stands, so that results do not depend on tiles, slices or storage.
#pragma once

#include "../table/source.hpp"
#include "elsewhere.hpp"
#include "folds.hpp"
#include "packets.hpp"
#include "small.hpp"
#include "tall.hpp"

#include <algorithm>

namespace robagg::inline ROBAGG_ABI::detail {

// Columns of a block of n rows of d columns, as far as they leave it in the second level of cache, and of what is sorted at
// once, which stays in the first; with weights little of a small table, whose scratch then fits on the stack.
constexpr Index block_of(Index n, Index d) {
  return std::min(std::clamp<Index>(64 * 1024 / n / 64 * 64, 64, 256), tile<float>::padded(std::max<Index>(d, 1)));
}
template <class T>
constexpr Index piece_of(Index n, Index d, bool uneven = false) {
  Index const values = uneven && n * d <= 1024 ? 256 : 4096, whole = tile<T>::whole(std::max<Index>(d, 1));
  return std::min(std::clamp<Index>(values / n / unit<T> * unit<T>, unit<T>, 64), whole);
}

// How many columns to take from `first` on so that most rows continue at the address of a whole packet.
template <class T>
Index misaligned(T const* const* rows, Index n, Index first) {
  Index votes[static_cast<std::size_t>(lanes<T>)] = {};
  for (Index i = 0; i < n; ++i)
    ++votes[-(first + reinterpret_cast<std::intptr_t>(rows[i]) / static_cast<Index>(sizeof(T))) & (lanes<T> - 1)];
  return std::max_element(votes, votes + lanes<T>) - votes;
}

// Columns [first, last), block by block.
template <class T>
using packet_reducer = function_ref<void(T const* const* rows, Index offset, Index packets, T* to, prefetcher<T>& ahead)>;
template <class T>
void reduce_packets(packet_reducer<T> reduce, table_source<T> const& source, column_sink<T> const& sink, Index piece,
                    Index first, Index last, workspace& ws) {
  auto const scope = ws.scope();
  T const* const* const addresses = source.addresses();
  Index const n = source.rows(), block = block_of(n, last - first);
  prefetcher<T> ahead = source.ahead(block);
  T* const buffer = ws.take<T>(block);
  Index w = addresses != nullptr ? std::min(misaligned(addresses, n, first), last - first) : 0;
  for (Index j = first; j < last; j += w, w = 0) {
    if (w == 0) w = std::min(block, last - j);
    if (w > unit<T>) w -= w % unit<T>;
    auto const [rows, offset] = source.at(j, w);
    T* const to = sink.direct != nullptr && w % unit<T> == 0 ? sink.direct + j : buffer;
    ahead.start(j + w, j + w < last);
    for (Index c = 0; c < w; c += piece) {
      reduce(rows, offset + c, (std::min(piece, w - c) + lanes<T> - 1) / lanes<T>, to + c, ahead);
    }
    if (to == buffer) sink.write(sink.out, j, buffer, w);
  }
}

// Columns [first, last) of rows with addresses, for an operator that takes in row after row: whole packets, where most
// rows are aligned along the rows, and what is left at either end.
template <class T, class Op>
void fold_columns(Op const& op, table_reader<T> const& x, Index const* chosen, Index n, column_sink<T> const& sink, Index first,
                  Index last, workspace& ws) {
  auto const scope = ws.scope();
  constexpr Index most_rows_at_once = 64;
  T const* rows[static_cast<std::size_t>(most_rows_at_once)];
  auto const list = [&](Index from) {
    Index const count = std::min(most_rows_at_once, n - from);
    for (Index i = 0; i < count; ++i) rows[i] = x.address(chosen == nullptr ? from + i : chosen[from + i]);
    return count;
  };
  Index const most = tile<T>::whole(std::min(last - first, fold_width));
  auto* const states = ws.take<fold_state<Op, T>>(most / lanes<T>);
  T* const buffer = ws.take<T>(most);
  auto const fold = [&](Index j, Index w) {
    Index const packets = w / lanes<T>;
    T* const to = sink.direct != nullptr && packets > 0 ? sink.direct + j : buffer;
    for (Index i = 0; i < n; i += most_rows_at_once) {
      Index const count = list(i);
      if (packets > 0) {
        detail::fold_packets(op, rows, count, j, i, packets, states);
      } else {
        detail::fold_some(op, rows, count, j, i, w, states);
      }
    }
    detail::finish_folds(op, n, std::max<Index>(packets, 1), states, to);
    if (to == buffer) sink.write(sink.out, j, buffer, w);
  };
  // Of narrow tables more columns would be cut off than are aligned.
  bool const narrow = last - first < 4 * lanes<T>;
  Index const begin = narrow ? first : std::min(first + detail::misaligned(rows, list(0), first), last),
              end = begin + (last - begin) / lanes<T> * lanes<T>;
  if (begin > first) fold(first, begin - first);
  for (Index j = begin; j < end; j += fold_width) fold(j, std::min(fold_width, end - j));
  if (last > end) fold(end, last - end);
}

// Columns [first, last) of the table x through op, of the rows in `chosen` or of all (nullptr), to their places at `sink`; no
// weights where every row counts once. Columns are cut into pieces as for `rows` rows.
template <bool Uneven, class T, class Op>
void reduce_slice(Op const& op, table_reader<T> const& x, Index const* chosen, Index n, Index rows,
                  prepared_weights const* weights, column_sink<T> const& sink, Index first, Index last, workspace& ws) {
  if constexpr (!Uneven && folds<Op, T>) {
    if (folds_in_place<T, Op>(x.cols(), x.in_place())) return detail::fold_columns(op, x, chosen, n, sink, first, last, ws);
  }
  auto const slice = ws.scope();
  bool const tall = detail::is_tall<T, Uneven, Op>(n, x.cols(), !Uneven || weights->equal);
  Index const piece = piece_of<T>(rows, last - first, Uneven);
  table_source<T> const source(x, chosen, n, tall ? 0 : x.in_place() ? piece : block_of(n, last - first), ws);
  auto const in_packets = [&](auto& packets) {
    auto const reduce = [&](T const* const* at, Index offset, Index count, T* to, prefetcher<T>& ahead) {
      packets(at, offset, count, to, ahead);
    };
    reduce_packets<T>(reduce, source, sink, piece, first, last, ws);
  };
  if constexpr (Uneven) {
    if (tall) {
      auto const column = [&](T const* values, T* scratch, workspace& in) {
        return reduce_long_uneven(op, values, *weights, scratch, in);
      };
      return reduce_tall<T>(column, source, sink, first, last, ws);
    }
    uneven_packets<T, Op> packets(op, *weights, piece, ws);
    in_packets(packets);
  } else {
    if (tall) {
      auto const column = [&](T const* values, T* scratch, workspace& in) { return reduce_long(op, values, n, scratch, in); };
      return reduce_tall<T>(column, source, sink, first, last, ws);
    }
    even_packets<T, Op> packets(op, n, piece, ws.take<T>(sorts<Op> ? n * piece : 0), ws);
    in_packets(packets);
  }
}
template <bool Uneven, class T, has_a_kernel<T> Op>
void reduce_slice(Op const& op, table_reader<T> const& x, Index const* chosen, Index n, Index rows,
                  prepared_weights const* weights, column_sink<T> const& sink, Index first, Index last, workspace& ws) {
  lent_table<T> const lent(x, ws);
  lent_weights const uneven(weights);
  dispatch::of<T>().columns(
      {detail::rule_of(op), lent.table(), chosen, n, rows, uneven.get(), {sink.direct, sink.out, sink.write}, first, last},
      ws.shared());
}

// Every column, slice by slice.
template <bool Uneven, class T, class Op>
void reduce_columns(Op const& op, table_reader<T> const& x, Index const* chosen, Index n, Index rows,
                    prepared_weights const* weights, column_sink<T> const& sink, workspace& ws) {
  ws.for_slices(x.cols(), block_columns, [&](Index first, Index last, workspace& own) {
    detail::reduce_slice<Uneven, T>(op, x, chosen, n, rows, weights, sink, first, last, own);
  });
}

// --- how much of a workspace that takes, at most -------------------------------------------------

// reduce_columns over n rows of x.
template <class T, bool Uneven, class Op, bool Weighted = false>
std::size_t reduce_scratch(table_shape<T> const& x, Index n) {
  Index const d = x.cols;
  if (!Uneven && folds_in_place<T, Op>(d, x.in_place)) return detail::folds_scratch<T, Op>(d);
  if (detail::is_tall<T, Uneven, Op>(n, d, !Weighted)) return detail::tall_scratch<T, Uneven, Op, Weighted>(x, n);
  Index const piece = piece_of<T>(n, d, Uneven);
  return detail::source_scratch(x, std::max(n, x.rows), x.in_place ? piece : block_of(n, d)) +
         workspace::room<T>(block_of(n, d)) + detail::packets_scratch<T, Uneven, Op>(n, piece);
}
// columns, of a table of n rows.
template <class T, class Op, bool Weighted, bool Incomplete>
std::size_t columns_scratch(table_shape<T> const& x, Index n) {
  constexpr bool uneven = Weighted || Incomplete;
  std::size_t const weights = uneven ? (Weighted ? 3 : 2) * workspace::room<double>(n + 1) : 0;
  std::size_t const alike = detail::reduce_scratch<T, uneven, Op>(x, n);
  if constexpr (Weighted) {
    return weights +
           std::max({alike, detail::reduce_scratch<T, true, Op, true>(x, n), detail::reduce_scratch<T, false, Op>(x, n)});
  } else {
    return weights + alike;
  }
}
template <class Op, class R>
std::size_t columns_scratch(Op const&, R const& r) {
  return detail::columns_scratch<wide_of<R>, Op, weighted_reports<R>, incomplete_reports<R>>(detail::plain_of(r), r.rows());
}

// With weights, or absent values: where all rows that are there count the same they are as if there were no others.
template <class T, class Op>
void reduce_weighted(Op const& op, table_reader<T> const& x, prepared_weights const& weights, column_sink<T> const& sink,
                     workspace& ws) {
  Index const n = weights.rows.size();
  if (weights.equal && !weights.skips_nan) {
    Index const* const chosen = n == x.rows() ? nullptr : weights.rows.data();
    return detail::reduce_columns<false, T>(op, x, chosen, n, x.rows(), nullptr, sink, ws);
  }
  detail::reduce_columns<true, T>(op, x, weights.rows.data(), n, x.rows(), &weights, sink, ws);
}
template <class Op, class R>
prepared_weights weights_for([[maybe_unused]] Op const& op, R const& r, workspace& ws) {
  prepared_weights const weights = detail::prepare_weights(r, ws, !looks_at_one_level<Op>);
  if constexpr (requires { op.check(weights.table); }) op.check(weights.table);
  return weights;
}

/// Runs a coordinate-wise operator over any table. An origin changes nothing for rules that move with their column, so
/// `around` reads as its base here.
// Compiled for each kind of table and of output: as little as possible.
template <class Op, class R, class Out>
void columns(Op const& op, R const& r, Out& out, workspace& own) {
  auto&& entered = detail::enter(op, r);
  ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
  using T = wide_of<R>;
  auto const& x = detail::plain_of(entered);
  constexpr bool uneven = weighted_reports<R> || incomplete_reports<R>;
  if constexpr (weighted_reports<R> && requires { op.check_weighted(); }) op.check_weighted();
  if constexpr (!requires(tile<T> t) { x.load(Index{}, t, own); }) {
    if (detail::is_small<T, uneven>(r.rows(), r.cols())) {
      if (own.over_span()) detail::need(op, detail::columns_scratch(op, entered), own);
      if constexpr (uneven) {
        alignas(workspace::alignment) std::byte memory[small_room<T>];
        workspace ws{workspace::first_memory{std::span(memory)}};
        prepared_weights const weights = detail::weights_for(op, r, ws);
        detail::fit_vector(op, out, x.cols());
        return detail::reduce_small_weighted<T>(op, x, weights, out, ws);
      } else {
        detail::fit_vector(op, out, x.cols());
        return detail::reduce_small<T>(op, x, out, own);  // takes nothing of it
      }
    }
  }
  detail::with_room(op, detail::columns_scratch(op, entered), own, [&](workspace& ws) {
    auto const scope = ws.scope();
    if constexpr (uneven) {
      prepared_weights const weights = detail::weights_for(op, r, ws);
      detail::fit_vector(op, out, x.cols());
      detail::reduce_weighted<T>(op, reader_of<T>(x), weights, sink_of<T>(out), ws);
    } else {
      detail::fit_vector(op, out, x.cols());
      detail::reduce_columns<false, T>(op, reader_of<T>(x), nullptr, x.rows(), x.rows(), nullptr, sink_of<T>(out), ws);
    }
  });
}

template <class Op, class X, class Out>
  requires(!any_reports<X>)
void columns(Op const&, X const& x, Out&, workspace&) {
  detail::refuse_table(x);
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// A table that no machine holds: each rank has all rows of some of the columns.
#pragma once

#include "communicator.hpp"
#include "detail/shards.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Where columns may be cut between ranks.
struct column_shard {
  Index first = 0, columns = 0;
};
/// Nearly equal shards of `columns` columns for `size` ranks: cut at multiples of 512, or of a larger power of two where that
/// is less than a sixteenth of a shard, so that messages are short. Some have no columns where there are few.
inline column_shard shard_of(Index columns, Index rank, Index size) {
  if (columns < 0 || rank < 0 || rank >= size)
    detail::throw_bad_input("shard_of", "needs columns >= 0 and a rank 0..size-1",
                            {{"columns", columns}, {"rank", rank}, {"size", size}});
  constexpr Index block = detail::block_columns;
  Index const blocks = (columns + block - 1) / block, coarse = blocks / size / 16;
  Index const unit = static_cast<Index>(std::bit_floor(static_cast<std::size_t>(std::max<Index>(coarse, 1))));
  Index const units = (blocks + unit - 1) / unit;
  auto const cut = [&](Index r) { return std::min((units / size * r + std::min(r, units % size)) * unit * block, columns); };
  Index const first = cut(rank), columns_here = cut(rank + 1) - first;
  return {columns_here > 0 ? first : 0, columns_here};
}

namespace detail {

template <class Op, communicator C>
struct sharded_rule {
  Op op;
  C& ranks;

  /// Into an output of the columns here: a vector or a span.
  template <any_reports R, class Out>
  void operator()(R const& mine, Index first_column, Out&& out) const {
    workspace ws;
    into(mine, first_column, out, ws);
  }
  template <any_reports R>
  auto operator()(R const& mine, Index first_column) const {
    Eigen::Matrix<wide_of<R>, Eigen::Dynamic, 1> out;
    (*this)(mine, first_column, out);
    return out;
  }
  template <any_reports R, class Out>
  void into(R const& mine, Index first_column, Out& out, workspace& ws) const {
    collective_call<C>::run(ranks, [&](auto& call) { detail::run_sharded(call, op, mine, first_column, out, ws, nullptr); });
  }
};

}  // namespace detail

/// A rule over columns that several ranks hold: all of them call it, and each gets the results of its columns.
///
///     thread_ranks(3, [&](auto& ranks) {                                      // or mpi_communicator ranks(MPI_COMM_WORLD)
///       auto const [first, columns] = shard_of(d, ranks.rank(), ranks.size());
///       sharded(krum{.f = 2}, ranks)(x.middleCols(first, columns), first, results[ranks.rank()]);
///       auto const who = diagnose(sharded(krum{.f = 2}, ranks), x.middleCols(first, columns), first);
///     });
///
/// Shapes     n x d_r -> d_r on rank r, d_r >= 0. Shards begin at multiples of 512 and lie side by side, in any order of ranks.
/// Rules      those of whole(): coordinate-wise, geometric, transforms that mix rows followed by either, pipes with a name.
/// Errors     those of the rule and of the table; another n, rule, weights or type of number than rank 0 (coordinate-wise rules
///            are not told, and read one rank alone); columns on no rank, or on two. An error on one rank is bad_input with the
///            rank on all, and nothing is written (outputs may have been resized). What is not (no memory) is thrown as it is
///            where it happened.
/// Guarantee  the bits of the rule on one machine with iterate::between_rows, however columns are cut, on every rank.
/// Cost       that of the rule on d_r columns. Coordinate-wise: no message but two agreements. Otherwise each rank sends to all
///            about 100 bytes and the nodes of its sums, 8 n^2 / 2 bytes each (8 n where only norms are read), a few a rank;
///            where rows are far, once more for the pairs of those. Memory: those of all ranks at once.
/// NaN        as the rule: a row that is not finite on one rank has no geometry on any.
/// Weights    weighted(my_columns, w), the same on all ranks.     Ties  as the rule.
/// Source     docs/machines.md      Example  examples/all_reduce.cpp
template <class Op, communicator C>
  requires std::is_class_v<Op>
auto sharded(Op const& op, C& ranks) {
  return detail::sharded_rule<Op, C>{op, ranks};
}

/// How reports count over the columns of all ranks, and who is rejected: the same on all of them.
///
/// Guarantee  that of diagnose of a whole model, to the bit where the rule is geometric; where columns are counted
///            (coordinate-wise rules) within rounding of it.
/// Cost       that of the rule, of a geometry, one more read, and three numbers a report to all.
template <class Op, communicator C, any_reports R>
standing diagnose(detail::sharded_rule<Op, C> const& rule, R const& mine, Index first_column) {
  standing found;
  workspace ws;
  Eigen::Matrix<detail::wide_of<R>, Eigen::Dynamic, 1> out;
  detail::collective_call<C>::run(rule.ranks,
                                  [&](auto& call) { detail::run_sharded(call, rule.op, mine, first_column, out, ws, &found); });
  return found;
}

}  // namespace robagg::inline ROBAGG_ABI

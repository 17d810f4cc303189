// SPDX-License-Identifier: BSL-1.0
// Columns on several ranks: what each says of its own, what they exchange, and whole() over it.
//
//     | rank 0: blocks 0 .. 15 | rank 2: blocks 16 .. 31 | rank 1: ... |        512 columns a block
//       nodes of the tree of sums  -->  to all  -->  the same tree, the same decision, everywhere
#pragma once

#include "../whole.hpp"
#include "bytes.hpp"
#include "collective.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

namespace robagg::inline ROBAGG_ABI::detail {

// What all ranks have to have in common, and where the columns of one are.
struct shard_header {
  Index rows = 0, first = 0, columns = 0;
  std::uint64_t rule = 0, weights = 0;
  std::uint8_t scalar = 0;

  std::vector<std::byte> pack() const {
    byte_writer out(packed_kind::shard, sizeof(double));
    out.put_count(rows);
    out.put_count(first);
    out.put_count(columns);
    out.put(rule);
    out.put(weights);
    out.put(scalar);
    return std::move(out).finish();
  }
  static shard_header unpack(std::span<std::byte const> bytes) {
    byte_reader in("sharded", bytes, packed_kind::shard, sizeof(double));
    shard_header h;
    h.rows = in.get_index();
    h.first = in.get_index();
    h.columns = in.get_index();
    h.rule = in.get<std::uint64_t>();
    h.weights = in.get<std::uint64_t>();
    h.scalar = in.get<std::uint8_t>();
    in.demand(h.first % block_columns == 0 && h.columns <= column_ranges::most && h.first <= column_ranges::most - h.columns);
    in.finish();
    return h;
  }
};

// Where the columns of all ranks are, in the order of columns.
struct shard_map {
  struct place {
    Index rank, first, last;  // blocks
  };
  std::vector<place> places;
  Index blocks = 0;

  template <class Op>
  shard_map(Op const& op, std::vector<std::vector<std::byte>> const& packed) {
    std::vector<shard_header> all;
    for (auto const& bytes : packed) all.push_back(shard_header::unpack(bytes));
    for (std::size_t r = 0; r < all.size(); ++r) {
      auto const &mine = all[r], &first = all[0];
      auto const same = [&](bool fits, std::string_view rule) {
        if (!fits) refuse(op, rule, {{"rank", r}, {"and rank", 0}});
      };
      if (mine.rows != first.rows) {
        refuse(op, "needs the same reports on all ranks",
               {{"rank", r}, {"n", mine.rows}, {"and rank", 0}, {"has n", first.rows}});
      }
      same(mine.rule == first.rule, "needs the same rule on all ranks");
      same(mine.weights == first.weights, "needs the same weights on all ranks");
      same(mine.scalar == first.scalar, "needs one type of number on all ranks");
    }
    std::vector<std::size_t> order;
    for (std::size_t r = 0; r < all.size(); ++r) {
      if (all[r].columns > 0) order.push_back(r);
    }
    std::ranges::stable_sort(order, {}, [&](std::size_t r) { return all[r].first; });
    Index next = 0;
    for (std::size_t const r : order) {
      if (all[r].first != next) {
        refuse(op, "needs every column on one rank", {{"rank", r}, {"first_column", all[r].first}, {"expected", next}});
      }
      next += all[r].columns;
      Index const last = (next + block_columns - 1) / block_columns;
      places.push_back({static_cast<Index>(r), all[r].first / block_columns, last});
      blocks = last;
    }
  }
};

// The nodes of sums over blocks.
inline std::vector<std::byte> pack_sums(block_sums const& sums) {
  byte_writer out(packed_kind::shard_sums, sizeof(double));
  out.put_count(sums.size());
  out.put_count(sums.count());
  for (Index k = 0; k < sums.count(); ++k) {
    out.put_count(sums[k].level);
    out.put_count(sums[k].index);
    out.put(sums[k].sums, sums.size());
  }
  return std::move(out).finish();
}
// Adds them where they are the nodes of blocks first .. last - 1, in their order, and may be sums of squares, or of products of
// rows that have a geometry.
inline void unpack_sums(std::span<std::byte const> bytes, Index first, Index last, bool squares, block_sums& all) {
  byte_reader in("sharded", bytes, packed_kind::shard_sums, sizeof(double));
  in.demand(in.get_index() == all.size());
  for (Index k = in.get_count(2 * sizeof(std::int64_t) + sizeof(double) * static_cast<std::size_t>(all.size())); k > 0; --k) {
    Index const level = in.get_index(), index = in.get_index();
    in.demand(level < std::numeric_limits<Index>::digits && first < last);
    in.demand(first % (Index{1} << level) == 0 && index == first >> level && last - first >= Index{1} << level);
    double* const sums = all.next();
    in.get(sums, all.size());
    for (Index s = 0; s < all.size(); ++s) in.demand(squares ? !(sums[s] < 0) : std::isfinite(sums[s]));
    all.add(index, level);
    first += Index{1} << level;
  }
  in.demand(first == last);
  in.finish();
}
// At most how many bytes that are.
inline std::size_t most_bytes(Index blocks, Index size) {
  return 64 + static_cast<std::size_t>(2 * block_sums::capacity(blocks) + 2) *
                  (16 + sizeof(double) * static_cast<std::size_t>(size));
}

template <class Op>
std::uint64_t rule_number(Op const& op) {
  std::string const text = robagg::describe(op);
  return detail::checksum(std::as_bytes(std::span(text)));
}

// Coordinate-wise rules need nothing of other ranks.
template <class Op>
inline constexpr bool reads_rows = !column_rule<Op>;

// A rule over the columns of all ranks, within a call that all make: results of those here to `out`.
template <class C, class Op, class R, class Out>
void run_sharded(collective_call<C>& call, Op const& op, R const& x, Index first_column, Out& out, workspace& ws,
                 standing* found) {
  constexpr bool weighted = weighted_reports<R>;
  detail::check_rows(op, x);
  auto const& plain = detail::plain_of(x);
  if (first_column < 0 || first_column % block_columns != 0 || first_column > column_ranges::most - x.cols())
    refuse(op, "needs shards that begin at multiples of 512 columns", {{"first_column", first_column}});
  tensors model(x.rows());
  model.add("my columns", plain, out);
  if constexpr (weighted) model.take_weights(op, x);
  detail::check_parameters(op, x.rows());

  if constexpr (!reads_rows<Op>) {
    if (found == nullptr) {
      whole_run<Op> run(op, model, ws);
      detail::fit_vector(op, out, x.cols());
      call.ready();
      return run(nullptr);
    }
  }
  shard_header header{x.rows(), first_column, x.cols(), detail::rule_number(op), 0, sizeof(wide_of<R>)};
  auto const& w = model.row_weights();
  if constexpr (weighted) header.weights = detail::checksum(std::as_bytes(std::span(w)));
  auto const packed = header.pack();
  shard_map const map(op, call.gather(packed, packed.size()));
  bool squares = true;  // first, and then products
  auto const sum_up = [&](block_sums const& own, block_sums& all) {
    auto const parts = call.gather(detail::pack_sums(own), detail::most_bytes(map.blocks, own.size()));
    for (auto const& p : map.places)
      detail::unpack_sums(parts[static_cast<std::size_t>(p.rank)], p.first, p.last, squares, all);
    squares = false;
  };
  auto const add_up = [&](double* values, Index n) {
    byte_writer mine(packed_kind::shard_numbers, sizeof(double));
    mine.put_count(n);
    mine.put(values, n);
    auto const bytes = std::move(mine).finish();
    auto const parts = call.gather(bytes, bytes.size());
    std::fill_n(values, n, 0.);
    for (auto const& part : parts) {
      byte_reader in("sharded", part, packed_kind::shard_numbers, sizeof(double));
      in.demand(in.get_index() == n);
      for (Index i = 0; i < n; ++i) values[i] += in.get<double>();
      in.finish();
    }
  };
  columns_elsewhere const others{first_column / block_columns, map.blocks, sum_up, add_up};
  whole_run<Op> run(op, model, ws, &others);
  if (found == nullptr) return run(nullptr);
  whole_standing all;
  run(&all);
  *found = all;
  detail::find_rejected(*found);
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// A robust rule in place of the sum or the mean of an all-reduce.
#pragma once

#include "sharded.hpp"

#include <algorithm>
#include <functional>
#include <span>
#include <vector>

namespace robagg::inline ROBAGG_ABI {
namespace detail {

template <class Op, communicator C>
struct all_reduce_rule {
  Op op;
  C& ranks;

  template <class V, class Out>
  void operator()(V const& mine, Out&& out) const {
    workspace ws;
    into(mine, out, ws);
  }
  template <class V>
  auto operator()(V const& mine) const {
    using T = std::remove_cvref_t<decltype(*std::data(mine))>;
    Eigen::Matrix<T, Eigen::Dynamic, 1> out;
    (*this)(mine, out);
    return out;
  }

  /// With a workspace of yours, which holds what arrives.
  template <class V, class Out>
  void into(V const& mine, Out& out, workspace& ws) const {
    using T = std::remove_cvref_t<decltype(*std::data(mine))>;
    static_assert(std::same_as<T, std::remove_cvref_t<decltype(*std::data(out))>> && std::is_trivially_copyable_v<T>,
                  "robagg: a robust all-reduce takes contiguous vectors, and its output is of the same type of number");
    auto const scope = ws.scope();
    collective_call<C>::run(ranks, [&](auto& call) {
      auto const d = static_cast<Index>(std::size(mine)), n = ranks.size();
      check_contiguous(mine), check_contiguous(out);
      check_parameters(op, n);
      constexpr std::uint8_t number = sizeof(T) + 16 * std::same_as<T, Eigen::bfloat16> + 32 * std::is_integral_v<T>;
      shard_header const header{n, 0, d, detail::rule_number(op), 0, number};
      auto const packed = header.pack();
      auto const all = call.gather(packed, packed.size());
      for (auto const& bytes : all) check_same(shard_header::unpack(bytes), shard_header::unpack(all[0]));

      detail::fit_vector(op, out, d);
      in_pieces(call, std::data(mine), std::data(out), d, ws);
    });
  }

 private:
  // Columns alone come, are reduced and go in pieces that stay in cache. Rules that read rows have one piece.
  static constexpr Index piece_columns = Index{1} << 16;  // a multiple of the blocks of sums

  template <class T>
  void in_pieces(collective_call<C>& call, T const* mine, T* out, Index d, workspace& ws) const {
    auto const n = ranks.size(), rank = ranks.rank();
    auto const self = static_cast<std::size_t>(rank);
    // One's own row is read where it is, unless results go there.
    bool const in_place = mine == out;
    if (!in_place && std::less<>()(mine, out + d) && std::less<>()(out, mine + d))
      refuse(op, "needs an output that is the vector itself or apart from it", {{"distance", out - mine}});
    std::vector<column_shard> shards;
    for (Index r = 0; r < n; ++r) shards.push_back(shard_of(d, r, n));
    Index const longest = std::ranges::max(shards, {}, &column_shard::columns).columns;
    Index const piece = reads_rows<Op> ? longest : std::min(longest, piece_columns);
    T* const arrived = ws.take<T>(n * std::min(piece, shards[self].columns));
    std::vector<T const*> rows(shards.size());
    std::vector<std::span<std::byte const>> sent(shards.size());
    std::vector<std::span<std::byte>> received(shards.size());
    call.ready();
    for (Index at = 0; at < longest; at += piece) {
      auto const part = [&](std::size_t r) {
        auto const [first, columns] = shards[r];
        return at < columns ? column_shard{first + at, std::min(columns - at, piece)} : column_shard{};
      };
      auto const [first, columns] = part(self);
      for (std::size_t r = 0; r < shards.size(); ++r) {
        T* const place = arrived + static_cast<Index>(r) * columns;
        sent[r] = std::as_bytes(span_of(mine + part(r).first, part(r).columns));
        received[r] = std::as_writable_bytes(span_of(place, columns));
        rows[r] = r == self && !in_place ? mine + first : place;
      }
      if (in_place) std::copy_n(mine + first, columns, arrived + rank * columns);
      ranks.exchange(sent, received);

      auto results = span_of(out + first, columns);
      detail::run_sharded(call, op, rows_of(rows, columns), first, results, ws, nullptr);
      for (std::size_t r = 0; r < shards.size(); ++r) {
        sent[r] = std::as_bytes(results);
        received[r] = std::as_writable_bytes(span_of(out + part(r).first, part(r).columns));
      }
      call.ready();
      ranks.exchange(sent, received);
    }
  }

  template <class T>
  static std::span<T> span_of(T* values, Index n) {
    return {values, static_cast<std::size_t>(n)};
  }
  template <class V>
  void check_contiguous(V const& v) const {
    if constexpr (requires { v.innerStride(); }) {
      static_assert(V::IsVectorAtCompileTime, "robagg: a robust all-reduce takes vectors");
      if (v.size() > 1 && v.innerStride() != 1) refuse(op, "needs contiguous vectors", {{"stride", v.innerStride()}});
    }
  }
  void check_same(shard_header const& one, shard_header const& first) const {
    if (one.columns != first.columns || one.rule != first.rule || one.scalar != first.scalar || one.rows != first.rows)
      refuse(op, "needs vectors of one size and type, and one rule, on all ranks",
             {{"d", one.columns}, {"and d", first.columns}, {"type", one.scalar}, {"and type", first.scalar}});
  }
};

}  // namespace detail

/// The aggregate of one vector per rank, on all ranks: a rule such as median where MPI_Allreduce has sums.
///
///     robust_all_reduce(trimmed_mean{.f = 1}, ranks)(gradient, result);       // all ranks call it; result.size() == d on each
///
/// Shapes     d numbers on each of n ranks -> d on each. Contiguous Eigen vectors, std::vector, std::span of float, double,
///            half or bfloat16, which travel as they are; outputs of the same type.
/// Rules      those of sharded.
/// Errors     those of the rule for n = ranks; vectors of different sizes or types, different rules; an output that overlaps
/// the
///            vector in part. On one rank, as sharded: on all.
/// Guarantee  the bits of the rule on the table of the ranks' vectors, in the order of ranks, with iterate::between_rows, on
///            all. The output may be the vector.
/// Cost       each rank sends (n - 1) / n of its vector, computes on d / n columns of n rows, and sends its d / n results to
///            all; geometric rules send what sharded does besides. Coordinate-wise rules do so in pieces of 65,536 columns a
///            rank. Memory: what arrives, n such pieces or d numbers.
/// NaN, Ties  as the rule.     Weights  none.
/// Source     docs/machines.md     Example  examples/all_reduce.cpp
template <class Op, communicator C>
  requires std::is_class_v<Op>
auto robust_all_reduce(Op const& op, C& ranks) {
  return detail::all_reduce_rule<Op, C>{op, ranks};
}

}  // namespace robagg::inline ROBAGG_ABI

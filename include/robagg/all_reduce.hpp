// SPDX-License-Identifier: BSL-1.0
// A robust rule in place of the sum or the mean of an all-reduce.
#pragma once

#include "sharded.hpp"

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
      auto const d = static_cast<Index>(std::size(mine)), n = ranks.size(), rank = ranks.rank();
      check_contiguous(mine), check_contiguous(out);
      check_parameters(op, n);
      constexpr std::uint8_t number = sizeof(T) + 16 * std::same_as<T, Eigen::bfloat16> + 32 * std::is_integral_v<T>;
      shard_header const header{n, 0, d, detail::rule_number(op), 0, number};
      auto const packed = header.pack();
      auto const all = call.gather(packed, packed.size());
      for (auto const& bytes : all) check_same(shard_header::unpack(bytes), shard_header::unpack(all[0]));

      auto const count = static_cast<std::size_t>(n);
      std::vector<std::size_t> sent(count), received(count, bytes_of(shard_of(d, rank, n).columns, sizeof(T)));
      for (Index r = 0; r < n; ++r) sent[static_cast<std::size_t>(r)] = bytes_of(shard_of(d, r, n).columns, sizeof(T));
      auto const [first, columns] = shard_of(d, rank, n);
      T* const rows = ws.take<T>(n * columns);
      detail::fit_vector(op, out, d);
      call.ready();
      ranks.exchange(bytes_in(std::data(mine), d), sent,
                     std::as_writable_bytes(std::span(rows, bytes_of(n, 1) * bytes_of(columns, 1))), received);

      // Results go to their place among those of all.
      Eigen::Map<table<T> const> const x(rows, n, columns);
      std::span<T> own(std::data(out) + first, static_cast<std::size_t>(columns));
      detail::run_sharded(call, op, x, first, own, ws, nullptr);
      call.ready();
      ranks.gather(std::as_bytes(own), std::as_writable_bytes(std::span(std::data(out), static_cast<std::size_t>(d))), sent);
    });
  }

 private:
  static std::size_t bytes_of(Index n, std::size_t size) { return static_cast<std::size_t>(n) * size; }
  template <class T>
  static std::span<std::byte const> bytes_in(T const* values, Index n) {
    return std::as_bytes(std::span(values, static_cast<std::size_t>(n)));
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
/// Errors     those of the rule for n = ranks; vectors of different sizes or types, different rules. On one rank, as sharded:
///            on all.
/// Guarantee  the bits of the rule on the table of the ranks' vectors, in the order of ranks, with iterate::between_rows, on
///            all.
/// Cost       each rank sends (n - 1) / n of its vector, computes on d / n columns of n rows, and sends its d / n results to
///            all; geometric rules send what sharded does besides. Memory: d more numbers.
/// NaN, Ties  as the rule.     Weights  none.
/// Source     docs/machines.md     Example  examples/all_reduce.cpp
template <class Op, communicator C>
  requires std::is_class_v<Op>
auto robust_all_reduce(Op const& op, C& ranks) {
  return detail::all_reduce_rule<Op, C>{op, ranks};
}

}  // namespace robagg::inline ROBAGG_ABI

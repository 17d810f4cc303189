// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/base/random.hpp"

#include <array>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// Shuffles the reports and averages them in buckets of `size`: fewer, steadier reports for the rule
/// that follows.
///
/// Shapes     n x d reports -> ceil(n / size) x d; the last bucket may be smaller.
/// Ranges     size >= 1. permutation: row permutation[j] goes to place j; without one, a Fisher-Yates
///            shuffle by `seed`, the same on every platform and every call. Change the seed every round:
///            liars who know the buckets can share them.
/// Errors     size < 1; a permutation of the wrong length, or with a row that is unknown or repeated.
/// Guarantee  f liars spoil at most f buckets, so the next rule needs ceil(n / size) > 2f.
/// Cost       no read of its own in a pipe; alone one read of the table. Holds an m x n matrix.
/// NaN        propagates to its bucket.       Weights  no weighted form.   Ties  none.
/// Source     Karimireddy et al., Byzantine-robust learning on heterogeneous datasets, 2022.
/// Example    examples/no_allocation.cpp
struct bucketing {
  required<count, "size"> size;
  list<Index> permutation = {};
  std::uint64_t seed = 0;

  static constexpr int reads = detail::has_origin;
  static constexpr void parameters(auto& op, auto visit) {
    visit("size", op.size), visit("permutation", op.permutation), visit("seed", op.seed);
  }

  void check(Index n) const {
    if (size < 1) detail::refuse(*this, "needs size >= 1", {{"size", size}});
    if (permutation.empty()) return;
    if (permutation.size() != n) {
      detail::refuse(*this, "needs a permutation of all rows", {{"permutation", permutation.size()}, {"n", n}});
    }
    std::array<char, 4096> few{};  // without an allocation for as many rows
    std::vector<char> many(n > static_cast<Index>(few.size()) ? static_cast<std::size_t>(n) : 0);
    char* const seen = many.empty() ? few.data() : many.data();
    for (Index const row : permutation) {
      if (row < 0 || row >= n) detail::refuse(*this, "has an unknown row in its permutation", {{"row", row}, {"n", n}});
      if (seen[row]++ != 0) detail::refuse(*this, "has a row twice in its permutation", {{"row", row}});
    }
  }
  Index rows(Index n) const { return size < 1 ? n : n / size + (n % size != 0); }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::mix(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// The others in the same order.
  bucketing without(Index i, Index n, workspace& ws) const {
    if (permutation.empty()) return *this;
    Index *const order = ws.take<Index>(n - 1), *next = order;
    for (Index const row : permutation) {
      if (row != i) *next++ = row - (i < row);
    }
    return {size, list<Index>(order, n - 1), seed};
  }
  static constexpr bool moves_rows = true, few_terms = true;

  auto mixing(row_weights const& g, workspace& ws) const {
    Index const n = g.rows(), m = rows(n);
    auto W = ws.table<double>(m, n);
    auto const scope = ws.scope();
    auto order = ws.vector<Index>(n);
    for (Index i = 0; i < n; ++i) order(i) = permutation.empty() ? i : permutation[i];
    if (permutation.empty()) detail::shuffle(order, n, detail::generator(seed));
    W.setZero();
    for (Index i = 0; i < n; ++i) {
      Index const bucket = i / size, members = std::min<Index>(size, n - bucket * size);
      W(bucket, order(i)) = 1. / static_cast<double>(members);
    }
    return W;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

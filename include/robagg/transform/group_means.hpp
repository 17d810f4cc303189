// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "detail/groups.hpp"

#include <algorithm>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// Averages the reports of each group: row g of the result is the mean of the rows whose label is g.
///
/// Shapes     n x d reports -> groups x d.
/// Ranges     labels: one a row, 0 <= label < groups; groups = 0: as many as the largest label says.
/// Errors     another number of labels than rows, a label out of range; a group without rows, or without weight.
/// Guarantee  liars spoil the groups that they are in: the next rule needs more than twice as many. The group's mean stands for
///            a member of expectation m with a squared error of (mean of the expectations - m)^2 + variance / rows of the
///            group: fewer groups, more bias and less variance (docs/papers.md has the choice).
/// Cost       no read of its own in a pipe; alone one read of the table. Holds a groups x n matrix.
/// NaN        propagates to its group.        Weights  weighted means; the groups have none.   Ties  none.
/// Source     definition. Of rows that say with a 1 in which state an agent is, the mean is a group's histogram; `sizes` are
///            the agents' counts.             Example  examples/mixtures.cpp
struct group_means {
  list<Index> labels;
  Index groups = 0;

  static constexpr int reads = detail::has_origin | detail::has_weights;
  static constexpr bool moves_rows = true, few_terms = true;
  static constexpr void parameters(auto& op, auto visit) { visit("labels", op.labels), visit("groups", op.groups); }

  void check(Index n) const { detail::check_groups(*this, n); }
  Index rows(Index) const { return detail::count_groups(*this); }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::mix(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// How many rows each group has.
  std::vector<Index> sizes() const {
    std::vector<Index> counts(static_cast<std::size_t>(detail::count_groups(*this)));
    for (Index const label : labels) ++counts[static_cast<std::size_t>(label)];
    return counts;
  }
  /// The others with the same labels.
  group_means without(Index i, Index n, workspace& ws) const {
    Index* const kept = ws.take<Index>(n - 1);
    std::copy_n(labels.data(), i, kept), std::copy_n(labels.data() + i + 1, n - 1 - i, kept + i);
    return {list<Index>(kept, n - 1), detail::count_groups(*this)};
  }
  auto mixing(row_weights const& g, workspace& ws) const {
    auto W = ws.table<double>(rows(g.rows()), g.rows());
    auto const scope = ws.scope();
    auto total = ws.vector<double>(W.rows());
    W.setZero();
    total.setZero();
    for (Index i = 0; i < g.rows(); ++i) total(labels[i]) += g.weight(i);
    for (Index k = 0; k < W.rows(); ++k) {
      if (!(total(k) > 0)) detail::refuse(*this, "needs rows that weigh something in every group", {{"group", k}});
    }
    for (Index i = 0; i < g.rows(); ++i) W(labels[i], i) = g.weight(i) / total(labels[i]);
    return W;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

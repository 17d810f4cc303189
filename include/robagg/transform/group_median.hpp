// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../location/median.hpp"
#include "detail/groups.hpp"

#include <algorithm>

namespace robagg::inline ROBAGG_ABI {

/// The median of the reports of each group, column by column: row g of the result is `median` of the rows whose label is g.
///
/// Shapes     n x d reports -> groups x d.
/// Ranges     labels: one a row, 0 <= label < groups; groups = 0: as many as the largest label says.
/// Errors     another number of labels than rows, a label out of range; a group without rows.
/// Guarantee  row g stays inside the range of its honest reports while fewer than half of the group lie.
/// Cost       one read of the table, O(d n log^2 n). Holds 2 n indices.
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column without values in that group).
/// Weights    weighted medians; a group without weight is refused; the groups have none.   Ties  none.
/// Source     definition.                       Example  examples/mixtures.cpp
struct group_median {
  list<Index> labels;
  Index groups = 0;

  static constexpr int reads = detail::has_weights | detail::skips_nan;
  static constexpr void parameters(auto& op, auto visit) { visit("labels", op.labels), visit("groups", op.groups); }

  void check(Index n) const { detail::check_groups(*this, n); }
  Index rows(Index) const { return detail::count_groups(*this); }
  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    auto&& entered = detail::enter(*this, r);
    detail::need(*this, scratch(r), ws);
    ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
    auto const scope = ws.scope();
    Index const n = r.rows(), all = rows(n);
    // The rows group by group, in their order.
    auto* const ends = ws.take<Index>(all + 1);
    auto* const order = ws.take<Index>(n);
    std::fill_n(ends, all + 1, Index{0});
    for (Index i = 0; i < n; ++i) ++ends[labels[i] + 1];
    for (Index k = 0; k < all; ++k) ends[k + 1] += ends[k];
    for (Index i = 0; i < n; ++i) order[ends[labels[i]]++] = i;
    check_weights(r, order, ends, all, ws);
    detail::fit_table(*this, out, all, r.cols());
    for (Index k = 0, first = 0; k < all; first = ends[k++]) {
      auto row = out.row(k);
      median{}.into(subset(entered, list<Index>(order + first, ends[k] - first)), row, ws);
    }
  }
  template <class R>
  std::size_t scratch(R const& r) const {
    return 2 * workspace::room<Index>(r.rows() + 1) + workspace::room<double>(r.rows()) +
           detail::scratch(median{}, subset(r, labels));
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

 private:
  void check_weights(auto const& r, Index const* order, Index const* ends, Index all, workspace& ws) const {
    auto const scope = ws.scope();
    auto weights = ws.vector<double>(r.rows());
    detail::read_weights(r, weights.data());
    for (Index k = 0, first = 0; k < all; first = ends[k++]) {
      bool const some = std::any_of(order + first, order + ends[k], [&](Index i) { return weights(i) > 0; });
      if (!some) detail::refuse(*this, "needs rows that weigh something in every group", {{"group", k}});
    }
  }
};

}  // namespace robagg::inline ROBAGG_ABI

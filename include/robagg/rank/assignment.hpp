// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../pipe.hpp"
#include "../detail/table/check.hpp"
#include "detail/assign.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// Who gets what: the column of each row, -1 for none, and the sum of the values.
struct matching {
  std::vector<Index> columns;
  double value = 0;
};

/// Gives every row a column of its own so that the sum of the values is the largest; min(n, k) of them where the numbers
/// differ.
///
/// Shapes     n x k values -> a matching.
/// Errors     n = 0; a value that is NaN or infinite, or so large that sums of max(n, k) of them may be.
/// Guarantee  no other assignment of min(n, k) rows has a larger sum, but for rounding.
/// Cost       O(m^2 M) for the smaller m and the larger M of n and k; the table is copied once.
/// NaN        refused.                         Weights  no weighted form.
/// Ties       one of the best assignments, the same on every machine.
/// Source     Jonker and Volgenant, A shortest augmenting path algorithm for dense and sparse linear assignment problems, 1987.
/// Example    examples/leaderboard.cpp
struct assignment {
  using result_type = matching;
  static constexpr int reads = detail::plain;
  static constexpr void parameters(auto&, auto) {}

  template <any_reports R>
  matching elect(R const& r, workspace& ws) const {
    auto&& entered = detail::enter(*this, r);
    auto const& x = detail::plain_of(entered);
    Index const n = x.rows(), k = x.cols();
    detail::need(*this, scratch(x), ws);
    auto const scope = ws.scope();
    // Costs, of the shorter side by the longer one.
    Index const rows = std::min(n, k), columns = std::max(n, k), stride = detail::tile<double>::whole(columns);
    auto cost = ws.table<double>(rows, stride);
    cost.setConstant(std::numeric_limits<double>::infinity());
    auto values = ws.vector<detail::wide_of<R>>(k);
    for (Index i = 0; i < n; ++i) {
      detail::read_row(x, i, 0, k, values.data());
      for (Index j = 0; j < k; ++j) {
        if (!(std::abs(static_cast<double>(values(j))) <= detail::assigner::most(columns)))
          detail::refuse(*this, "needs finite values whose sums are finite", {{"row", i}, {"column", j}, {"value", values(j)}});
        (n <= k ? cost(i, j) : cost(j, i)) = -static_cast<double>(values(j));
      }
    }
    auto partner = ws.vector<Index>(rows);
    detail::assigner(cost.data(), rows, columns, partner.data(), ws);
    matching found;
    found.columns.assign(static_cast<std::size_t>(n), -1);
    for (Index p = 0; p < rows; ++p) {
      found.columns[static_cast<std::size_t>(n <= k ? p : partner(p))] = n <= k ? partner(p) : p;
      found.value -= cost(p, partner(p));
    }
    return found;
  }
  std::size_t scratch(auto const& r) const {
    Index const rows = std::min<Index>(r.rows(), r.cols()), columns = std::max<Index>(r.rows(), r.cols());
    return workspace::room<double>(rows * detail::tile<double>::whole(columns)) + workspace::room<double>(r.cols()) +
           workspace::room<Index>(rows) + detail::assigner::scratch(rows, columns);
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};

}  // namespace robagg::inline ROBAGG_ABI

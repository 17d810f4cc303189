// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "order.hpp"

#include <limits>
#include <numeric>
#include <optional>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// The ranks of the columns without each of the rows, n x d: which task decides the winner?
///
/// Shapes     an aggregate and its n voters x d items -> n x d ranks, 1 for the best; row i is what the others say.
/// Errors     those of the operator for n - 1 rows, n >= 2.        Cost  n times the operator.
/// Guarantee  a parameter that names a row (nearest_to, trust_weighted) names the same one without the other. NaN, weights
///            and ties as for rank_intervals; a row without which no weight is left, or which the operator trusts, has NaN.
/// Source     definition.                        Example  examples/leaderboard.cpp
template <class Op, any_reports R>
table<double> ranks_without_each(Op const& op, R const& given) {
  static_assert(aggregate<Op>,
                "robagg: ranks_without_each needs an aggregate that scores the columns, or a pipe that ends in one");
  auto&& r = detail::enter(op, given);
  Index const n = r.rows();
  if (n < 2) detail::refuse(op, "needs two reports to drop one", {{"n", n}});
  workspace ws;
  table<double> ranks(n, r.cols());
  Eigen::VectorXd scores(r.cols()), rank(r.cols());
  std::vector<Index> rows(static_cast<std::size_t>(n - 1));
  for (Index i = 0; i < n; ++i) {
    std::iota(rows.begin(), rows.end(), Index{0});
    for (Index k = i; k < n - 1; ++k) ++rows[static_cast<std::size_t>(k)];
    rank.setConstant(std::numeric_limits<double>::quiet_NaN());
    auto const scope = ws.scope();
    std::optional<Op> const others = detail::without_row(op, i, n, ws);
    if (others && detail::others_weigh(r, i)) {
      detail::check_parameters(*others, n - 1);
      others->into(subset(r, list<Index>(rows)), scores, ws);
      order{}.into(scores, rank, ws);
    }
    ranks.row(i) = rank.transpose();
  }
  return ranks;
}

}  // namespace robagg::inline ROBAGG_ABI

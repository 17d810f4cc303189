// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/nearest.hpp"
#include "median.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Averages the n - f reports of each column that are nearest to its median (MeaMed).
///
/// Shapes     n x d reports -> d.           Ranges  f >= 0.
/// Errors     needs n > 2f; with weights, a total above 2 W_f (below).
/// Guarantee  while at most f rows lie, no value that is averaged is farther from the median than the
///            farthest honest one: the result stays finite and near the honest range.
/// Cost       one read of the table, O(d n log^2 n); in registers up to 32 rows. Columns in which two
///            different values tie at the edge are done one by one.
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column with too few left for f).
/// Weights    leaves out W_f, the weight of the f heaviest rows, the row at the edge in part; around the
///            weighted median.               Ties  equal distances: the lowest row.
/// Source     Xie et al., Generalized Byzantine-tolerant SGD, 2018.
/// Example    examples/federated_round.cpp
struct mean_around_median {
  static constexpr detail::kernel_number<mean_around_median> kernel{7};
  required<count, "f"> f;  ///< how many rows may lie

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) { visit("f", op.f); }

  void check(Index n) const { detail::check_liars(*this, n, f); }
  void check(detail::weight_table const& w) const { detail::check_heaviest(*this, w, f); }
  bool enough(Index m) const { return m - f > f; }
  static constexpr bool clean_columns_apart = true;  // weights take one column at a time
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  detail::rank_range wanted(Index n) const { return {0, n}; }
  auto reduce(auto const& x) const {
    auto const middle = [](auto const& c) { return detail::midpoint(c[(c.size() - 1) / 2], c[c.size() / 2]); };
    return detail::nearest_mean(x, middle(x), x.size() - f, middle);
  }
  auto reduce(auto const& x, auto const& w) const {
    auto const middle = [](auto const& c, auto const& u) { return median{}.reduce(c, u); };
    return detail::nearest_weighted_mean(x, w, middle, w.table.heaviest(f));
  }
  detail::rank_range kept(auto const& x) const {
    return detail::nearest_ranks(x, detail::midpoint(x[(x.size() - 1) / 2], x[x.size() / 2]), static_cast<Index>(x.size()) - f);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/nearest.hpp"
#include "trimmed_mean.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Averages the n - f reports of each column that are nearest to its trimmed mean (Phocas).
///
/// Shapes     n x d reports -> d.           Ranges  f >= 0.
/// Errors     needs n > 2f; with weights, a total above 2 W_f (below).
/// Guarantee  while at most f rows lie, no value that is averaged is farther from the trimmed mean than
///            the farthest honest one: the result stays finite and near the honest range.
/// Cost       one read of the table, O(d n log^2 n); in registers up to 32 rows. Columns in which two
///            different values tie at the edge are done one by one.
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column with too few left for f).
/// Weights    leaves out W_f, the weight of the f heaviest rows, the row at the edge in part; around the
///            weighted trimmed mean.         Ties  equal distances: the lowest row.
/// Source     Xie et al., Phocas: dimensional Byzantine-resilient stochastic gradient descent, 2018.
/// Example    examples/federated_round.cpp
struct phocas {
  static constexpr detail::kernel_number<phocas> kernel{8};
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
    trimmed_mean const centre{f};
    return detail::nearest_mean(x, centre.reduce(x), x.size() - f, [&](auto const& c) { return centre.reduce(c); });
  }
  auto reduce(auto const& x, auto const& w) const {
    trimmed_mean const centre{f};
    return detail::nearest_weighted_mean(
        x, w, [&](auto const& c, auto const& u) { return centre.reduce(c, u); }, w.table.heaviest(f));
  }
  detail::rank_range kept(auto const& x) const {
    Index const n = static_cast<Index>(x.size());
    return detail::nearest_ranks(x, std::accumulate(x.begin() + f, x.end() - f, 0.) / static_cast<double>(n - 2 * f), n - f);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

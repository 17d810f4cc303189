// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "quantile.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The middle report of each column; the midpoint of the two middle ones for even n.
///
/// Shapes     n x d reports -> d.
/// Errors     n = 0 is bad_input.
/// Guarantee  stays between the smallest and the largest honest report while at most (n-1)/2 rows lie
///            (rounded down), in every column.
/// Cost       one read of the table, O(d n log^2 n); no scratch beyond one tile.
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column without values).
/// Weights    the weighted median: half of the weight on either side, the midpoint where it splits
///            evenly.                        Ties  irrelevant: equal values are equal.
/// Source     Yin et al., Byzantine-robust distributed learning, 2018.
/// Example    examples/federated_round.cpp
struct median {
  static constexpr detail::kernel_number<median> kernel{2};
  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;

  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  detail::rank_range wanted(Index n) const { return quantile{.p = 0.5}.wanted(n); }
  double level() const { return .5; }
  auto reduce(auto const& x) const { return quantile{.p = 0.5}.reduce(x); }
  auto reduce(auto const& x, auto const& w) const { return detail::value_by_weight(x, w, .5, true); }
};

}  // namespace robagg::inline ROBAGG_ABI

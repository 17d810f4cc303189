// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"
#include "../detail/columns/phantoms.hpp"

#include <limits>

namespace robagg::inline ROBAGG_ABI {

/// The median of n reports and of phantoms that are given, column by column: every rule that treats reports alike and that
/// nobody gains from lying to.
///
/// Shapes     n x d reports -> d.
/// Ranges     phantoms: n + 1 of them, or n - 1, ascending, infinities allowed. With n - 1 the result stays inside the range of
///            the reports; k at -infinity and n - 1 - k at infinity choose the report of rank n - k, k = 0 the largest.
/// Errors     another number of phantoms; NaN among them, or out of order; n = 0.
/// Guarantee  strategyproof, each column by itself. f liars move it no further than from the (f+1)-th largest to the (f+1)-th
///            smallest of the reports and phantoms together.
/// Cost       one read of the table, O(d n log^2 n).
/// NaN        counts as +infinity; skip_nan is refused: phantoms are for n reports.
/// Weights    no weighted form, for the same reason.     Ties  irrelevant: equal values are equal.
/// Source     Moulin, On strategy-proofness and single peakedness, 1980.
/// Example    examples/mixtures.cpp
struct moulin_median {
  static constexpr detail::kernel_number<moulin_median> kernel{32};
  list<double> phantoms;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::lacks_rows;
  static constexpr void parameters(auto& op, auto visit) { visit("phantoms", op.phantoms); }

  bool enough(Index n) const { return phantoms.size() == n + 1 || phantoms.size() == n - 1; }
  void check(Index n) const {
    if (!enough(n)) detail::refuse(*this, "needs n + 1 or n - 1 phantoms", {{"n", n}, {"phantoms", phantoms.size()}});
    for (Index k = 0; k < phantoms.size(); ++k) {
      if (!(phantoms[k] >= phantoms[k > 0 ? k - 1 : 0])) {
        detail::refuse(*this, "needs phantoms in ascending order, none of them NaN", {{"phantom", k}, {"value", phantoms[k]}});
      }
    }
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  detail::rank_range wanted(Index n) const { return {0, n}; }
  // Of all n + phantoms.size() numbers the middle one: beside the i-th highest report stands phantom first + i.
  template <class X>
  auto reduce(X const& x) const {
    using V = typename X::packet_type;
    Index const n = x.size(), all = phantoms.size(), first = all - (n + all + 1) / 2;
    auto const phantom = [&](Index at) {
      constexpr double infinite = std::numeric_limits<double>::infinity();
      double const value = at < 0 ? -infinite : at >= all ? infinite : phantoms[at];
      return detail::all<V>(static_cast<detail::lane_of<V>>(value));
    };
    return detail::highest_of_lower(x, V(phantom(first)), [&](Index r) { return phantom(first + n - r); });
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/pairs.hpp"

namespace robagg::inline ROBAGG_ABI {
namespace detail {
struct margins_of_pairs {  // what errors name
  static constexpr int reads = rankings_read;
  std::string name() const { return "pairwise_margins"; }
};
}  // namespace detail

/// By how much voters place one item before another rather than after it: entry (a, b) is the weight of those who place a
/// before b less the weight of the others. What Condorcet's methods read, for looking at.
///
/// Shapes     n voters x d items, scores of which the larger is better -> d x d, antisymmetric.
/// Errors     n = 0; weights whose sum is infinite.     Cost  one read of the table, O(n d^2).
/// NaN        not ranked, which means what `way` says.  Weights  are summed.   Ties  count for neither.   Source  definition.
template <any_reports R>
table<double> pairwise_margins(R const& r, unranked way = unranked::last) {
  workspace ws;
  auto&& entered = detail::enter(detail::margins_of_pairs{}, r);
  auto const pairs = detail::count_pairs(detail::margins_of_pairs{}, entered, way, ws);
  table<double> to(pairs.items, pairs.items);
  for (Index a = 0; a < pairs.items; ++a) {
    for (Index b = 0; b < pairs.items; ++b) to(a, b) = pairs.margin(a, b);
  }
  return to;
}

}  // namespace robagg::inline ROBAGG_ABI

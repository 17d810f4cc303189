// SPDX-License-Identifier: BSL-1.0
// The lowest of n numbers, none of which is NaN: what rules that keep the rows they like best have in common.
#pragma once

#include "geometry.hpp"
#include "../select/rank.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

// The highest of the `kept` lowest numbers, and how many numbers are at least as high.
inline chosen<double> last_of_lowest(double const* x, Index n, Index kept, workspace& ws) {
  if (n > 32) return detail::from_top(x, n, n - kept, ws);
  auto const scope = ws.scope();
  double* const copy = ws.take<double>(n);
  std::copy_n(x, n, copy);
  return detail::by_partition(copy, n, n - kept);
}
inline std::size_t lowest_scratch(Index n) { return workspace::room<double>(detail::selection_room(n)); }

// Calls take(i) for each of the `kept` lowest numbers, equal ones by their place.
void take_lowest(double const* x, Index n, Index kept, workspace& ws, auto const& take) {
  auto const last = detail::last_of_lowest(x, n, kept, ws);
  Index level = kept - (n - last.at_least);
  for (Index i = 0; i < n; ++i) {
    if (x[i] < last.value || (x[i] == last.value && level-- > 0)) take(i);
  }
}

// 1/kept for the `kept` rows with the lowest keys, equal keys by row. Rows whose key is infinite are never kept, and where that
// leaves too few, every coefficient is NaN.
inline geometry::vector mean_of_lowest(geometry::vector const& key, Index kept, workspace& ws) {
  auto w = ws.vector<double>(key.size());
  w.setZero();
  bool enough = true;
  detail::take_lowest(key.data(), key.size(), kept, ws, [&](Index i) {
    w(i) = 1. / static_cast<double>(kept);
    enough &= key(i) < infinity;
  });
  if (!enough) w.setConstant(std::numeric_limits<double>::quiet_NaN());
  return w;
}

}  // namespace robagg::inline ROBAGG_ABI::detail

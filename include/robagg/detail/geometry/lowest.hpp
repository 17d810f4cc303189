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

// Calls visit(i, whether x[i] is one of the `kept` lowest numbers), equal ones by their place; returns the highest of those.
double visit_lowest(double const* x, Index n, Index kept, workspace& ws, auto const& visit) {
  auto const last = detail::last_of_lowest(x, n, kept, ws);
  Index level = kept - (n - last.at_least);
  for (Index i = 0; i < n; ++i) {
    bool const tie = x[i] == last.value;
    visit(i, (x[i] < last.value) | (tie & (level > 0)));
    level -= tie;
  }
  return last.value;
}
// Calls take(i) for each of those.
void take_lowest(double const* x, Index n, Index kept, workspace& ws, auto const& take) {
  detail::visit_lowest(x, n, kept, ws, [&](Index i, bool lowest) {
    if (lowest) take(i);
  });
}

// 1/kept for the `kept` rows with the lowest keys, equal keys by row. Rows whose key is infinite are never kept, and where that
// leaves too few, every coefficient is NaN.
inline geometry::vector mean_of_lowest(geometry::vector const& key, Index kept, workspace& ws) {
  auto w = ws.vector<double>(key.size());
  double const share = 1 / static_cast<double>(kept);
  double const highest =
      detail::visit_lowest(key.data(), key.size(), kept, ws, [&](Index i, bool lowest) { w(i) = lowest ? share : 0; });
  if (!(highest < infinity)) w.setConstant(std::numeric_limits<double>::quiet_NaN());
  return w;
}

}  // namespace robagg::inline ROBAGG_ABI::detail

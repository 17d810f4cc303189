// SPDX-License-Identifier: BSL-1.0
// The mean of the rows that a rule likes best.
#pragma once

#include "geometry.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

// 1/kept for the `kept` rows with the lowest keys, equal keys by row. A key is no NaN; rows whose key is infinite are
// never kept, and where that leaves too few, every coefficient is NaN.
inline geometry::vector mean_of_lowest(geometry::vector const& key, Index kept, workspace& ws) {
  Index const n = key.size();
  auto w = ws.vector<double>(n);
  auto const scope = ws.scope();
  auto order = ws.vector<Index>(n);
  for (Index i = 0; i < n; ++i) order(i) = i;
  detail::order_by(key, order.data(), order.data() + kept, order.data() + n);
  bool const enough = key(order(kept - 1)) < infinity;
  w.setConstant(enough ? 0 : std::numeric_limits<double>::quiet_NaN());
  for (Index k = 0; k < kept && enough; ++k) w(order(k)) = 1. / static_cast<double>(kept);
  return w;
}

}  // namespace robagg::inline ROBAGG_ABI::detail

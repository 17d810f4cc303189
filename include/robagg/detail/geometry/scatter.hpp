// SPDX-License-Identifier: BSL-1.0
// How rows scatter about their mean, from their squared distances alone: behind the rules that look at eigenvalues.
#pragma once

#include "eigen.hpp"
#include "geometry.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

// Squared distances D between points with weights c, which sum to `total`, become the inner products about their
// weighted mean. Distances between close points keep their digits wherever these lie; products about a pivot do not.
inline void centre(workspace::table_map<double>& D, auto const& c, double total, workspace& ws) {
  auto const scope = ws.scope();
  auto mean = ws.vector<double>(D.rows());
  detail::multiply(D, c, mean);
  mean /= total;
  double const middle = detail::dot(c, mean) / total;
  for (Index i = 0; i < D.rows(); ++i) {
    for (Index k = 0; k < D.rows(); ++k) D(i, k) = .5 * (mean(i) + mean(k) - D(i, k) - middle);
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

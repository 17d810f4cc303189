// SPDX-License-Identifier: BSL-1.0
// Rows in groups, by a label each.
#pragma once

#include "../../error.hpp"
#include "../../parameters.hpp"

#include <algorithm>

namespace robagg::inline ROBAGG_ABI::detail {

template <class Op>
Index count_groups(Op const& op) {
  if (op.groups > 0 || op.labels.empty()) return std::max<Index>(op.groups, 0);
  return std::max<Index>(*std::max_element(op.labels.begin(), op.labels.end()) + 1, 0);
}

// Whether every group has a row is seen where rows are counted. A label too large would ask for all memory.
template <class Op>
void check_groups(Op const& op, Index n) {
  if (op.labels.size() != n) refuse(op, "needs a label for each row", {{"labels", op.labels.size()}, {"n", n}});
  if (op.groups < 0) refuse(op, "needs groups >= 0", {{"groups", op.groups}});
  Index const groups = op.groups > 0 ? op.groups : n;  // none of which may be empty
  for (Index i = 0; i < n; ++i) {
    if (op.labels[i] < 0 || op.labels[i] >= groups)
      refuse(op, "needs 0 <= label < groups", {{"row", i}, {"label", op.labels[i]}, {"groups", groups}});
  }
  Index const all = count_groups(op);
  if (all > n) refuse(op, "needs rows in every group", {{"groups", all}, {"n", n}});
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// Values sorted into groups of equal ones.
#pragma once

#include "radix.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

// Sorts the numbers of d values, the larger value first, NaN last, equal ones by number, and calls visit(sorted, first, end)
// for the places [first, end) of each group of equal ones.
template <class T, class Visit>
void sort_into_ties(T const* values, Index d, workspace& ws, Visit&& visit) {
  auto const scope = ws.scope();
  auto const* const sorted =
      detail::sort_scores<true>([=](Index c) { return values[c]; }, [](Index) { return true; }, d, ws).first;
  for (Index first = 0, end; first < d; first = end) {
    for (end = first + 1; end < d && sorted[end].key == sorted[first].key;) ++end;
    visit([=](Index c) { return static_cast<Index>(sorted[c].place); }, first, end);
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

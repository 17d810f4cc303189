// SPDX-License-Identifier: BSL-1.0
// Values sorted into groups of equal ones.
#pragma once

#include "../base/order.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

// Sorts the numbers of d values into `sorted`, the larger value first, NaN last, equal ones by number, and calls
// visit(first, end) for the places [first, end) of each group of equal ones.
template <class T, class Visit>
void sort_into_ties(T const* values, Index d, keyed<key_of<T>>* sorted, Visit&& visit) {
  for (Index c = 0; c < d; ++c) sorted[c] = {detail::ordered_key(values[c]), static_cast<std::int32_t>(c)};
  std::sort(sorted, sorted + d,
            [](auto const& a, auto const& b) { return a.key > b.key || (a.key == b.key && a.number < b.number); });
  for (Index first = 0, end; first < d; first = end) {
    for (end = first + 1; end < d && sorted[end].key == sorted[first].key;) ++end;
    visit(first, end);
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

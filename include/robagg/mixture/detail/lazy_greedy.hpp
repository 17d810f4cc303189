// SPDX-License-Identifier: BSL-1.0
// The greedy choice of a monotone submodular function, lazily: gains only fall as more is chosen, so that who is ahead with a
// gain that is up to date needs no comparison with gains that are not.
#pragma once

#include "../../workspace.hpp"

#include <algorithm>

namespace robagg::inline ROBAGG_ABI::detail {

struct row_gain {
  double gain;
  Index index, asked;  // how many had been chosen when the gain was computed
  // The last in line: a smaller gain, of equal ones the higher index.
  friend bool operator<(row_gain const& a, row_gain const& b) {
    return a.gain < b.gain || (a.gain == b.gain && a.index > b.index);
  }
};

// Up to k of n, in the order they are chosen; choose(index, gain) takes one in. A gain of 0 ends it.
void choose_lazily(Index n, Index k, row_gain* heap, auto const& gain, auto const& choose) {
  for (Index i = 0; i < n; ++i) heap[i] = {gain(i), i, 0};
  std::make_heap(heap, heap + n);
  for (Index chosen = 0; chosen < k && n > 0;) {
    std::pop_heap(heap, heap + n);
    row_gain& first = heap[n - 1];
    if (!(first.gain > 0)) return;
    if (first.asked == chosen) {
      choose(first.index, first.gain);
      ++chosen;
      --n;
    } else {
      first = {gain(first.index), first.index, chosen};
      std::push_heap(heap, heap + n);
    }
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// What one writes without a library: copy a column, work on the copy.
#pragma once

#include "bench.hpp"

namespace robagg_bench {

// f(column) -> value, for every column.
template <class F>
struct by_column {
  F f;
  void into(auto const& x, auto& out, robagg::workspace& ws) const {
    auto const scope = ws.scope();
    auto column = ws.vector<typename std::remove_cvref_t<decltype(x)>::Scalar>(x.rows());
    for (Index c = 0; c < x.cols(); ++c) {
      column = x.col(c);
      out(c) = f(column.data(), x.rows());
    }
  }
};
template <class F>
by_column(F) -> by_column<F>;

// These sum in double and give the type of the column.
template <class T>
T mean_of(T const* first, T const* last) {
  return static_cast<T>(std::accumulate(first, last, 0.) / static_cast<double>(last - first));
}

}  // namespace robagg_bench

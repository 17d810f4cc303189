// SPDX-License-Identifier: BSL-1.0
// What one read says of every row and one more vector, in double and in time linear in the rows: for rules that need no
// distances between rows.
#pragma once

#include "tile.hpp"
#include "tree.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

// The sum over the columns of a padded block, in lanes of its own.
EIGEN_ALWAYS_INLINE double sum_of_columns(Index padded, auto const& term) {
  double lanes[16] = {};
  for (Index c = 0; c < padded; c += 16) {
    for (Index l = 0; l < 16; ++l) lanes[l] += term(c + l);
  }
  for (Index half = 8; half > 0; half /= 2) {
    for (Index l = 0; l < half; ++l) lanes[l] += lanes[l + half];
  }
  return lanes[0];
}

// Sums of `size` terms over all columns: add(block, to) writes those of a block of all rows and, as the last row, the
// vector that read(j, w, to) gives; padded with zeros.
template <class X>
workspace::vector_map<double> sums_over_blocks(X const& x, Index size, auto const& read, workspace& ws,
                                               auto const& add) {
  using T = wide_of<X>;
  Index const n = x.rows(), d = x.cols();
  auto sums = ws.vector<double>(size);
  auto const scope = ws.scope();
  tile<T> const full(ws, n + 1, std::min(d, block_columns));
  block_sums all(ws, size, block_sums::capacity(d / block_columns + 1));
  for (Index j = 0; j < d; j += block_columns) {
    Index const w = std::min(block_columns, d - j), padded = full.padded(w);
    detail::load(x, j, tile<T>(full.data, n, w, full.stride), ws);
    read(j, w, full.row(n));
    for (Index i = 0; i <= n; ++i) std::fill(full.row(i) + w, full.row(i) + padded, T(0));
    add(tile<T>(full.data, n + 1, padded, full.stride), all.next());
    all.add(j / block_columns);
  }
  all.total(sums.data());
  return sums;
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// Sums along columns that do not depend on how the columns are cut: fixed blocks of block_columns,
// added as one binary tree over block numbers, node (l, k) = (l-1, 2k) + (l-1, 2k+1).
#pragma once

#include "tile.hpp"

#include <bit>

namespace robagg::inline ROBAGG_ABI::detail {

// Adds vectors of `size` doubles, one per block in order, as that tree. A binary counter: level l
// waits while bit l of the number of blocks seen is set.
class block_tree {
 public:
  block_tree(workspace& ws, Index size, Index blocks)
      : levels_(ws.table<double>(static_cast<Index>(std::bit_width(static_cast<std::size_t>(blocks))) + 1, size)) {}

  // Where the next block writes its sums.
  double* next() { return levels_.row(0).data(); }

  void add() {
    Index level = 0;
    for (std::size_t c = blocks_; c & 1; c /= 2, ++level) {
      levels_.row(0) += levels_.row(level + 1);
    }
    levels_.row(level + 1) = levels_.row(0);
    ++blocks_;
  }

  // The sum over all blocks (0 without blocks).
  template <class Out>
  void total(Out&& out) const {
    out.setZero();
    Index level = 1;
    for (std::size_t c = blocks_; c != 0; c /= 2, ++level) {
      if (c & 1) out += levels_.row(level).transpose();
    }
  }

 private:
  workspace::table_map<double> levels_;
  std::size_t blocks_ = 0;
};

// The mean of d > 0 finite values by the same tree; scaled, so that no sum overflows.
template <class T>
double tree_mean(T const* values, Index d, workspace& ws) {
  auto const scope = ws.scope();
  double const scale = 1 / static_cast<double>(std::bit_ceil(static_cast<std::size_t>(d)));  // a power of two: exact
  block_tree sum(ws, 1, d / block_columns + 1);
  for (Index j = 0; j < d; j += block_columns) {
    double lanes[16] = {};
    Index const end = std::min(j + block_columns, d), whole = j + (end - j) / 16 * 16;
    for (Index c = j; c < whole; c += 16) {
      for (Index l = 0; l < 16; ++l) lanes[l] += scale * static_cast<double>(values[c + l]);
    }
    for (Index c = whole; c < end; ++c) lanes[c - whole] += scale * static_cast<double>(values[c]);
    for (Index half = 8; half > 0; half /= 2) {
      for (Index l = 0; l < half; ++l) lanes[l] += lanes[l + half];
    }
    *sum.next() = lanes[0];
    sum.add();
  }
  Eigen::Matrix<double, 1, 1> total;
  sum.total(total);
  return total(0) / (scale * static_cast<double>(d));
}

}  // namespace robagg::inline ROBAGG_ABI::detail

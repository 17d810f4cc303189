// SPDX-License-Identifier: BSL-1.0
// Sums along columns that do not depend on how the columns are cut: fixed blocks of block_columns, added as one binary
// tree over block numbers: node (l, k) = (l-1, 2k) + (l-1, 2k+1), where a missing right child adds nothing.
#pragma once

#include "tile.hpp"

#include <algorithm>
#include <bit>
#include <utility>  // std::move, std::exchange
#include <vector>

namespace robagg::inline ROBAGG_ABI::detail {

// Vectors of `size` sums over some blocks, held as the topmost nodes of that tree: at most two a level for a range of
// blocks. Blocks come in any order, and those of another one can be added.
class block_sums {
 public:
  // A whole subtree: blocks [index << level, (index + 1) << level).
  struct node {
    Index level, index;
    double* sums;
    Index first() const { return index << level; }
  };
  // Nodes that blocks first, first + 1, ... need as they arrive in this order, two levels' worth where they begin anywhere.
  static Index capacity(Index blocks, Index first = 0) {
    return std::max<Index>(1, (first == 0 ? 1 : 2) * static_cast<Index>(std::bit_width(static_cast<std::size_t>(blocks))));
  }

  // Memory for `capacity` nodes: free ones keep their sums behind those in use.
  block_sums(node* nodes, double* memory, Index size, Index capacity) : nodes_(nodes), size_(size), capacity_(capacity) {
    for (Index k = 0; k < capacity; ++k) nodes_[k] = {0, 0, memory + k * size};
  }
  block_sums(workspace& ws, Index size, Index capacity)
      : block_sums(ws.take<node>(capacity), ws.take<double>(size * capacity), size, capacity) {}

  Index size() const { return size_; }
  Index count() const { return count_; }
  Index capacity() const { return capacity_; }
  node const& operator[](Index k) const { return nodes_[k]; }

  // Where the sums of the next node are written.
  double* next() { return nodes_[count_].sums; }

  // They are those of a block, or of a node.
  void add(Index index, Index level = 0) {
    ROBAGG_ASSERT(count_ < capacity_);
    nodes_[count_].level = level;
    nodes_[count_].index = index;
    node* at = nodes_ + count_;
    while (at != nodes_ && at[-1].first() > nodes_[count_].first()) --at;
    std::rotate(at, nodes_ + count_, nodes_ + count_ + 1);
    ++count_;
    for (;;) {
      if (at->index % 2 == 1) {
        if (at == nodes_ || !siblings(at[-1], *at)) break;
        --at;
      } else if (at + 1 == nodes_ + count_ || !siblings(*at, at[1])) {
        break;
      }
      for (Index s = 0; s < size_; ++s) at->sums[s] += at[1].sums[s];
      ++at->level;
      at->index /= 2;
      std::rotate(at + 1, at + 2, nodes_ + count_);
      --count_;
    }
  }
  void add(block_sums const& other) {
    for (Index k = 0; k < other.count_; ++k) {
      std::copy_n(other.nodes_[k].sums, size_, next());
      add(other.nodes_[k].index, other.nodes_[k].level);
    }
  }

  // The sum over all blocks (0 without blocks), in place of them.
  double* total() {
    if (count_ == 0) return std::fill_n(next(), size_, 0.), next();
    for (; count_ > 1; --count_) {
      double* const sums = nodes_[count_ - 2].sums;
      for (Index s = 0; s < size_; ++s) sums[s] = nodes_[count_ - 1].sums[s] + sums[s];
    }
    return nodes_[0].sums;
  }
  // The same to `out`.
  void total(double* out) const {
    std::fill_n(out, size_, 0.);
    for (Index k = count_; k-- > 0;) {
      for (Index s = 0; s < size_; ++s) out[s] += nodes_[k].sums[s];
    }
  }

 private:
  static bool siblings(node const& a, node const& b) {
    return a.level == b.level && a.index % 2 == 0 && b.index == a.index + 1;
  }

  node* nodes_;
  Index size_, capacity_, count_ = 0;
};

// The same in memory of its own, which grows.
class growing_block_sums {
 public:
  explicit growing_block_sums(Index size) : sums_(nullptr, nullptr, size, 0) {}
  growing_block_sums(growing_block_sums const& other) : growing_block_sums(other.sums_.size()) { add(other.sums_); }
  growing_block_sums(growing_block_sums&& other) noexcept  // which is left without nodes
      : nodes_(std::move(other.nodes_)),
        memory_(std::move(other.memory_)),
        sums_(std::exchange(other.sums_, block_sums(nullptr, nullptr, other.sums_.size(), 0))) {}
  growing_block_sums& operator=(growing_block_sums other) noexcept {
    nodes_ = std::move(other.nodes_);
    memory_ = std::move(other.memory_);
    sums_ = other.sums_;
    return *this;
  }
  block_sums const& get() const { return sums_; }
  // Where the sums of the next node are written, which add(index, level) then takes.
  double* next() {
    if (sums_.count() + 1 >= sums_.capacity()) grow(std::max<Index>(4, 2 * sums_.capacity()));
    return sums_.next();
  }
  void add(Index index, Index level) { sums_.add(index, level); }
  void add(block_sums const& other) {
    for (Index k = 0; k < other.count(); ++k) {
      std::copy_n(other[k].sums, other.size(), next());
      add(other[k].index, other[k].level);
    }
  }

 private:
  void grow(Index capacity) {
    std::vector<block_sums::node> nodes(static_cast<std::size_t>(capacity));
    std::vector<double> memory(static_cast<std::size_t>(capacity * sums_.size()));
    block_sums larger(nodes.data(), memory.data(), sums_.size(), capacity);
    larger.add(sums_);
    nodes_ = std::move(nodes);
    memory_ = std::move(memory);
    sums_ = larger;
  }

  std::vector<block_sums::node> nodes_;
  std::vector<double> memory_;
  block_sums sums_;
};

// How many bytes of a workspace that takes, at most.
inline std::size_t tree_mean_scratch(Index d) {
  Index const capacity = block_sums::capacity(d / block_columns + 1);
  return workspace::room<block_sums::node>(capacity) + workspace::room<double>(capacity);
}
// The mean of d > 0 finite values by the same tree; scaled, so that no sum overflows.
template <class T>
double tree_mean(T const* values, Index d, workspace& ws) {
  auto const scope = ws.scope();
  double const scale = 1 / static_cast<double>(std::bit_ceil(static_cast<std::size_t>(d)));  // a power of two: exact
  block_sums sum(ws, 1, block_sums::capacity(d / block_columns + 1));
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
    sum.add(j / block_columns);
  }
  double total = 0;
  sum.total(&total);
  return total / (scale * static_cast<double>(d));
}

}  // namespace robagg::inline ROBAGG_ABI::detail

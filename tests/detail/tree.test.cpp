// SPDX-License-Identifier: BSL-1.0
// The summation tree: one fixed binary tree over block numbers, node (l, k) = (l-1, 2k) + (l-1, 2k+1).
#include "inputs.hpp"

#include <robagg/detail/tree.hpp>

using namespace robagg_test;

namespace {
// The definition, top down: blocks [first, first + 2^level) of which those below count exist.
double node(std::vector<double> const& blocks, int level, std::size_t k) {
  if ((k << level) >= blocks.size()) return 0;
  if (level == 0) return blocks[k];
  double const left = node(blocks, level - 1, 2 * k), right = node(blocks, level - 1, 2 * k + 1);
  return ((2 * k + 1) << (level - 1)) < blocks.size() ? left + right : left;
}
}  // namespace

TEST_CASE("blocks are added in the order of the tree, to the bit") {
  numbers random(9);
  for (std::size_t count = 0; count <= 70; ++count) {
    robagg::workspace ws;
    robagg::detail::block_tree tree(ws, 2, static_cast<Index>(count));
    std::vector<double> a, b;
    for (std::size_t i = 0; i < count; ++i) {
      a.push_back(random.gauss() * std::pow(10, static_cast<double>(random.below(20))));
      b.push_back(random.uniform());
      tree.next()[0] = a.back(), tree.next()[1] = b.back();
      tree.add();
    }
    Eigen::Vector2d total;
    tree.total(total);
    int level = 0;
    while ((std::size_t{1} << level) < count) ++level;
    INFO("blocks: " << count);
    CHECK(same_bits(total(0), node(a, level, 0)));
    CHECK(same_bits(total(1), node(b, level, 0)));
  }
}

TEST_CASE("a tree mean is the mean, keeps digits that a running sum loses, and never overflows") {
  robagg::workspace ws;
  for (Index const d : {1, 15, 16, 511, 512, 513, 2000, 5121}) {
    matrix const x = gauss(1, d);
    long double exact = 0;
    for (Index i = 0; i < d; ++i) exact += static_cast<long double>(x(0, i)) / static_cast<long double>(d);
    INFO("d = " << d);
    CHECK(std::abs(robagg::detail::tree_mean(x.data(), d, ws) - static_cast<double>(exact)) <= 1e-14);
  }
  std::vector<double> const tenths(1 << 22, .1), large(1000, 1e308);
  CHECK(std::abs(robagg::detail::tree_mean(tenths.data(), 1 << 22, ws) - .1) <= 1e-16);
  CHECK(std::abs(robagg::detail::tree_mean(large.data(), 1000, ws) - 1e308) <= 1e294);
}

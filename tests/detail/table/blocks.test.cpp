// SPDX-License-Identifier: BSL-1.0
// The summation tree: one fixed binary tree over block numbers, node (l, k) = (l-1, 2k) + (l-1, 2k+1).
#include "inputs.hpp"

#include <robagg/detail/table/blocks.hpp>

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

TEST_CASE("blocks are added in the order of the tree, to the bit, however they arrive") {
  numbers random(9);
  for (std::size_t count = 0; count <= 70; ++count) {
    std::vector<double> a, b;
    for (std::size_t i = 0; i < count; ++i) {
      a.push_back(random.gauss() * std::pow(10, static_cast<double>(random.below(20))));
      b.push_back(random.uniform());
    }
    int level = 0;
    while ((std::size_t{1} << level) < count) ++level;
    auto const is_the_tree = [&](robagg::detail::block_sums const& sums) {
      double total[2];
      sums.total(total);
      CHECK(same_bits(total[0], node(a, level, 0)));
      CHECK(same_bits(total[1], node(b, level, 0)));
    };
    auto const is_the_tree_in_place = [&](robagg::detail::block_sums& sums) {
      double const* const total = sums.total();
      CHECK(same_bits(total[0], node(a, level, 0)));
      CHECK(same_bits(total[1], node(b, level, 0)));
    };
    auto const add = [&](robagg::detail::block_sums& sums, std::size_t block) {
      sums.next()[0] = a[block], sums.next()[1] = b[block];
      sums.add(static_cast<Index>(block));
    };
    INFO("blocks: " << count);
    robagg::workspace ws;
    Index const few = robagg::detail::block_sums::capacity(static_cast<Index>(count));
    Index const anywhere = robagg::detail::block_sums::capacity(static_cast<Index>(count), 1);
    robagg::detail::block_sums in_order(ws, 2, few), shuffled(ws, 2, 80), merged(ws, 2, 80);
    for (std::size_t i = 0; i < count; ++i) add(in_order, i);
    is_the_tree(in_order);
    CHECK(in_order.count() <= level + 1);
    for (std::size_t i = 0; i < count; ++i) add(shuffled, (i * 73) % count);  // 73 is prime: every block
    is_the_tree(shuffled);
    // Ranges [0, p), [p, q), [q, count), the last one first.
    auto const below = [&](std::size_t n) { return static_cast<std::size_t>(random.below(static_cast<Index>(n))); };
    std::size_t const p = below(count + 1), q = p + below(count + 1 - p);
    for (auto const& [first, last] : {std::pair{q, count}, std::pair{p, q}, std::pair{std::size_t{0}, p}}) {
      robagg::detail::block_sums part(ws, 2, anywhere);
      for (std::size_t i = first; i < last; ++i) add(part, i);
      merged.add(part);
    }
    is_the_tree(merged);
    is_the_tree_in_place(merged);
    is_the_tree_in_place(in_order);
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

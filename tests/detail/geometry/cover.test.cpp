// SPDX-License-Identifier: BSL-1.0
// Vertex covers against every subset, on graphs that distances between points would hardly make.
#include "inputs.hpp"
#include "reference.hpp"

#include <robagg/detail/geometry/cover.hpp>

using namespace robagg_test;

namespace {
Index least_cover(std::vector<std::vector<bool>> const& edges) {
  Index const n = static_cast<Index>(edges.size());
  for (Index size = 0;; ++size) {
    for (auto const& rest : reference::subsets(n, n - size)) {
      bool free = true;
      for (Index const i : rest) {
        for (Index const k : rest) free = free && !edges[static_cast<std::size_t>(i)][static_cast<std::size_t>(k)];
      }
      if (free) return size;
    }
  }
}
}  // namespace

TEST_CASE("a search for vertex covers finds the least one and leaves the graph as it was") {
  numbers random(5);
  for (int trial = 0; trial < 150; ++trial) {
    Index const n = 1 + random.below(11);
    double const density = .1 + .2 * static_cast<double>(trial % 4);
    std::vector<std::vector<bool>> edges(static_cast<std::size_t>(n), std::vector<bool>(static_cast<std::size_t>(n)));
    for (std::size_t i = 0; i < edges.size(); ++i) {
      for (std::size_t k = 0; k < i; ++k) edges[i][k] = edges[k][i] = random.uniform() < density;
    }
    robagg::workspace ws;
    robagg::detail::cover_search graph(n, ws);
    graph.join([&](Index i, Index k) { return edges[static_cast<std::size_t>(i)][static_cast<std::size_t>(k)]; });
    Index const least = least_cover(edges);
    INFO("trial " << trial << ", n = " << n << ", least " << least);
    for (int again = 0; again < 2; ++again) {
      for (Index budget = 0; budget <= n; ++budget) CHECK(graph.covered_by(budget) == (budget >= least));
    }
    CHECK(graph.removed() == 0);
  }
  // 6 to 10 touch every edge; 0, as wide as any of them and found first, is not among them.
  bool const across[6][5] = {{1, 1, 1, 0, 0}, {0, 0, 1, 1, 1}, {1, 0, 0, 1, 1},
                             {1, 1, 0, 0, 0}, {0, 1, 1, 0, 0}, {0, 0, 0, 1, 1}};
  robagg::workspace ws;
  robagg::detail::cover_search two_sides(11, ws);
  two_sides.join([&](Index i, Index k) { return i > 5 && k < 6 && across[k][i - 6]; });
  CHECK(two_sides.covered_by(5));
  CHECK_FALSE(two_sides.covered_by(4));
}

// SPDX-License-Identifier: BSL-1.0
// Strong components of a directed graph, in an order in which edges go forward.
#pragma once

#include "../../detail/base/config.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>  // std::greater
#include <queue>
#include <utility>
#include <vector>

namespace robagg::inline ROBAGG_ABI::detail {

using graph_edges = std::vector<std::pair<Index, Index>>;

struct condensation {
  std::vector<Index> component;  // of each node
  Index components = 0;
  graph_edges above;  // between components, sorted, each once; the first number is the lower
};

// Which component each node is in, numbered as they are found, and how many there are (Tarjan's algorithm, without recursion).
inline std::pair<std::vector<Index>, Index> strong_components(Index nodes, graph_edges const& edges) {
  auto const n = static_cast<std::size_t>(nodes);
  auto const at = [](Index i) { return static_cast<std::size_t>(i); };
  std::vector<std::size_t> first(n + 1, 0), next(n);
  for (auto const& edge : edges) ++first[at(edge.first) + 1];
  for (std::size_t i = 0; i < n; ++i) {
    first[i + 1] += first[i];
    next[i] = first[i];
  }
  std::vector<Index> to(edges.size());
  for (auto const& [a, b] : edges) to[next[at(a)]++] = b;
  for (std::size_t i = 0; i < n; ++i) next[i] = first[i];

  std::vector<Index> seen(n, 0), low(n, 0), component(n, -1), open, path;
  Index clock = 0, components = 0;
  auto const enter = [&](Index node) {
    seen[at(node)] = low[at(node)] = ++clock;
    open.push_back(node);
    path.push_back(node);
  };
  for (Index root = 0; root < nodes; ++root) {
    if (seen[at(root)] == 0) enter(root);
    while (!path.empty()) {
      auto const node = at(path.back());
      if (next[node] < first[node + 1]) {
        Index const there = to[next[node]++];
        if (seen[at(there)] == 0) {
          enter(there);
        } else if (component[at(there)] < 0) {
          low[node] = std::min(low[node], seen[at(there)]);
        }
        continue;
      }
      path.pop_back();
      if (!path.empty()) low[at(path.back())] = std::min(low[at(path.back())], low[node]);
      if (low[node] != seen[node]) continue;
      Index member = -1;
      do {
        member = open.back();
        open.pop_back();
        component[at(member)] = components;
      } while (at(member) != node);
      ++components;
    }
  }
  return {std::move(component), components};
}

// The same, numbered so that edges go from lower to higher numbers; where there is a choice, by the lowest item.
inline condensation condense(Index nodes, graph_edges const& edges) {
  auto [found, components] = detail::strong_components(nodes, edges);
  auto const at = [](Index i) { return static_cast<std::size_t>(i); };
  condensation out{std::move(found), components, {}};
  for (auto const& [a, b] : edges) {
    if (out.component[at(a)] != out.component[at(b)]) out.above.emplace_back(out.component[at(a)], out.component[at(b)]);
  }
  auto const tidy = [&] {
    std::sort(out.above.begin(), out.above.end());
    out.above.erase(std::unique(out.above.begin(), out.above.end()), out.above.end());
  };
  tidy();
  std::vector<Index> lowest(at(components), nodes), waits(at(components), 0), number(at(components), 0);
  for (Index i = 0; i < nodes; ++i) lowest[at(out.component[at(i)])] = std::min(lowest[at(out.component[at(i)])], i);
  for (auto const& edge : out.above) ++waits[at(edge.second)];
  using entry = std::pair<Index, Index>;  // lowest item, component
  std::priority_queue<entry, std::vector<entry>, std::greater<>> ready;
  for (Index c = 0; c < components; ++c) {
    if (waits[at(c)] == 0) ready.emplace(lowest[at(c)], c);
  }
  for (Index count = 0; !ready.empty(); ++count) {
    Index const c = ready.top().second;
    ready.pop();
    number[at(c)] = count;
    auto edge = std::lower_bound(out.above.begin(), out.above.end(), std::pair{c, Index{-1}});
    for (; edge != out.above.end() && edge->first == c; ++edge) {
      if (--waits[at(edge->second)] == 0) ready.emplace(lowest[at(edge->second)], edge->second);
    }
  }
  for (auto& c : out.component) c = number[at(c)];
  for (auto& [a, b] : out.above) {
    a = number[at(a)];
    b = number[at(b)];
  }
  tidy();
  return out;
}

// Is there a number for each node so that x[first] >= x[second] + length for all edges? No, if some cycle is of positive
// length (Bellman and Ford).
struct long_edge {
  Index first, second;
  double length;
};
inline bool can_be_spaced(Index nodes, std::vector<long_edge> const& edges) {
  std::vector<double> x(static_cast<std::size_t>(nodes), 0);
  for (Index round = 0; round <= nodes; ++round) {
    bool moved = false;
    for (auto const& e : edges) {
      double const least = x[static_cast<std::size_t>(e.second)] + e.length;
      if (x[static_cast<std::size_t>(e.first)] < least) {
        x[static_cast<std::size_t>(e.first)] = least;
        moved = true;
      }
    }
    if (!moved) return true;
  }
  return false;
}

}  // namespace robagg::inline ROBAGG_ABI::detail

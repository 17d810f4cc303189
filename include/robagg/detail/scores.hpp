// SPDX-License-Identifier: BSL-1.0
// Krum's scores: how far a row lies from its nearest neighbours; behind krum, multi_krum and bulyan.
#pragma once

#include "geometry.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

// The least is the best. Neighbours out of sight count first: a sum with infinity in it would hide the others.
struct krum_score {
  Index missing;  // neighbours at an infinite distance
  double sum;     // of the squared distances to the others
  friend bool operator<(krum_score const& a, krum_score const& b) {
    return a.missing < b.missing || (a.missing == b.missing && a.sum < b.sum);
  }
};

// Every row's other rows by distance, sorted once for any number of scores.
class neighbour_lists {
 public:
  neighbour_lists(geometry const& g, workspace& ws) : geometry_(g), order_(ws.table<Index>(g.rows(), g.rows() - 1)) {
    Index const n = g.rows();
    for (Index i = 0; i < n; ++i) {
      Index* const others = order_.data() + i * (n - 1);
      for (Index k = 0; k + 1 < n; ++k) others[k] = k < i ? k : k + 1;
      detail::order_by([&](Index k) { return g.squared_distance(i, k); }, others, others + n - 1, others + n - 1);
    }
  }

  // Of row i to its `neighbours` nearest rows k with counts(k).
  krum_score score(Index i, Index neighbours, auto const& counts) const {
    krum_score s{0, 0};
    for (Index at = 0; at < order_.cols() && neighbours > 0; ++at) {
      if (!counts(order_(i, at))) continue;
      double const distance = geometry_.squared_distance(i, order_(i, at));
      distance < infinity ? s.sum += distance : static_cast<double>(++s.missing);
      --neighbours;
    }
    return s;
  }

 private:
  geometry const& geometry_;
  workspace::table_map<Index> order_;
};

// How many neighbours decide: the paper's n-f-2, and never fewer than f, which f equal liars would share.
inline Index krum_neighbours(Index neighbours, Index n, Index f) {
  return neighbours > 0 ? neighbours : std::min(n - 1, std::max({Index{1}, f, n - f - 2}));
}

// 1/m at the m rows with the least scores; NaN where fewer than n - f >= m rows have a geometry.
inline workspace::vector_map<double> krum_weights(geometry const& g, Index f, Index m, Index neighbours, workspace& ws) {
  Index const n = g.rows();
  auto w = ws.vector<double>(n);
  if (g.located_rows() < n - f) {
    w.setConstant(std::numeric_limits<double>::quiet_NaN());
    return w;
  }
  auto const scope = ws.scope();
  neighbour_lists const near(g, ws);
  auto order = ws.vector<Index>(n);
  auto* const scores = ws.take<krum_score>(n);
  Index located = 0;
  for (Index i = 0; i < n; ++i) {
    if (!g.located(i)) continue;
    order(located++) = i;
    scores[i] = near.score(i, krum_neighbours(neighbours, n, f), [](Index) { return true; });
  }
  detail::order_by([&](Index i) { return scores[i]; }, order.data(), order.data() + m, order.data() + located);
  w.setZero();
  for (Index k = 0; k < m; ++k) w(order(k)) = 1 / static_cast<double>(m);
  return w;
}

// The rules for f and neighbours.
template <class Op>
void check_krum(Op const& op, Index n) {
  detail::check_liars(op, n, op.f);
  if (op.neighbours < 0 || op.neighbours > n - 1) {
    detail::refuse(op, "needs 1 <= neighbours <= n - 1, or 0 for the default", {{"neighbours", op.neighbours}, {"n", n}});
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

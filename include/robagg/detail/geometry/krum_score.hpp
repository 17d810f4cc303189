// SPDX-License-Identifier: BSL-1.0
// Krum's scores: how far a row lies from its nearest neighbours; behind krum, multi_krum and bulyan.
#pragma once

#include "../select/radix.hpp"
#include "lowest.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

// The least is the best. Neighbours out of sight count first: a sum with infinity in it would hide the others.
struct krum_score {
  Index missing;  // neighbours at an infinite distance
  double sum;     // of the squared distances to the others
  friend bool operator<(krum_score const& a, krum_score const& b) {
    return a.missing < b.missing || (a.missing == b.missing && a.sum < b.sum);
  }
};

// The sum of those of n numbers >= 0 that are below `limit`, and what rounding took from it at every addition: so exact that
// the order of the numbers does not matter.
inline double sum_below(double const* x, Index n, double limit) {
  using V = packet<double>;
  auto const add = []<class P>(P part, P& sum, P& lost) {
    P const next = sum + part, added = next - sum;
    lost = lost + ((sum - (next - added)) + (part - added));
    sum = next;
  };
  V sums{}, losses{};
  double sum = 0, lost = 0;
  Index k = 0;
  for (; k + lanes<double> <= n; k += lanes<double>) {
    auto const part = detail::load<V>(x + k);
    V const below = part < detail::all<V>(limit) ? part : V{};
    add(below, sums, losses);
  }
  for (; k < n; ++k) add(x[k] < limit ? x[k] : 0, sum, lost);
  for (Index l = 0; l < lanes<double>; ++l) {
    add(detail::get(sums, l), sum, lost);
    lost += detail::get(losses, l);
  }
  double const total = sum + lost;
  return total < infinity ? total : infinity;
}

// Of row i to its `neighbours` nearest others.
inline krum_score nearest_score(row_distances const& g, Index i, Index neighbours, workspace& ws) {
  auto const scope = ws.scope();
  Index const others = g.rows() - 1;
  if (others == 0) return {0, 0};
  auto* const distances = ws.take<double>(others);
  for (Index k = 0; k < others; ++k) distances[k] = g.squared_distance(i, k < i ? k : k + 1);
  auto const furthest = detail::last_of_lowest(distances, others, neighbours, ws);
  double const sum = detail::sum_below(distances, others, furthest.value);
  auto const level = neighbours - (others - furthest.at_least);  // so many are as far as that
  return furthest.value < infinity ? krum_score{0, sum + static_cast<double>(level) * furthest.value} : krum_score{level, sum};
}

// The other rows by their distance to row i.
inline void order_neighbours(row_distances const& g, Index i, Index* others, workspace& ws) {
  auto const row = [i](Index k) { return k < i ? k : k + 1; };
  Index const count = g.rows() - 1;
  detail::order_by_scores([&](Index k) { return g.squared_distance(i, row(k)); }, others, count, ws);
  for (Index k = 0; k < count; ++k) others[k] = row(others[k]);
}
// Of row i to its `neighbours` nearest rows k with counts(k).
krum_score score_by(row_distances const& g, Index i, Index const* others, Index neighbours, auto const& counts) {
  krum_score s{0, 0};
  for (Index at = 0; at + 1 < g.rows() && neighbours > 0; ++at) {
    if (!counts(others[at])) continue;
    double const distance = g.squared_distance(i, others[at]);
    distance < infinity ? s.sum += distance : static_cast<double>(++s.missing);
    --neighbours;
  }
  return s;
}

// Every row's other rows by distance, sorted once for any number of scores.
class neighbour_lists {
 public:
  neighbour_lists(row_distances const& g, workspace& ws) : geometry_(g), order_(ws.table<Index>(g.rows(), g.rows() - 1)) {
    for (Index i = 0; i < g.rows(); ++i) detail::order_neighbours(g, i, order_.data() + i * order_.cols(), ws);
  }
  krum_score score(Index i, Index neighbours, auto const& counts) const {
    return detail::score_by(geometry_, i, order_.data() + i * order_.cols(), neighbours, counts);
  }

 private:
  row_distances const& geometry_;
  workspace::table_map<Index> order_;
};

// How many neighbours decide: the paper's n-f-2, and never fewer than f, which f equal liars would share.
inline Index krum_neighbours(Index neighbours, Index n, Index f) {
  return neighbours > 0 ? neighbours : std::min(n - 1, std::max({Index{1}, f, n - f - 2}));
}

// 1/m at the m rows with the least scores; NaN where fewer than n - f >= m rows have a geometry.
template <class Geometry>
workspace::vector_map<double> krum_weights(Geometry const& g, Index f, Index m, Index neighbours, workspace& ws) {
  Index const n = g.rows();
  auto w = ws.vector<double>(n);
  if (g.located_rows() < n - f) {
    w.setConstant(std::numeric_limits<double>::quiet_NaN());
    return w;
  }
  auto const scope = ws.scope();
  auto order = ws.vector<Index>(n);
  auto* const scores = ws.take<krum_score>(n);
  Index located = 0;
  for (Index i = 0; i < n; ++i) {
    if (!g.located(i)) continue;
    order(located++) = i;
    scores[i] = detail::nearest_score(g, i, krum_neighbours(neighbours, n, f), ws);
  }
  detail::order_by([&](Index i) { return scores[i]; }, order.data(), order.data() + m, order.data() + located);
  w.setZero();
  for (Index k = 0; k < m; ++k) w(order(k)) = 1 / static_cast<double>(m);
  return w;
}

#ifdef ROBAGG_RULES
ROBAGG_RULES workspace::vector_map<double> krum_weights<row_distances>(row_distances const&, Index, Index, Index, workspace&);
#endif

// The rules for f and neighbours.
template <class Op>
void check_krum(Op const& op, Index n) {
  detail::check_liars(op, n, op.f);
  if (op.neighbours < 0 || op.neighbours > n - 1) {
    detail::refuse(op, "needs 1 <= neighbours <= n - 1, or 0 for the default", {{"neighbours", op.neighbours}, {"n", n}});
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

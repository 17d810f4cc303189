// SPDX-License-Identifier: BSL-1.0
// How often one item is placed before another: what Condorcet's methods read.
#pragma once

#include "../../detail/table/tile.hpp"
#include "rankings.hpp"

#include <algorithm>

namespace robagg::inline ROBAGG_ABI::detail {

// wins(a, b) is the weight of the voters who place a before b. Rows are padded to whole packets.
struct pairwise {
  Index items = 0, stride = 0;
  double* wins = nullptr;
  double ties = 0;  // half the weight of pairs that voters place level

  double of(Index a, Index b) const { return wins[a * stride + b]; }
  double margin(Index a, Index b) const { return of(a, b) - of(b, a); }

  static std::size_t scratch(Index n, Index d) {
    return workspace::room<double>(d * tile<double>::whole(d)) + workspace::room<double>(d * tile<double>::whole(n)) +
           workspace::room<double>(tile<double>::whole(n)) + detail::rankings_scratch(d);
  }
};

// The sum of w where x is below y.
template <class T>
double weight_below(T const* x, T const* y, T const* w, Index padded) {
  using V = packet<T>;
  V sum{};
  for (Index v = 0; v < padded; v += lanes<T>) {
    V const weight = detail::load<V>(w + v);
    sum += detail::load<V>(x + v) < detail::load<V>(y + v) ? weight : V{};
  }
  double total = 0;
  for (Index l = 0; l < lanes<T>; ++l) total += static_cast<double>(detail::get(sum, l));
  return total;
}

// Places are kept item by item, so that a packet holds what neighbouring voters say of one: as floats where voters only count,
// which a float does exactly up to 2^24.
template <class T, class Op, class R>
void count_pairs(Op const& op, R const& r, unranked way, pairwise& to, workspace& ws) {
  auto const scope = ws.scope();
  Index const d = to.items, padded = tile<T>::whole(r.rows());
  T* const places = ws.take<T>(d * padded);
  T* const weights = ws.take<T>(padded);
  std::fill(places, places + d * padded, T{});
  std::fill(weights, weights + padded, T{});
  Index v = 0;
  detail::for_each_ranking(op, r, ws, [&](ranking const& voter) {
    weights[v] = static_cast<T>(voter.weight);
    double level = 0;
    for (Index i = 0; i < d; ++i) {
      bool const counts = voter.has(i) || way != unranked::ignored;
      places[i * padded + v] =
          counts ? static_cast<T>(voter.before[i]) : std::numeric_limits<T>::quiet_NaN();  // before and after nobody
      if (voter.has(i) || way == unranked::last) level += static_cast<double>(voter.tied(i, way) - 1);
    }
    to.ties += .25 * voter.weight * level;
    ++v;
  });
  for (Index a = 0; a < d; ++a) {
    for (Index b = 0; b < d; ++b) {
      to.wins[a * to.stride + b] = detail::weight_below(places + a * padded, places + b * padded, weights, padded);
    }
  }
}

// Valid until the caller's scope of ws ends.
template <class Op, class R>
pairwise count_pairs(Op const& op, R const& r, unranked way, workspace& ws) {
  Index const d = r.cols();
  pairwise to{d, tile<double>::whole(d)};
  to.wins = ws.take<double>(d * to.stride);
  std::fill(to.wins, to.wins + d * to.stride, 0.);
  if (weighted_reports<R> || r.rows() > (Index{1} << 24)) {
    detail::count_pairs<double>(op, r, way, to, ws);
  } else {
    detail::count_pairs<float>(op, r, way, to, ws);
  }
  return to;
}

// A rule that reads pairs: score(pairs, scores).
template <class Op, class R, class Out, class Score>
void score_by_pairs(Op const& op, R const& r, Out&& out, workspace& ws, Score&& score) {
  detail::score_items(op, r, out, ws, [&](auto const& entered, double* scores) {
    pairwise pairs = detail::count_pairs(op, entered, op.unranked, ws);
    score(pairs, scores);
  });
}

// Of an order, d - 1 for the first item and 0 for the last.
inline void score_order(Index const* order, Index d, double* scores) {
  for (Index place = 0; place < d; ++place) scores[order[place]] = static_cast<double>(d - 1 - place);
}

}  // namespace robagg::inline ROBAGG_ABI::detail

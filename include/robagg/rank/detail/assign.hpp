// SPDX-License-Identifier: BSL-1.0
// The cheapest assignment of rows to columns: a price for every column keeps what rows pay, cost less price, at its least where
// they are. First rows bid against each other, which places most; the others follow cheapest paths that reassign rows (Jonker
// and Volgenant, 1987). A column without a row keeps price 0, so that there may be more columns than rows.
#pragma once

#include "../../detail/table/tile.hpp"
#include "../../workspace.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>  // std::exchange

namespace robagg::inline ROBAGG_ABI::detail {

class assigner {
 public:
  // The largest cost in tables of k columns: sums along paths, and prices, are numbers.
  static double most(Index k) { return std::numeric_limits<double>::max() / 8 / static_cast<double>(k + 1); }

  static std::size_t scratch(Index m, Index k) {
    return 4 * workspace::room<double>(tile<double>::whole(k)) + 2 * workspace::room<Index>(k) + workspace::room<Index>(m);
  }

  // cost has m rows of tile<double>::whole(k) values, the first k finite and the rest infinite. column[i] will be row i's; m <=
  // k.
  assigner(double const* cost, Index m, Index k, Index* column, workspace& ws)
      : cost_(cost),
        stride_(tile<double>::whole(k)),
        k_(k),
        column_(column),
        price_(ws.take<double>(stride_)),
        distance_(ws.take<double>(stride_)),
        from_(ws.take<double>(stride_)),
        closed_(ws.take<double>(stride_)),
        row_(ws.take<Index>(k)),
        done_(ws.take<Index>(k)) {
    std::fill(price_, price_ + stride_, 0.);
    Index* const waiting = ws.take<Index>(m);
    Index left = all_wait(waiting, m);
    if (k > 1) left = bid(waiting, left);
    // Where many want the same columns, as in ranks by voters who disagree, their prices are found first.
    if (m == k && left > m / 4 && find_prices(waiting)) left = bid(waiting, all_wait(waiting, m));
    if (k > 1) left = bid(waiting, left);
    for (Index w = 0; w < left; ++w) extend(waiting[w]);
  }

 private:
  static constexpr double unreached = std::numeric_limits<double>::infinity();
  using V = packet<double>;

  Index all_wait(Index* waiting, Index m) {
    std::fill(row_, row_ + k_, Index{-1});
    for (Index i = 0; i < m; ++i) waiting[i] = i;
    return m;
  }
  struct choice {
    double least, second;
    Index first, other;
  };
  choice cheapest(Index i) const {
    double const* const own = cost_ + i * stride_;
    choice c{unreached, unreached, 0, 0};
    for (Index j = 0; j < k_; ++j) {
      double const pays = own[j] - price_[j];
      if (pays < c.second) {
        pays < c.least ? (c.second = c.least, c.other = c.first, c.least = pays, c.first = j) : (c.second = pays, c.other = j);
      }
    }
    return c;
  }

  // Prices by auctions in which each bid is above the second choice by a step, from an eighth of what the costs differ by down
  // to a thousandth (Bertsekas, 1988). Any prices will do for what follows, of as many columns as rows: near the right ones
  // paths are short. Steps are powers of two: sums of whole costs stay exact.
  bool find_prices(Index* waiting) {
    double spread = 0;
    for (Index i = 0; i < k_; ++i) {
      auto const [low, high] = std::minmax_element(cost_ + i * stride_, cost_ + i * stride_ + k_);
      spread = std::max(spread, *high - *low);
    }
    if (!(spread > 1e-290 && spread < 1e290)) return false;
    int const scale = std::ilogb(spread);
    for (int phase = 0; phase < 4; ++phase) {
      double const step = std::ldexp(1., scale - 3 - 2 * phase);
      Index count = all_wait(waiting, k_);
      for (Index bids = 0; count > 0 && bids < 64 * k_; ++bids) {
        Index const i = waiting[--count];
        choice const c = cheapest(i);
        price_[c.first] -= c.second - c.least + step;
        if (Index const out = std::exchange(row_[c.first], i); out >= 0) waiting[count++] = out;
      }
    }
    return true;
  }

  // A row takes its cheapest column and pays so much that its second choice would do as well; who is driven out bids again.
  // Returns how many are left without a column.
  Index bid(Index* waiting, Index count) {
    Index left = 0;
    Index const most = 4 * count + stride_;  // bids between equals need not end
    for (Index at = 0, bids = 0; at < count;) {
      Index const i = waiting[at++];
      auto const [least, second, best, other] = cheapest(i);
      Index first = best;
      Index const rival = row_[first];
      bool const cheaper = least < second;
      if (cheaper) {
        price_[first] -= second - least;
      } else if (rival >= 0) {
        first = other;
      }
      Index const out = row_[first];
      row_[first] = i;
      column_[i] = first;
      if (out < 0) continue;
      if (cheaper && ++bids < most) {
        waiting[--at] = out;
      } else {
        waiting[left++] = out;
      }
    }
    return left;
  }

  // Gives `start` a column by the cheapest path.
  void extend(Index start) {
    std::fill(distance_, distance_ + stride_, unreached);
    std::fill(closed_, closed_ + k_, 0.), std::fill(closed_ + k_, closed_ + stride_, unreached);
    Index count = 0, i = start, end = -1;
    double reached = 0;
    while (end < 0) {
      double const* const own = cost_ + i * stride_;
      double const base = count == 0 ? 0 : reached - (own[done_[count - 1]] - price_[done_[count - 1]]);
      Index const j = nearest(own, base, static_cast<double>(i));
      done_[count++] = j;
      closed_[j] = unreached;
      reached = distance_[j];
      row_[j] < 0 ? void(end = j) : void(i = row_[j]);
    }
    for (Index c = 0; c < count; ++c) price_[done_[c]] += distance_[done_[c]] - reached;
    for (Index j = end; j >= 0;) {
      Index const r = static_cast<Index>(from_[j]), before = r == start ? -1 : column_[r];
      row_[j] = r;
      column_[r] = j;
      j = before;
    }
  }
  // What the columns cost from row i, and the nearest of the open ones: of equals one without a row, which ends the path.
  Index nearest(double const* own, double base, double i) {
    V const b = detail::all<V>(base), number = detail::all<V>(i);
    V least = detail::all<V>(unreached);
    for (Index j = 0; j < stride_; j += lanes<double>) {
      V const shut = detail::load<V>(closed_ + j), was = detail::load<V>(distance_ + j);
      V const through = b + (detail::load<V>(own + j) - detail::load<V>(price_ + j)) + shut;
      auto const shorter = through < was;
      V const now = shorter ? through : was;
      detail::store(distance_ + j, now);
      V const came = detail::load<V>(from_ + j);
      detail::store(from_ + j, shorter ? number : came);
      least = detail::lower(least, now + shut);
    }
    double best = unreached;
    for (Index l = 0; l < lanes<double>; ++l) best = std::min(best, detail::get(least, l));
    Index found = -1;
    for (Index j = 0; j < k_; ++j) {
      if (distance_[j] + closed_[j] != best) continue;
      if (row_[j] < 0) return j;
      if (found < 0) found = j;
    }
    return found;
  }

  double const* cost_;
  Index stride_, k_;
  Index* column_;
  double *price_, *distance_, *from_, *closed_;  // from: a row's number
  Index *row_, *done_;
};

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// Kemeny's rule: the order of items that costs least, where each pair costs what its upper item over its lower one does.
// Only margins matter, the difference of a pair's two costs: an order's excess, the sum of the margins that it goes against, is
// what it costs above the sum of all pairs' lower costs.
// Sources: Held and Karp (1962) for the table over subsets, Truchon (1998) for the division into blocks, Conitzer, Davenport
// and Kalagnanam (2006) for the bound by cycles.
#pragma once

#include "../../core.hpp"
#include "../../detail/base/packet.hpp"
#include "../../detail/base/random.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>  // std::iota

namespace robagg::inline ROBAGG_ABI::detail {

struct kemeny_result {
  double cost = 0;
  double lower_bound = 0;  // no order costs less
  bool optimal = true;     // proved: then both are equal
  double optima = 0;       // how many orders cost as little, 0 where that was not asked for or is not known
};

// Costs are sums of weights, and .1 + .2 is not .3: pairs and orders whose costs differ by less than this share of the sum of
// both are level. Where costs are whole or half numbers and sum to less than 2^44, only equal ones are.
inline constexpr double kemeny_rounding = 0x1p-46;

// The largest block for which a table over its subsets is ever made.
inline constexpr Index kemeny_most = 27;

// best(S), for all sets S of items: the least excess of any order of S alone. Each is the minimum over the items a that may be
// on top of above(a, S), the excess of a over the rest of S, plus best(S without a).
//
// The first four items make blocks of sixteen subsets, which packets compute at once. above(a, S) is a sum of three numbers
// from tables: over those four, the lower half of the other items, and the upper half.
template <class T>
class kemeny_subsets {
 public:
  kemeny_subsets(double const* margin, Index items, workspace& ws)
      : items_(items),
        low_bits_((others(items) + 1) / 2),
        best_(ws.take<T>(block << others(items))),
        first_(ws.take<T>(block * width)),
        low_(ws.take<T>(width << low_bits_)),
        high_(ws.take<T>(width << (others(items) - low_bits_))) {
    tabulate(margin, 0, 4, first_, 1, block);
    tabulate(margin, 4, low_bits_, low_, width, 1);
    tabulate(margin, 4 + low_bits_, others(items) - low_bits_, high_, width, 1);
    for (Index b = 0; b < Index{1} << others(items); ++b) fill(b);
  }
  static std::size_t scratch(Index items, bool count) {
    Index const low_bits = (others(items) + 1) / 2;
    return workspace::room<T>(block << others(items)) + workspace::room<T>(block * width) +
           2 * workspace::room<T>(width << low_bits) + (count ? workspace::room<double>(Index{1} << items) : 0);
  }

  double excess() const { return static_cast<double>(best_[all()]); }

  // The lexicographically smallest of the orders whose excess is at most `slack` above the least.
  void order(double slack, Index* to) const {
    double const limit = excess() + slack;
    double spent = 0;
    for (Index set = all(), chosen = 0; set != 0; set ^= Index{1} << chosen) {
      // The first that keeps within the limit, or, where rounding leaves none, the nearest to it.
      double least = std::numeric_limits<double>::infinity();
      for (Index rest = set; rest != 0 && least > limit; rest &= rest - 1) {
        Index const a = lowest(rest);
        double const sum = spent + through(a, set);
        if (sum < least) {
          least = sum;
          chosen = a;
        }
      }
      spent += static_cast<double>(above(chosen, set));
      *to++ = chosen;
    }
  }

  // How many orders have the least excess, to within `slack` for each set: ways to come down to each set by best steps. Most
  // sets are on no such way.
  double optima(double slack, workspace& ws) const {
    auto const scope = ws.scope();
    double* const ways = ws.take<double>(Index{1} << items_);
    std::fill(ways, ways + all(), 0.);
    ways[all()] = 1;
    for (Index set = all(); set != 0; --set) {
      if (ways[set] == 0) continue;
      double const limit = static_cast<double>(best_[set]) + slack;
      for (Index rest = set; rest != 0; rest &= rest - 1) {
        Index const a = lowest(rest);
        if (through(a, set) <= limit) ways[set ^ (Index{1} << a)] += ways[set];
      }
    }
    return ways[0];
  }

 private:
  using V = packet<T>;
  static constexpr Index block = 16, width = 32, packets = block / lanes<T>;
  static_assert(block % lanes<T> == 0 && kemeny_most <= width);

  static Index others(Index items) { return std::max<Index>(items - 4, 0); }
  static Index lowest(Index set) { return std::countr_zero(static_cast<std::uint64_t>(set)); }
  Index all() const { return (Index{1} << items_) - 1; }

  // to[mask * mask_step + a * item_step]: the excess of a over the items of the mask, whose bit 0 is item `from`.
  void tabulate(double const* margin, Index from, Index bits, T* to, Index mask_step, Index item_step) {
    for (Index mask = 0; mask < Index{1} << bits; ++mask) {
      Index const b = mask == 0 ? items_ : from + lowest(mask), rest = mask & (mask - 1);
      for (Index a = 0; a < width; ++a) {
        T const last = a < items_ && b < items_ ? static_cast<T>(std::max(0., margin[a * items_ + b])) : T(0);
        to[mask * mask_step + a * item_step] = (rest == 0 ? T(0) : to[rest * mask_step + a * item_step]) + last;
      }
    }
  }

  // That of a over itself is 0: it does not matter whether the set has it.
  T above(Index a, Index set) const {
    Index const b = set / block, mask = (Index{1} << low_bits_) - 1;
    return first_[a * block + set % block] + (low_[(b & mask) * width + a] + high_[(b >> low_bits_) * width + a]);
  }
  double through(Index a, Index set) const {
    return static_cast<double>(above(a, set)) + static_cast<double>(best_[set ^ (Index{1} << a)]);
  }

  void fill(Index b) {
    alignas(64) T outside[width];  // what each item costs above the others of the block
    T const* const low = low_ + (b & ((Index{1} << low_bits_) - 1)) * width;
    T const* const high = high_ + (b >> low_bits_) * width;
    for (Index a = 0; a < width; a += lanes<T>)
      detail::store(outside + a, detail::load<V>(low + a) + detail::load<V>(high + a));
    V least[static_cast<std::size_t>(packets)];
    ROBAGG_UNROLL for (Index p = 0; p < packets; ++p) least[p] = detail::all<V>(std::numeric_limits<T>::infinity());
    for (Index rest = b; rest != 0; rest &= rest - 1) {
      Index const bit = lowest(rest);
      T const* const below = best_ + (b ^ (Index{1} << bit)) * block;
      T const* const first = first_ + (4 + bit) * block;
      V const other = detail::all<V>(outside[4 + bit]);
      ROBAGG_UNROLL for (Index p = 0; p < packets; ++p) {
        V const cost = detail::load<V>(first + p * lanes<T>) + other;
        least[p] = detail::lower(least[p], cost + detail::load<V>(below + p * lanes<T>));
      }
    }
    T* const to = best_ + b * block;
    ROBAGG_UNROLL for (Index p = 0; p < packets; ++p) detail::store(to + p * lanes<T>, least[p]);
    if (b == 0) to[0] = T(0);
    // Items of the block on top: in this order every set comes after those it is made of.
    ROBAGG_UNROLL for (Index s = 1; s < block; ++s) {
      ROBAGG_UNROLL for (Index a = 0; a < 4; ++a) {
        if ((s >> a & 1) != 0) to[s] = std::min(to[s], (first_[a * block + s] + outside[a]) + to[s ^ (Index{1} << a)]);
      }
    }
  }

  Index items_, low_bits_;
  T *best_, *first_, *low_, *high_;
};

// --- more items than a table is made for ------------------------------------------------------------

inline double kemeny_excess(double const* margin, Index items, Index const* order) {
  double sum = 0;
  for (Index i = 0; i < items; ++i) {
    for (Index j = i + 1; j < items; ++j) sum += std::max(0., margin[order[i] * items + order[j]]);
  }
  return sum;
}

inline void kemeny_move(Index* order, Index from, Index to) {
  if (to < from) {
    std::rotate(order + to, order + from, order + from + 1);
  } else {
    std::rotate(order + from, order + from + 1, order + to + 1);
  }
}

// Moves single items to where they cost least, until no move gains more than `slack`.
inline void kemeny_descend(double const* margin, Index items, double slack, Index* order) {
  for (bool moved = true; moved;) {
    moved = false;
    for (Index at = 0; at < items; ++at) {
      double const* const row = margin + order[at] * items;
      Index to = at;
      double limit = -slack, change = 0;
      for (Index i = at - 1; i >= 0; --i) {
        change += row[order[i]];
        if (change < limit) {
          limit = change - slack;
          to = i;
        }
      }
      change = 0;
      for (Index i = at + 1; i < items; ++i) {
        change -= row[order[i]];
        if (change < limit) {
          limit = change - slack;
          to = i;
        }
      }
      if (to != at) detail::kemeny_move(order, at, to), moved = true;
    }
  }
}

// A lower bound on the excess of every order. Of a cycle of three, each beating the next, an order goes against one at least:
// the smallest margin of the three is due, and what is left of them may be due in other cycles. Every cycle has a pair that
// `order` goes against, and those with no other such pair come first: where they cover all of its excess, it is optimal.
inline double kemeny_bound(double const* margin, Index items, Index const* order, workspace& ws) {
  auto const scope = ws.scope();
  double* const left = ws.take<double>(items * items);  // by how much one beats the other
  for (Index i = 0; i < items * items; ++i) left[i] = std::max(0., -margin[i]);
  double bound = 0;
  for (bool const between : {true, false}) {
    for (Index span = 2; span < items; ++span) {
      for (Index i = 0; i + span < items; ++i) {
        Index const upper = order[i], lower = order[i + span];
        double& against = left[lower * items + upper];
        Index const end = between ? i + span : items;
        for (Index k = between ? i + 1 : 0; k < end && against > 0; ++k) {
          double &down = left[upper * items + order[k]], &on = left[order[k] * items + lower];
          double const due = std::min({against, down, on});
          bound += due;
          against -= due;
          down -= due;
          on -= due;
        }
      }
    }
  }
  return bound;
}

struct kemeny_bounds {
  double excess, bound;
};

// Local search from Borda's order, then from the best order after a few moves at random, always the same ones. Whatever is
// within `slack` counts as equal, so that weights in another unit give the same order.
inline kemeny_bounds kemeny_search(double const* margin, Index items, double slack, Index* best, workspace& ws) {
  Index const rounds = std::clamp<Index>(20'000 / items, 32, 512);
  auto const scope = ws.scope();
  auto loss = ws.vector<double>(items);
  Index* const tried = ws.take<Index>(items);
  for (Index a = 0; a < items; ++a) {
    loss(a) = 0;
    for (Index b = 0; b < items; ++b) loss(a) += margin[a * items + b];
  }
  for (Index a = 0; a < items; ++a) {
    Index place = a;
    for (; place > 0 && loss(best[place - 1]) > loss(a) + slack; --place) best[place] = best[place - 1];
    best[place] = a;
  }
  kemeny_bounds found{std::numeric_limits<double>::infinity(), 0};
  generator random(0);
  auto const anywhere = [&] { return static_cast<Index>(random.below(static_cast<std::uint64_t>(items))); };
  for (Index round = 0; round < rounds && found.excess > found.bound + slack; ++round) {
    std::copy(best, best + items, tried);
    for (Index moves = round == 0 ? 0 : 4 + items / 32; moves > 0; --moves) {
      Index const from = anywhere();
      detail::kemeny_move(tried, from, anywhere());
    }
    detail::kemeny_descend(margin, items, slack, tried);
    double const excess = detail::kemeny_excess(margin, items, tried);
    if (excess > found.excess + slack) continue;
    std::copy(tried, tried + items, best);  // one that costs the same too: there is more to find around it
    found.excess = excess;
    if (round == 0) found.bound = detail::kemeny_bound(margin, items, best, ws);
  }
  found.bound = std::max(found.bound, detail::kemeny_bound(margin, items, best, ws));
  return found;
}

// --- both, block by block -----------------------------------------------------------------------------

inline double kemeny_margin(double const* cost, Index d, Index a, Index b) {
  double const x = cost[a * d + b], y = cost[b * d + a];
  return std::abs(x - y) <= kemeny_rounding * (x + y) ? 0 : x - y;
}

// What `kemeny` takes, at most.
inline std::size_t kemeny_scratch(Index d, Index largest, bool count) {
  Index const table = std::clamp<Index>(std::min(d, largest), 0, kemeny_most);
  std::size_t const search = workspace::room<double>(d) + workspace::room<Index>(d) + workspace::room<double>(d * d);
  return workspace::room<double>(d * d) + 2 * workspace::room<Index>(d) +
         std::max(kemeny_subsets<double>::scratch(table, count), d > table ? search : 0);
}

// cost[a * d + b] is what a above b costs: finite and not negative, the diagonal is not read. Blocks of up to `largest` items
// (kemeny_most at most) are solved: their order, best first, is the lexicographically smallest optimal one, and all optimal
// ones are counted if `count` asks for it. Larger blocks get a good order and a bound; where that proves it optimal, it need
// not be the smallest.
inline kemeny_result kemeny(double const* cost, Index d, Index largest, bool count, Index* order, workspace& ws) {
  auto const scope = ws.scope();
  kemeny_result result{0, 0, true, count ? 1. : 0.};
  Index* const won = ws.take<Index>(d);
  Index* const items = ws.take<Index>(d);
  for (Index a = 0; a < d; ++a) {
    won[a] = -1;  // against itself
    for (Index b = 0; b < d; ++b) {
      double const margin = a == b ? 0 : detail::kemeny_margin(cost, d, a, b);
      won[a] += margin < 0 ? 2 : margin == 0 ? 1 : 0;
    }
  }
  std::iota(order, order + d, Index{0});
  std::sort(order, order + d, [&](Index a, Index b) { return won[a] > won[b] || (won[a] == won[b] && a < b); });

  // Where all of the first items beat all that follow, every optimal order has those first: such blocks are solved alone. k
  // items win k (k - 1) among themselves, and 2 k (d - k) at most against the rest, so the sum of their wins tells.
  for (Index first = 0, end = 0, sum = 0; first < d; first = end) {
    do sum += won[order[end++]];
    while (sum < end * (end - 1) + 2 * end * (d - end));
    Index const size = end - first;
    if (size == 1) continue;
    auto const block = ws.scope();
    std::copy(order + first, order + end, items);
    std::sort(items, items + size);
    double* const margin = ws.take<double>(size * size);
    double costs = 0, margins = 0;
    bool halves = true;
    for (Index a = 0; a < size; ++a) {
      margin[a * size + a] = 0;
      for (Index b = 0; b < a; ++b) {
        double const m = detail::kemeny_margin(cost, d, items[a], items[b]);
        margin[a * size + b] = m;
        margin[b * size + a] = -m;
        margins += std::abs(m);
        costs += cost[items[a] * d + items[b]] + cost[items[b] * d + items[a]];
        halves = halves && 2 * m == std::floor(2 * m);
      }
    }
    double const slack = kemeny_rounding * costs;
    auto const solve = [&](auto const& subsets) {
      subsets.order(slack, order + first);
      if (count) result.optima *= subsets.optima(slack, ws);
      result.lower_bound += subsets.excess();
    };
    if (size > std::min(largest, kemeny_most)) {
      auto const found = detail::kemeny_search(margin, size, slack, order + first, ws);
      result.optimal = result.optimal && found.excess <= found.bound + slack;
      result.lower_bound += found.bound;
      result.optima = 0;
    } else if (halves && margins <= 0x1p23) {  // float holds their sums exactly, in half the memory
      solve(kemeny_subsets<float>(margin, size, ws));
    } else {
      solve(kemeny_subsets<double>(margin, size, ws));
    }
    for (Index i = first; i < end; ++i) order[i] = items[order[i]];
  }

  for (Index i = 0; i < d; ++i) {
    for (Index j = i + 1; j < d; ++j) {
      double const chosen = cost[order[i] * d + order[j]], other = cost[order[j] * d + order[i]];
      result.cost += chosen;
      result.lower_bound += std::min(chosen, other);
    }
  }
  if (result.optimal || result.lower_bound > result.cost) result.lower_bound = result.cost;
  return result;
}

}  // namespace robagg::inline ROBAGG_ABI::detail

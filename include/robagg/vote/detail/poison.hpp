// SPDX-License-Identifier: BSL-1.0
// How many training points must be poisoned to change an election. A poisoned point touches the models that were trained on its
// part of the data; a touched model votes as the attacker likes.
//
// The gap from a to b is the number of votes of a less those of b, plus 1 where b > a, since equal votes elect the lower class:
// b is ahead of a where the gap is 0 or less.
//
// Two costs of closing gaps: `one_model_each`, in closed form; `shared_models`, where a bucket of points feeds several
// models or models have weights. Both are lower bounds on the points that are needed, so that a certificate is safe.
//
// Source: gaps with ties as Rezaei et al. (Run-off election, 2023) have them; one model each: Levine and Feizi (Deep partition
// aggregation, 2021); shared buckets: Wang, Levine and Feizi (Improved certified defenses against data poisoning with
// (deterministic) finite aggregation, 2022).
#pragma once

#include "../election.hpp"
#include "ballots.hpp"
#include "../../detail/columns/engine.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace robagg::inline ROBAGG_ABI::detail {

template <class T>
Index first_gap(ballots<T> const& b, Index of, Index to) {
  return b.votes(of) - b.votes(to) + (to > of);
}
template <class T>
Index second_gap(ballots<T> const& b, Index of, Index to) {
  return 2 * b.preferring(of, to) - b.total() + (to > of);
}

// A ballot closes one gap by at most 2, two gaps of the same class by at most 2 and 1.
template <class T>
struct one_model_each {
  static Index least(Index gap) { return gap > 0 ? (gap + 1) / 2 : 0; }
  static Index least(Index g, Index h) {
    g = std::max<Index>(g, 0);
    h = std::max<Index>(h, 0);
    return std::max({(g + 1) / 2, (h + 1) / 2, (g + h + 2) / 3});
  }
  Index overtaken(Index gap, Index, Index, Index) const { return least(gap); }
  Index beaten(Index gap, Index, Index, Index) const { return least(gap); }
  Index both(Index g, Index h, Index, Index, Index, Index) const { return least(g, h); }
};

// Bucket h feeds the models (h + shift) mod n. What it can take from a gap is its power; the largest powers first.
template <class T>
class shared_models {
 public:
  shared_models(ballots<T> const& b, list<Index> shifts, workspace& ws)
      : ballots_(b),
        shifts_(shifts),
        n_(b.models()),
        feeds_(ws.take<Index>(n_)),
        powers_(ws.take<Index>(n_)),
        choices_(ws.take<Index>(n_ * b.classes())),
        votes_(ws.take<Index>(n_)),
        sizes_(ws.take<Index>(tables * (3 * shifts.size() + 1))) {
    for (Index m = 0; m < n_; ++m) votes_[m] = b.weight(m);
    gather(votes_, feeds_);
    std::fill_n(choices_, n_ * b.classes(), Index{0});
    for (Index m = 0; m < n_; ++m) {
      for (Index const s : shifts_) choices_[b.first(m) * n_ + (m < s ? m - s + n_ : m - s)] += votes_[m];
    }
    strongest_ = *std::max_element(feeds_, feeds_ + n_);
  }

  // What no attack does with less.
  Index least(Index gap) const { return gap > 0 ? (gap - 1) / (2 * strongest_) + 1 : 0; }
  Index least(Index g, Index h) const {
    g = std::max<Index>(g, 0);
    h = std::max<Index>(h, 0);
    return std::max({least(g), least(h), g + h > 0 ? (g + h - 1) / (3 * strongest_) + 1 : 0});
  }

  // Points until b overtakes a in first choices; `most` where it takes no less than that.
  Index overtaken(Index gap, Index a, Index b, Index most) const {
    if (least(gap) >= most) return most;
    Index const *const x = choices_ + a * n_, *const y = choices_ + b * n_;
    return close(gap, most, [&](Index h) { return feeds_[h] + x[h] - y[h]; });
  }
  // Until b and c have taken so much from a together as overtaking it needs.
  Index both(Index g, Index h, Index a, Index b, Index c, Index most) const {
    Index const *const x = choices_ + a * n_, *const y = choices_ + b * n_, *const z = choices_ + c * n_;
    return close(std::max<Index>(g, 0) + std::max<Index>(h, 0), most,
                 [&](Index i) { return feeds_[i] + 2 * x[i] - y[i] - z[i]; });
  }
  // Until b beats a head to head.
  Index beaten(Index gap, Index a, Index b, Index most) const {
    if (least(gap) >= most) return most;
    ballots_.prefer(a, b, votes_);
    gather(votes_, powers_);
    return close(gap, most, [&](Index h) { return 2 * powers_[h]; });
  }

 private:
  // to[h]: the sum of from[m] over the models m that bucket h feeds.
  void gather(Index const* from, Index* to) const {
    std::fill_n(to, n_, Index{0});
    for (Index const s : shifts_) {
      for (Index h = 0; h < n_ - s; ++h) to[h] += from[h + s];
      for (Index h = n_ - s; h < n_; ++h) to[h] += from[h + s - n_];
    }
  }

  Index close(Index gap, Index most, auto const& power) const {
    if (gap <= 0) return 0;
    return ballots_.weighted() ? close_from_heap(gap, most, power) : close_by_size(gap, most, power);
  }
  // Powers are at most 3 per shift: counted, in several tables, because equal ones would wait for each other.
  Index close_by_size(Index gap, Index most, auto const& power) const {
    Index const sizes = 3 * shifts_.size() + 1;
    std::fill_n(sizes_, tables * sizes, Index{0});
    Index h = 0;
    for (; h + tables <= n_; h += tables) {
      for (Index t = 0; t < tables; ++t) ++sizes_[t * sizes + power(h + t)];
    }
    for (; h < n_; ++h) ++sizes_[power(h)];
    Index points = 0;
    for (Index size = sizes - 1; size > 0; --size) {
      Index count = 0;
      for (Index t = 0; t < tables; ++t) count += sizes_[t * sizes + size];
      if (gap <= count * size) return std::min(most, points + (gap + size - 1) / size);
      gap -= count * size;
      points += count;
    }
    return most;
  }
  Index close_from_heap(Index gap, Index most, auto const& power) const {
    for (Index h = 0; h < n_; ++h) powers_[h] = power(h);
    std::make_heap(powers_, powers_ + n_);
    for (Index points = 1; points < std::min(most, n_ + 1); ++points) {
      gap -= powers_[0];
      if (gap <= 0) return points;
      std::pop_heap(powers_, powers_ + (n_ - points + 1));
    }
    return most;
  }

  static constexpr Index tables = 4;
  ballots<T> const& ballots_;
  list<Index> shifts_;
  Index n_, *feeds_, *powers_, *choices_, *votes_, *sizes_;
  Index strongest_ = 1;
};

// The least number of points that let another class win, and the classes that profit.
struct weakest {
  Index points, challenger = -1, second = -1;

  void consider(Index p, Index first, Index other = -1) {
    if (p < points) *this = {p, first, other};
  }
};

// How many bytes of a workspace an election takes, at most.
template <class R>
std::size_t election_scratch(R const& r, list<Index> shifts) {
  using T = wide_of<R>;
  Index const n = r.rows(), classes = r.cols();
  auto const& x = detail::plain_of(r);
  std::size_t const read = dense<std::remove_cvref_t<decltype(x)>>
                               ? 0
                               : workspace::room<T>(working_tile_size<T>(n, classes)) + detail::load_scratch(x, classes);
  return read + workspace::room<T>(classes * tile<T>::padded(n)) + workspace::room<T>(tile<T>::padded(n)) +
         2 * workspace::room<double>(classes) +
         (!shifts.empty() || weighted_reports<R> ? workspace::room<Index>(n * classes) + 6 * workspace::room<Index>(n) +
                                                       workspace::room<Index>(4 * (3 * shifts.size() + 4))
                                                 : 0);
}

// visit(ballots, cost) for a table of scores and the shifts of its buckets.
template <class Op, class R, class Visit>
election hold(Op const& op, R const& r, list<Index> shifts, workspace& ws, Visit const& visit) {
  using T = wide_of<R>;
  auto&& entered = detail::enter(op, r);
  detail::need(op, op.scratch(r), ws);
  Index const n = r.rows();
  if (r.cols() < 1) refuse(op, "needs at least one class", {{"K", r.cols()}});
  auto const scope = ws.scope();
  for (Index j = 0; j < shifts.size(); ++j) {
    if (shifts[j] < 0 || shifts[j] >= n) refuse(op, "needs shifts in 0..n-1", {{"shift", shifts[j]}, {"n", n}});
    if (std::find(shifts.begin(), shifts.begin() + j, shifts[j]) != shifts.begin() + j) {
      refuse(op, "needs shifts that differ", {{"shift", shifts[j]}});
    }
  }
  ballots<T> const b(entered, ws);
  if (b.classes() == 1) return {0, 0, b.value(b.total()), 0, b.value(b.total()), n, 0, -1};
  if (shifts.empty() && !b.weighted()) return visit(b, one_model_each<T>{});
  static constexpr Index own_bucket = 0;
  return visit(b, shared_models<T>(b, shifts.empty() ? list<Index>(&own_bucket, 1) : shifts, ws));
}

}  // namespace robagg::inline ROBAGG_ABI::detail

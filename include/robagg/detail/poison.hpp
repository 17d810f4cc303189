// SPDX-License-Identifier: BSL-1.0
// How many training points must be poisoned to change an election. A point touches the models that were trained on its
// part of the data, and they may vote as they please from then on. A gap is what class a has to lose to b, counted so
// that b is ahead from 0 down (ties go to the lower class).
//
// Two costs of closing gaps: `one_model_each`, in closed form; `shared_models`, where a bucket of points feeds several
// models or models have weights. Both are lower bounds on the points that are needed, so that a certificate is safe.
#pragma once

#include "../vote/election.hpp"
#include "ballots.hpp"

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
    g = std::max<Index>(g, 0), h = std::max<Index>(h, 0);
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
      : ballots_(b), shifts_(shifts), n_(b.models()), feeds_(ws.take<Index>(n_)), heap_(ws.take<Index>(n_)),
        choices_(ws.take<Index>(n_ * b.classes())) {
    std::fill_n(feeds_, n_, Index{0});
    std::fill_n(choices_, n_ * b.classes(), Index{0});
    for (Index m = 0; m < n_; ++m) {
      each_bucket(m, [&](Index h) {
        feeds_[h] += b.weight(m);
        choices_[b.first(m) * n_ + h] += b.weight(m);
      });
    }
    strongest_ = *std::max_element(feeds_, feeds_ + n_);
  }

  Index least(Index gap) const { return gap > 0 ? (gap - 1) / (2 * strongest_) + 1 : 0; }
  Index least(Index g, Index h) const {
    g = std::max<Index>(g, 0), h = std::max<Index>(h, 0);
    return std::max({least(g), least(h), g + h > 0 ? (g + h - 1) / (3 * strongest_) + 1 : 0});
  }

  // Points until b overtakes a in first choices, a is beaten by b in pairs, both b and c overtake a; `most` where it
  // takes no less than that.
  Index overtaken(Index gap, Index a, Index b, Index most) const {
    if (least(gap) >= most) return most;
    Index const *const x = choices_ + a * n_, *const y = choices_ + b * n_;
    return close(gap, most, [&](Index h) { return feeds_[h] + x[h] - y[h]; });
  }
  Index beaten(Index gap, Index a, Index b, Index most) const {
    if (least(gap) >= most) return most;
    std::fill_n(heap_, n_, Index{0});
    for (Index m = 0; m < n_; ++m) {
      if (ballots_.prefers(m, a, b)) each_bucket(m, [&](Index h) { heap_[h] += 2 * ballots_.weight(m); });
    }
    return close(gap, most, [&](Index h) { return heap_[h]; });
  }
  Index both(Index g, Index h, Index a, Index b, Index c, Index most) const {
    if (least(g, h) >= most) return most;
    Index const alone = std::max(overtaken(g, a, b, most), overtaken(h, a, c, most));
    if (alone >= most) return most;
    Index const *const x = choices_ + a * n_, *const y = choices_ + b * n_, *const z = choices_ + c * n_;
    return std::max(alone, close(g + h, most, [&](Index i) { return feeds_[i] + 2 * x[i] - y[i] - z[i]; }));
  }

 private:
  void each_bucket(Index m, auto const& visit) const {
    for (Index const shift : shifts_) visit(m < shift ? m - shift + n_ : m - shift);
  }
  Index close(Index gap, Index most, auto const& power) const {
    if (gap <= 0) return 0;
    for (Index h = 0; h < n_; ++h) heap_[h] = power(h);
    std::make_heap(heap_, heap_ + n_);
    for (Index points = 1; points < std::min(most, n_ + 1); ++points) {
      gap -= heap_[0];
      if (gap <= 0) return points;
      std::pop_heap(heap_, heap_ + (n_ - points + 1));
    }
    return most;
  }

  ballots<T> const& ballots_;
  list<Index> shifts_;
  Index n_, *feeds_, *heap_, *choices_;
  Index strongest_ = 1;
};

// The least number of points that let another class win, and the classes that profit.
struct weakest {
  Index points, challenger = -1, second = -1;

  void consider(Index p, Index first, Index other = -1) {
    if (p < points) *this = {p, first, other};
  }
};

// visit(ballots, cost) for a table of scores and the shifts of its buckets.
template <class Op, class R, class Visit>
election hold(Op const& op, R const& r, list<Index> shifts, workspace& ws, Visit const& visit) {
  using T = wide_of<R>;
  detail::enter(op, r);
  Index const n = r.rows();
  if (r.cols() < 1) refuse(op, "needs at least one class", {{"K", r.cols()}});
  auto const scope = ws.scope();
  for (Index j = 0; j < shifts.size(); ++j) {
    if (shifts[j] < 0 || shifts[j] >= n) refuse(op, "needs shifts in 0..n-1", {{"shift", shifts[j]}, {"n", n}});
    if (std::find(shifts.begin(), shifts.begin() + j, shifts[j]) != shifts.begin() + j) {
      refuse(op, "needs shifts that differ", {{"shift", shifts[j]}});
    }
  }
  ballots<T> const b(r, ws);
  if (b.classes() == 1) return {0, 0, b.value(b.total()), 0, b.value(b.total()), n, 0, -1};
  if (shifts.empty() && !b.weighted()) return visit(b, one_model_each<T>{});
  static constexpr Index own_bucket = 0;
  return visit(b, shared_models<T>(b, shifts.empty() ? list<Index>(&own_bucket, 1) : shifts, ws));
}

}  // namespace robagg::inline ROBAGG_ABI::detail


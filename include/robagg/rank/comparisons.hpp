// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../error.hpp"

#include <algorithm>
#include <bit>  // std::bit_ceil, std::bit_width
#include <cmath>
#include <cstdint>
#include <utility>  // std::swap
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// Two items, first < second, and what became of their comparisons.
struct compared_pair {
  Index first, second;
  double wins, losses, ties;  ///< of the first
};

/// Counted comparisons of pairs: who beat whom, how often. What rules for pairs are fitted to.
///
///     comparisons c(3);                 // items 0, 1, 2; comparisons{} grows with what is added
///     c.add(0, 1), c.add(2, 1, 5), c.add_tie(0, 2);
///     c.add_all(winners, losers);       // two lists of items; a third one says which are ties
///     comparisons::of_wins(wins);       // wins(i, j): how often i beat j
///
/// Ranges     items 0..items-1, at most 2^24; counts, of any size and not only whole, are finite and >= 0, and 0 adds
///            nothing.
/// Errors     other items; an item against itself; counts that are negative, not finite, or of a sum above 2^53; lists of
///            different lengths; wins that are no square matrix with zeros on its diagonal. Nothing has been added then.
/// Guarantee  whole counts are added without rounding: the same pairs in whatever order they come.
/// Cost       O(1) for each that is added, by a hash; memory for the distinct pairs only.
/// Source     definition: the counts that Zermelo, Die Berechnung der Turnier-Ergebnisse, 1929, and Bradley and Terry, Rank
///            analysis of incomplete block designs, 1952, are fitted to.
/// Example    comparisons c(2); c.add(0, 1, 3), c.add(1, 0); bradley_terry{}.fit(c).log_strengths is (log 3 / 2, -log 3 / 2)
class comparisons {
 public:
  comparisons() = default;
  explicit comparisons(Index items) : items_(items), grows_(false) {
    if (items < 1 || items > most_items) detail::refuse(*this, "needs 1..2^24 items", {{"items", items}});
  }
  template <class Derived>
  static comparisons of_wins(Eigen::DenseBase<Derived> const& wins) {
    auto const& values = wins.derived().eval();
    if (values.rows() != values.cols())
      detail::refuse(comparisons(), "needs a square matrix of wins", {{"rows", values.rows()}, {"columns", values.cols()}});
    comparisons c(values.rows());
    for (Index i = 0; i < values.rows(); ++i) {
      for (Index j = 0; j < values.cols(); ++j) {
        auto const count = static_cast<double>(values(i, j));
        if (i != j) {
          c.add(i, j, count);
        } else if (!(count == 0)) {
          detail::refuse(c, "needs wins against others only", {{"item", i}, {"wins", count}});
        }
      }
    }
    return c;
  }

  void add(Index winner, Index loser, double count = 1) {
    check(winner, loser, count, total_);
    put(winner, loser, false, count);
  }
  void add_tie(Index a, Index b, double count = 1) {
    check(a, b, count, total_);
    put(a, b, true, count);
  }

  /// Comparison i was winners[i] against losers[i]; where tied[i] is not zero, a tie.
  template <class Winners, class Losers>
  void add_all(Winners const& winners, Losers const& losers) {
    add_all(winners, losers, none{static_cast<std::size_t>(winners.size())});
  }
  template <class Winners, class Losers, class Tied>
  void add_all(Winners const& winners, Losers const& losers, Tied const& tied) {
    auto const n = static_cast<std::size_t>(winners.size());
    if (static_cast<std::size_t>(losers.size()) != n || static_cast<std::size_t>(tied.size()) != n) {
      detail::refuse(*this, "needs lists of one length", {{"winners", n}, {"losers", losers.size()}, {"tied", tied.size()}});
    }
    each(winners, losers, tied, [&, sum = total_](Index a, Index b, bool) mutable { check(a, b, 1, sum), sum += 1; });
    each(winners, losers, tied, [&](Index a, Index b, bool tie) { put(a, b, tie, 1); });
  }

  Index items() const { return items_; }
  double total() const { return total_; }  ///< of all counts
  /// The pairs that were compared, sorted: O(pairs) where most items are in some.
  std::vector<compared_pair> pairs() const {
    auto sorted = pairs_;
    if (items_ <= 4 * static_cast<Index>(pairs_.size())) {
      sort_by(&compared_pair::second, pairs_, sorted);
      auto const half = sorted;
      sort_by(&compared_pair::first, half, sorted);
    } else {
      std::sort(sorted.begin(), sorted.end(),
                [](auto const& x, auto const& y) { return x.first != y.first ? x.first < y.first : x.second < y.second; });
    }
    return sorted;
  }

 private:
  struct none {
    std::size_t length;
    std::size_t size() const { return length; }
    bool operator[](std::size_t) const { return false; }
  };
  static void each(auto const& winners, auto const& losers, auto const& tied, auto visit) {
    auto const at = [](auto const& values, Index i) { return values[static_cast<decltype(values.size())>(i)]; };
    for (Index i = 0; i < static_cast<Index>(winners.size()); ++i)
      visit(static_cast<Index>(at(winners, i)), static_cast<Index>(at(losers, i)), static_cast<bool>(at(tied, i)));
  }
  void check(Index a, Index b, double count, double sum) const {
    Index const end = grows_ ? most_items : items_;
    if (a < 0 || b < 0 || a >= end || b >= end)
      detail::refuse(*this, "needs items in 0..items-1", {{"first", a}, {"second", b}, {"items", end}});
    if (a == b) detail::refuse(*this, "needs two different items", {{"first", a}, {"second", b}});
    if (!(count >= 0) || !std::isfinite(count)) detail::refuse(*this, "needs finite counts >= 0", {{"count", count}});
    if (sum + count > most_total)
      detail::refuse(*this, "needs counts of a sum of at most 2^53", {{"sum", sum}, {"count", count}});
  }
  void put(Index a, Index b, bool tie, double count) {
    items_ = std::max({items_, a + 1, b + 1});
    if (count == 0) return;
    bool const turned = a > b;
    if (turned) std::swap(a, b);
    if (2 * (pairs_.size() + 1) > places_.size()) rehash(std::bit_ceil(4 * (pairs_.size() + 1) + 60));
    auto& place = places_[find(a, b)];
    if (place == 0) {
      pairs_.push_back({a, b, 0, 0, 0});
      place = static_cast<std::uint32_t>(pairs_.size());
    }
    auto& pair = pairs_[place - 1];
    (tie ? pair.ties : turned ? pair.losses : pair.wins) += count;
    total_ += count;
  }
  // By counting; equal ones stay in order.
  void sort_by(Index compared_pair::* item, std::vector<compared_pair> const& from, std::vector<compared_pair>& to) const {
    std::vector<std::size_t> next(static_cast<std::size_t>(items_) + 1, 0);
    for (auto const& pair : from) ++next[static_cast<std::size_t>(pair.*item) + 1];
    for (std::size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
    for (auto const& pair : from) to[next[static_cast<std::size_t>(pair.*item)]++] = pair;
  }
  // Where the pair is, or goes, among the places.
  std::size_t find(Index a, Index b) const {
    auto const key = static_cast<std::uint64_t>(a) << 32 | static_cast<std::uint64_t>(b);
    std::size_t at = (key * 0x9e3779b97f4a7c15u) >> (65 - std::bit_width(places_.size()));  // its highest bits
    while (places_[at] != 0 && (pairs_[places_[at] - 1].first != a || pairs_[places_[at] - 1].second != b))
      at = (at + 1) & (places_.size() - 1);
    return at;
  }
  void rehash(std::size_t size) {
    places_.assign(size, 0);
    for (std::size_t i = 0; i < pairs_.size(); ++i)
      places_[find(pairs_[i].first, pairs_[i].second)] = static_cast<std::uint32_t>(i + 1);
  }

  static constexpr Index most_items = Index{1} << 24;
  static constexpr double most_total = 9007199254740992.;  // up to which doubles count one by one
  Index items_ = 0;
  bool grows_ = true;
  double total_ = 0;
  std::vector<compared_pair> pairs_;   // in order of appearance
  std::vector<std::uint32_t> places_;  // hash -> 1 + place in pairs_; 0: free
};

}  // namespace robagg::inline ROBAGG_ABI

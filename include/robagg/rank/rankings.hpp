// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../error.hpp"

#include <cmath>
#include <initializer_list>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// Orders of items, best first: what plackett_luce is fitted to.
///
///     rankings r(4);                                            // items 0..3
///     r.add(std::vector{2, 0, 3});                              // 2 before 0 before 3; 1 was not compared
///     r.add_top({2, 0}, 5);                                     // five times: 2, then 0, then the others in no order
///     rankings::of_orders(matrix);                              // each row an order
///
/// Ranges     items 0..items-1, at most 2^24; counts finite and >= 0. Orders of fewer than two items compare nothing.
/// Errors     other items; an item twice in an order; negative counts or ones that are not finite; counts of a sum above 2^53.
///            Nothing has been added then.
/// Cost       O(k) for an order of k items; O(items) for add_top.
class rankings {
 public:
  /// One order: the first `chosen` are in order, each before all that follow it.
  struct order {
    std::vector<Index> items;
    Index chosen;
    double count;
  };

  explicit rankings(Index items) : items_(items) {
    if (items < 1 || items > (Index{1} << 24)) detail::refuse(*this, "needs 1..2^24 items", {{"items", items}});
  }
  template <class Derived>
  static rankings of_orders(Eigen::DenseBase<Derived> const& orders) {
    auto const& values = orders.derived().eval();
    rankings r(values.cols());
    std::vector<Index> one(static_cast<std::size_t>(values.cols()));
    for (Index i = 0; i < values.rows(); ++i) {
      for (Index j = 0; j < values.cols(); ++j) one[static_cast<std::size_t>(j)] = static_cast<Index>(values(i, j));
      r.add(one);
    }
    return r;
  }

  template <class Items>
  void add(Items const& best_first, double count = 1) {
    put(best_first, count, false);
  }
  void add(std::initializer_list<Index> best_first, double count = 1) { put(std::vector<Index>(best_first), count, false); }
  /// All that are not listed come after those that are.
  template <class Items>
  void add_top(Items const& best_first, double count = 1) {
    put(best_first, count, true);
  }
  void add_top(std::initializer_list<Index> best_first, double count = 1) { put(std::vector<Index>(best_first), count, true); }

  Index items() const { return items_; }
  double total() const { return total_; }  ///< of all counts
  std::vector<order> const& orders() const { return orders_; }

 private:
  void put(auto const& best_first, double count, bool top) {
    if (!(count >= 0) || !std::isfinite(count)) detail::refuse(*this, "needs finite counts >= 0", {{"count", count}});
    if (total_ + count > 9007199254740992.)
      detail::refuse(*this, "needs counts of a sum of at most 2^53", {{"sum", total_}, {"count", count}});
    order one{{}, 0, count};
    if (listed_.empty()) listed_.assign(static_cast<std::size_t>(items_), false);
    auto const clear = [&] {
      for (Index const item : one.items) listed_[static_cast<std::size_t>(item)] = false;
    };
    for (auto const value : best_first) {
      auto const item = static_cast<Index>(value);
      bool const inside = item >= 0 && item < items_;
      if (!inside || listed_[static_cast<std::size_t>(item)]) {
        auto const place = static_cast<Index>(one.items.size());
        clear();
        if (inside) detail::refuse(*this, "needs each item once in an order", {{"item", item}, {"place", place}});
        detail::refuse(*this, "needs items in 0..items-1", {{"item", item}, {"place", place}, {"items", items_}});
      }
      listed_[static_cast<std::size_t>(item)] = true;
      one.items.push_back(item);
    }
    auto const given = static_cast<Index>(one.items.size());
    for (Index item = 0; top && item < items_; ++item) {
      if (!listed_[static_cast<std::size_t>(item)]) one.items.push_back(item);
    }
    clear();
    auto const all = static_cast<Index>(one.items.size());
    one.chosen = given == all ? all - 1 : given;  // the last is not chosen from anything
    if (count == 0 || one.chosen < 1) return;
    total_ += count;
    orders_.push_back(std::move(one));
  }

  Index items_;
  double total_ = 0;
  std::vector<order> orders_;
  std::vector<bool> listed_;
};

}  // namespace robagg::inline ROBAGG_ABI

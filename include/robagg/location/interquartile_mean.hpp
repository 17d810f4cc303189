// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/means.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Averages the middle half of each column: a quarter of the reports is cut off at either end, the ones
/// at the edge in part where n is no multiple of four.
///
/// Shapes     n x d reports -> d.
/// Errors     n = 0 is bad_input.
/// Guarantee  stays between the smallest and the largest honest report while at most n / 4 rows lie
///            (rounded down), in every column. No f to choose.
/// Cost       one read of the table, O(d n log^2 n); in registers up to 32 rows.
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column without values).
/// Weights    a quarter of the weight is cut off at either end.   Ties  irrelevant: equal values are equal.
/// Source     the interquartile mean (25 % trimmed mean), definition.
/// Example    examples/best_of_n.cpp
struct interquartile_mean {
  static constexpr detail::kernel_number<interquartile_mean> kernel{5};
  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  static constexpr bool any_order = true;            // within the ranks that are kept
  static constexpr bool clean_columns_apart = true;  // reduce(x, w) adds up in another order
  detail::rank_range wanted(Index n) const { return {n / 4, n - n / 4}; }
  template <class X>
  auto reduce(X const& x) const {
    using V = typename X::packet_type;
    detail::rank_range const middle = wanted(x.size());
    Index const first = middle.first, last = middle.last;
    double const edge = 1 - .25 * static_cast<double>(x.size() % 4), half = .5 * static_cast<double>(x.size());
    if (last - first < 2) return V(x[first]);
    auto const mean = detail::without_overflow<V>(half, [&](auto by, detail::doubles<V> scale) {
      auto sum = edge * (detail::scaled(V(x[first]), by, scale) + detail::scaled(V(x[last - 1]), by, scale));
      for (Index i = first + 1; i + 1 < last; ++i) sum = sum + detail::scaled(V(x[i]), by, scale);
      return detail::over_count<V>(sum, by.value ? half * detail::get_double<V>(scale, 0) : half);
    });
    return detail::within(detail::narrow<V>(mean), V(x[first]), V(x[last - 1]));
  }
  template <class X>
  auto reduce(X const& x, auto const& w) const {
    using V = typename X::packet_type;
    return detail::middle_mean(x, w, detail::doubles<V>(.25 * detail::as_doubles<V>(w.total)));
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/robust.hpp"
#include "median.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The weighted median by interpolation: lay the sorted reports side by side, each as wide as its weight and with its value in
/// the middle, draw straight lines from middle to middle, and read off half way. It moves without jumps as weights do.
///
/// Shapes     n x d reports -> d.
/// Errors     n = 0 is bad_input.
/// Guarantee  stays between the smallest and the largest honest report while at most (n-1)/2 rows lie (rounded down); with
///            weights while liars have less than half of what the total is without the heaviest row.
/// Cost       one read of the table, O(d n log^2 n).
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column without values).
/// Weights    widths. Equal ones give the median; a row of weight 2 is not two rows, whose middles lie apart.
/// Ties       equal values are as wide as they are on average.
/// Source     Hazen's positions with weights: cumulated weight less half of the own one (the weighted percentile method).
/// Example    examples/stack_images.cpp
struct interpolated_median {
  static constexpr detail::kernel_number<interpolated_median> kernel{18};
  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;

  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  detail::rank_range wanted(Index n) const { return median{}.wanted(n); }
  auto reduce(auto const& x) const { return median{}.reduce(x); }
  auto reduce(auto const& x, auto const& w) const {
    return detail::in_doubles(x, [](auto const& column, auto const& u) { return detail::interpolated_middle(column, u); }, w);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

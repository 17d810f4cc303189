// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"
#include "../detail/columns/m_estimates.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Tukey's biweight location, column by column: one step from the median m, m + sum (x - m) v / sum v with
/// v = (1 - ((x - m) / (c MAD))^2)^2, of reports less than c median absolute deviations from m. Farther ones do not count at
/// all.
///
/// Shapes     n x d reports -> d.           Ranges  c > 0.
/// Errors     c not positive or not finite; n = 0.
/// Guarantee  finite, and within c median absolute deviations of the median: breakdown point (n-1)/2, rounded down.
/// Cost       one read of the table, O(d n log^2 n); two passes over a column in cache.
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column without values).
/// Weights    count so many times, in the median and in the scale as well.
/// Ties       irrelevant: equal values are equal. Where the median absolute deviation is 0 or infinite: the median.
/// Source     Beers, Flynn and Gebhardt, Measures of location and scale for velocities in clusters of galaxies, 1990.
/// Example    examples/stack_images.cpp
struct biweight_location {
  static constexpr detail::kernel_number<biweight_location> kernel{21};
  double c = 6;  ///< in median absolute deviations

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) { visit("c", op.c); }

  void check(Index) const {
    if (!(c > 0 && std::isfinite(c))) detail::refuse(*this, "needs a finite c > 0", {{"c", c}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  detail::rank_range wanted(Index n) const { return {0, n}; }
  auto reduce(auto const& x, auto const&... weights) const {
    return detail::in_doubles(
        x, [this](auto const& column, auto const& w) { return detail::biweight_step(column, w, c); }, weights...);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"
#include "../detail/columns/m_estimates.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Huber's M-estimate of location, column by column: reports within k scales of it count as they are, those beyond as if they
/// were k scales away. The scale is the median absolute deviation times 1.4826, held.
///
/// Shapes     n x d reports -> d.           Ranges  k > 0: small is near the median, large near the mean.
/// Errors     k not positive or not finite; n = 0.
/// Guarantee  finite, and within (1 + 1.4826 k) median absolute deviations of the median: breakdown point (n-1)/2, rounded
///            down. Of normal reports, k = 1.345 has 95 % of the mean's efficiency.
/// Cost       one read of the table, O(d n log^2 n); a handful of passes over a column in cache.
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column without values).
/// Weights    count so many times, in the median and in the scale as well.
/// Ties       irrelevant: equal values are equal. Where the scale is 0 or infinite: the median.
/// Converges  to the root itself, by Newton's steps kept in a bracket: the sum that is to be 0 is a broken line, and a step
///            from its right piece ends there. Stops at a step below 1e-14 of k scales: after two to ten, at most 100.
/// Source     Huber, Robust estimation of a location parameter, 1964; Huber and Ronchetti, Robust statistics, 2009, 6.4.
/// Example    examples/stack_images.cpp
struct huber {
  static constexpr detail::kernel_number<huber> kernel{20};
  double k = 1.345;  ///< how many scales count in full

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) { visit("k", op.k); }

  void check(Index) const {
    if (!(k > 0 && std::isfinite(k))) detail::refuse(*this, "needs a finite k > 0", {{"k", k}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  detail::rank_range wanted(Index n) const { return {0, n}; }
  auto reduce(auto const& x, auto const&... weights) const {
    return detail::in_doubles(
        x, [this](auto const& column, auto const& w) { return detail::huber_location(column, w, k); }, weights...);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

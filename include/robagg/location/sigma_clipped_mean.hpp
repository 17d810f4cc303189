// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"
#include "../detail/columns/sigma_clip.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Drops, again and again, the reports of each column that are more than `low` spreads below or `high` spreads above its
/// centre, and averages the rest. What went never comes back; ends when nothing goes, or after `iterations`. `.counts()` is the
/// operator that says how many reports of each column were kept: sigma_clipped_mean{}.counts()(table).
///
/// Shapes     n x d reports -> d.           Ranges  low > 0, high > 0, infinity is no limit; iterations >= 0.
/// Errors     low or high not above 0; iterations < 0; n = 0.
/// Guarantee  about the median, by the absolute deviation: bounded while at most (n-1)/2 rows lie, rounded down. By the
///            deviation less: while f < n / k^2, k the larger of low and high, and f <= iterations. Of seven reports or
///            fewer, k = 3 drops none that is finite.
/// Cost       one read of the table, O(d n log^2 n); a few passes over a column in cache for each iteration.
/// NaN        and infinities are dropped first, under skip_nan and without; NaN for a column without finite values. A round
///            that would leave nothing does not count.
/// Weights    count so many times: weighted median, mean and deviations.
/// Ties       irrelevant: equal values are equal.
/// Source     astropy.stats.sigma_clip, whose defaults these are.
/// Example    examples/stack_images.cpp
struct sigma_clipped_mean {
  static constexpr detail::kernel_number<sigma_clipped_mean> kernel{19};
  double low = 3, high = 3;
  Index iterations = 5;
  robagg::centre centre = robagg::centre::median;
  robagg::spread spread = robagg::spread::deviation;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) {
    visit("low", op.low), visit("high", op.high), visit("iterations", op.iterations);
    visit("centre", op.centre), visit("spread", op.spread);
  }

  void check(Index) const {
    if (!(low > 0 && high > 0)) detail::refuse(*this, "needs low > 0 and high > 0", {{"low", low}, {"high", high}});
    if (iterations < 0) detail::refuse(*this, "needs iterations >= 0", {{"iterations", iterations}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// How many reports of each column are kept.
  detail::clipped_count<sigma_clipped_mean> counts() const { return {*this}; }

  static constexpr auto nan = detail::nan_is::highest;
  detail::rank_range wanted(Index n) const { return {0, n}; }
  auto reduce(auto const& x, auto const&... weights) const {
    return detail::in_doubles(
        x, [this](auto const& column, auto const& w) { return detail::sigma_clipped(column, w, *this).mean; }, weights...);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"
#include "../detail/columns/means.hpp"
#include "quantile.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// Drops the middle of each column and averages the extremes: the opposite of a trimmed mean, for pools of forecasts that are
/// too sure of themselves. (Exterior trimming is trimmed_mean.)
///
/// Shapes     n x d reports -> d.           Ranges  0 <= share < 1: of the reports, dropped in the middle.
/// Errors     share out of range or NaN; n = 0.
/// Guarantee  none against liars: breakdown point 0. Of distribution functions it is one.
/// Cost       one read of the table, O(d n log^2 n).
/// NaN        counts as +infinity. As many values are kept below as above: with floor(share n) of another parity than n, one
///            fewer is dropped, and none for n odd and share n < 1.    Ties  irrelevant: equal values are equal.
/// Source     Jose, Grushka-Cockayne and Lichtendahl, Trimmed opinion pools and the crowd's calibration problem, 2014.
/// Example    examples/quantile_ensemble.cpp
struct interior_trimmed_mean {
  static constexpr detail::kernel_number<interior_trimmed_mean> kernel{27};
  required<real, "share"> share;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::plain;
  static constexpr void parameters(auto& op, auto visit) { visit("share", op.share); }

  void check(Index) const {
    if (!(share >= 0 && share < 1)) detail::refuse(*this, "needs 0 <= share < 1", {{"share", share}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  detail::rank_range wanted(Index n) const { return {0, n}; }
  auto reduce(auto const& x) const {
    Index const n = x.size(), kept = each_side(n);
    if (2 * kept == n || kept == 0) return detail::within(detail::mean_of(x, 0, n), x[0], x[n - 1]);
    return detail::within(detail::midpoint(detail::mean_of(x, 0, kept), detail::mean_of(x, n - kept, n)), x[0], x[n - 1]);
  }

 private:
  Index each_side(Index n) const {
    auto const dropped = static_cast<Index>(std::floor(share * static_cast<double>(n) + 1e-9));
    Index const even = dropped - (n - dropped) % 2;
    return even <= 0 ? 0 : (n - even) / 2;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

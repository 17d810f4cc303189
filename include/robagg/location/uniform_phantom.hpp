// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"
#include "../detail/columns/phantoms.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// The median of n reports and of n - 1 phantoms spread evenly between low and high, column by column: of all rules that nobody
/// gains from lying to, the only one by which a share of the reports gets that share of the way.
///
/// Shapes     n x d reports -> d.
/// Ranges     low < high, finite. Reports outside count as the nearer end, which tempts nobody to lie.
/// Errors     low or high not finite, or low >= high; high - low not finite; n = 0.
/// Guarantee  strategyproof: who wants the result near x cannot do better than report x. Proportional: of reports that are low
///            or high only, it is the mean. A report moves it by at most its share of the weight, times high - low, and no more
///            than it moves itself; f liars by f shares.
/// Cost       one read of the table, O(d n log^2 n).
/// NaN        counts as high; absent under skip_nan (NaN for a column without values).
/// Weights    shares of the weight. One of w is w reports.
/// Ties       irrelevant: equal values are equal.
/// Source     Aziz, Lam, Lee and Walsh, Strategyproof and proportionally fair facility location, 2022. With low = 0, high = 1
///            it is the h-index of n papers cited x n times, and Sugeno's integral.
/// Example    examples/mixtures.cpp
struct uniform_phantom {
  static constexpr detail::kernel_number<uniform_phantom> kernel{31};
  double low = 0, high = 1;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table & ~detail::has_origin;
  static constexpr void parameters(auto& op, auto visit) { visit("low", op.low), visit("high", op.high); }

  void check(Index) const {
    if (!(low < high) || !std::isfinite(low) || !std::isfinite(high) || !std::isfinite(high - low)) {
      detail::refuse(*this, "needs low < high, and a finite distance between them", {{"low", low}, {"high", high}});
    }
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  detail::rank_range wanted(Index n) const { return {0, n}; }
  template <class X>
  auto reduce(X const& x) const {
    using V = typename X::packet_type;
    Index const n = x.size();
    return detail::highest_of_lower(x, end<V>(low), [&](Index r) {
      double const share = static_cast<double>(n - r) / static_cast<double>(n);
      return end<V>(r == 0 ? high : detail::even_phantom<double>(share, low, high));
    });
  }
  template <class X>
  auto reduce(X const& x, auto const& w) const {
    using V = typename X::packet_type;
    auto sum = w.total - w.total;
    V const y = detail::highest_of_lower(x, end<V>(low), [&](Index r) {
      sum = sum + w[r];
      auto const share = detail::as_doubles<V>(sum) / detail::as_doubles<V>(w.total);
      return r == 0 ? end<V>(high) : detail::narrow<V>(detail::even_phantom<V>(share, low, high));
    });
    return y;
  }

 private:
  template <class V>
  static EIGEN_ALWAYS_INLINE V end(double value) {
    return detail::all<V>(static_cast<detail::lane_of<V>>(value));
  }
};

}  // namespace robagg::inline ROBAGG_ABI

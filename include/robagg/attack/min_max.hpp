// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/geometry/combine.hpp"
#include "little_is_enough.hpp"

namespace robagg::inline ROBAGG_ABI::attack {

/// As far below the mean as hides among the honest: mean - g deviations, column by column, with the largest g
/// for which no honest report is farther from the lie than some honest report is from another.
///
/// Shapes     n x d honest reports -> the d values that every liar sends.
/// Ranges     0 <= g < most, found to within `tolerance` by at most 64 halvings; most >= 0,
///            tolerance > 0.
/// Errors     most or tolerance out of range; n < 2.
/// Guarantee  none: an attack. The lie lies within the honest diameter of every honest report, so that no
///            rule by distances alone can be sure of it.
/// Cost       three reads of the table, O(n^2 d).
/// NaN        propagates.                     Weights  no weighted form.   Ties  none.
/// Source     Shejwalkar and Houmansadr, Manipulating the Byzantine, 2021 (min-max, deviations).
/// Example    examples/attacks.cpp
struct min_max {
  double most = 5;
  double tolerance = .01;

  static constexpr int reads = detail::plain;
  static constexpr void parameters(auto& op, auto visit) { visit("most", op.most), visit("tolerance", op.tolerance); }

  void check(Index n) const {
    if (!(most >= 0) || !std::isfinite(most)) detail::refuse(*this, "needs a finite most >= 0", {{"most", most}});
    if (!(tolerance > 0)) detail::refuse(*this, "needs tolerance > 0", {{"tolerance", tolerance}});
    if (n < 2) detail::refuse(*this, "needs two honest reports, for a deviation", {{"n", n}});
  }
  void into(any_reports auto const& r, auto&& out, workspace& ws) const {
    auto&& x = detail::enter(*this, r);
    detail::need(*this, scratch(r), ws);
    detail::fit_vector(*this, out, r.cols());
    little_is_enough{-deviations(x, ws)}.into(x, out, ws);
  }
  std::size_t scratch(auto const& r) const {
    using T = detail::wide_of<decltype(r)>;
    auto const [kept, more] = detail::measure_scratch<detail::measured::distances, T>(r);
    return std::max(kept + std::max(more, 2 * workspace::room<double>(r.rows()) + detail::tile_scratch<T>(r)),
                    detail::scratch(little_is_enough{0.}, r));
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// g.
  double deviations(reports auto const& given, workspace& ws) const {
    auto&& r = detail::readable(given);
    auto const scope = ws.scope();
    Index const n = r.rows();
    auto const g = detail::measure(r, ws, *this, detail::measured::distances);
    double diameter = 0;
    for (Index i = 0; i < n; ++i) {
      for (Index k = 0; k < i; ++k) diameter = std::max(diameter, g.squared_distance(i, k));
    }
    // |mean - t deviation - x_i|^2 = gaps(i) - 2 t slopes(i) + t^2 length
    auto gaps = ws.vector<double>(n), slopes = ws.vector<double>(n);
    double length = 0;
    gaps.setZero();
    slopes.setZero();
    detail::for_each_tile(r, ws, [&](auto const& t, Index) {
      for (Index c = 0; c < t.width; ++c) {
        double mean = 0, variance = 0;
        for (Index i = 0; i < n; ++i) mean += static_cast<double>(t.row(i)[c]) / static_cast<double>(n);
        for (Index i = 0; i < n; ++i) {
          double const gap = mean - static_cast<double>(t.row(i)[c]);
          variance += gap * gap / static_cast<double>(n - 1);
        }
        for (Index i = 0; i < n; ++i) {
          double const gap = mean - static_cast<double>(t.row(i)[c]);
          gaps(i) += gap * gap, slopes(i) += gap * std::sqrt(variance);
        }
        length += variance;
      }
    });
    double low = 0, high = most;
    for (int halving = 0; halving < 64 && high - low > tolerance; ++halving) {
      double const middle = .5 * (low + high);
      bool hidden = true;
      for (Index i = 0; i < n; ++i) {
        hidden = hidden && gaps(i) - 2 * middle * slopes(i) + middle * middle * length < diameter;
      }
      (hidden ? low : high) = middle;
    }
    return low;
  }
};

}  // namespace robagg::inline ROBAGG_ABI::attack

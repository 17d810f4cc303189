// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../detail/columns.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {
namespace detail {

// Half of a + b for a <= b, inside [a, b] also where the sum overflows or vanishes.
inline double midpoint(double a, double b) {
  double const sum = a + b;
  return std::isfinite(sum) ? .5 * sum : .5 * a + .5 * b;
}

// The p-quantile of an ascending column: where the cumulated weight reaches p times the total, and
// the middle of two values where it is just that (Hyndman and Fan's type 2).
inline double quantile_of(column const& c, double p, row_weights const& w) {
  double const mark = p * c.total;
  double sum = 0;
  for (Index i = 0; i + 1 < c.size(); ++i) {
    sum += c.weights[i];
    bool const jump = std::abs(sum - mark) <= w.slack(c.total, std::min(c.weights[i], c.weights[i + 1]));
    if (jump && p > 0) return midpoint(c.values[i], c.values[i + 1]);
    if (sum >= mark) return c.values[i];
  }
  return c.values[c.size() - 1];
}

}  // namespace detail

/// The value below which a share p of the reports lies, column by column. p = 0 is the smallest
/// report, 1 the largest, 0.5 the median.
///
/// Shapes     n x d reports -> d.           Ranges  0 <= p <= 1.
/// Errors     p outside [0, 1] or NaN; n = 0.
/// Guarantee  stays between the smallest and the largest honest report while at most
///            min(ceil(n p), ceil(n (1 - p))) - 1 rows lie.
/// Cost       one read of the table, O(d n log^2 n).
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column without values).
/// Weights    cumulated weight takes the place of rank. Averages two values where the cumulated weight
///            is p times the total, within 4 n eps: type 2, so that 0.5 is the midpoint median. NumPy's
///            default is another (type 7).    Ties  irrelevant: equal values are equal.
/// Source     Hyndman and Fan, Sample quantiles in statistical packages, 1996, definition 2.
/// Example    examples/best_of_n.cpp
struct quantile {
  real p;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) { visit("p", op.p); }

  void check(Index) const {
    if (!(p >= 0 && p <= 1)) detail::refuse(*this, "needs 0 <= p <= 1", {{"p", p}});
  }
  void into(any_reports auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(any_reports auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  static constexpr bool sorted = true;
  template <class T>
  void reduce(detail::tile<T> const& t, auto&& y) const {
    double const n = static_cast<double>(t.rows), mark = n * p;
    double const near = 4 * n * std::numeric_limits<double>::epsilon();
    bool const jump = std::abs(mark - std::round(mark)) <= near;
    Index const upper = static_cast<Index>(jump ? std::round(mark) : std::floor(mark));  // rank from 0
    T const* const b = t.row(std::min(upper, t.rows - 1));
    T const* const a = t.row(jump && upper > 0 ? upper - 1 : std::min(upper, t.rows - 1));
    for (Index c = 0; c < t.width; ++c) y(c) = detail::midpoint(static_cast<double>(a[c]), static_cast<double>(b[c]));
  }
  double reduce(detail::column const& c, detail::row_weights const& w) const {
    return detail::quantile_of(c, p, w);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

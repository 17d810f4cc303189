// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../detail/columns.hpp"
#include "../detail/combine.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Averages the reports, column by column. Not robust: one report moves it anywhere.
///
/// Shapes     n x d reports -> d.
/// Errors     n = 0 is bad_input.
/// Guarantee  none: breakdown point 0. The baseline to compare with.
/// Cost       one read of the table, O(n d); summed in double.
/// NaN        propagates, as infinities do. Under skip_nan a column averages the values it has; NaN
///            where it has none. Weights: the weighted mean. Ties: none.
/// Source     definition.                   Example  examples/federated_round.cpp
struct mean {
  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr bool needs_geometry = false;

  void into(any_reports auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(any_reports auto const& r) const { return evaluate(*this, r); }

  /// After a transform: every row counts by its weight, also one without a geometry.
  auto weights(geometry const& g, workspace& ws) const {
    auto w = ws.vector<double>(g.rows());
    for (Index i = 0; i < g.rows(); ++i) w(i) = g.weight(i) / g.total_weight();
    return w;
  }

  static constexpr auto nan = detail::nan_is::nan;
  static constexpr bool sorted = false;
  template <class T>
  void reduce(detail::tile<T> const& t, auto&& y) const {
    y.setZero();
    for (Index i = 0; i < t.rows; ++i) y += t.array(i).template cast<double>();
    y /= static_cast<double>(t.rows);
  }
  double reduce(detail::column const& c, detail::row_weights const&) const {
    double sum = 0;
    for (Index i = 0; i < c.size(); ++i) sum += c.weights[i] * c.values[i];
    return sum / c.total;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

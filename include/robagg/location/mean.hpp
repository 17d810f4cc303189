// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/columns/means.hpp"

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
  static constexpr detail::kernel_number<mean> kernel{6};
  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;

  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// After a transform: every row counts by its weight, also one without a geometry.
  auto weights(row_weights const& g, workspace& ws) const {
    auto w = ws.vector<double>(g.rows());
    double const total = g.total_weight();
    for (Index i = 0; i < g.rows(); ++i) w(i) = g.weight(i) / total;
    return w;
  }

  static constexpr auto nan = detail::nan_is::nan;
  // Row after row: sums of floats, which do not overflow in double.
  template <class V>
    requires(std::same_as<detail::lane_of<V>, float>)
  EIGEN_ALWAYS_INLINE detail::doubles<V> first(V x, Index) const {
    return detail::widen(x);
  }
  template <class V>
  EIGEN_ALWAYS_INLINE detail::doubles<V> next(detail::doubles<V> sum, V x, Index) const {
    return sum + detail::widen(x);
  }
  template <class V>
  EIGEN_ALWAYS_INLINE V last(detail::doubles<V> sum, Index n) const {
    return detail::narrow<V>(detail::over_count<V>(sum, static_cast<double>(n)));
  }
  auto reduce(auto const& x) const { return detail::mean_of(x, 0, x.size()); }
  auto reduce(auto const& x, auto const& w) const { return detail::weighted_mean(x, w); }
};

}  // namespace robagg::inline ROBAGG_ABI

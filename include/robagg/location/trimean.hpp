// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/columns/means.hpp"
#include "quantile.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Tukey's trimean: the median and the quartiles of each column, of which the median counts twice.
///
/// Shapes     n x d reports -> d.
/// Errors     n = 0; weights with a rule other than averaged or inverse_cdf, as for quantile.
/// Guarantee  stays between the smallest and the largest honest report while at most ceil(n / 4) - 1 rows lie, in every column.
///            No f to choose.
/// Cost       one read of the table, O(d n log^2 n); in registers up to 32 rows.
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column without values). NaN where quartiles are infinities
///            of both signs.
/// Weights    quantiles by cumulated weight.   Ties  irrelevant: equal values are equal.
/// Source     Tukey, Exploratory data analysis, 1977; quartiles by `.rule`, as for quantile.
/// Example    examples/stack_images.cpp
struct trimean {
  static constexpr detail::kernel_number<trimean> kernel{33};
  quantile_rule rule = quantile_rule::averaged;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) { visit("rule", op.rule); }

  void check_weighted() const { detail::check_cumulates(*this, rule); }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  detail::rank_range wanted(Index n) const { return {at(.25).wanted(n).first, at(.75).wanted(n).last}; }
  template <class X>
  auto reduce(X const& x, auto const&... w) const {
    using V = typename X::packet_type;
    using T = detail::lane_of<V>;
    V const low = detail::quantile_of(at(.25), x, w...), middle = detail::quantile_of(at(.5), x, w...),
            high = detail::quantile_of(at(.75), x, w...);
    return detail::within<V>(T(.25) * low + T(.5) * middle + T(.25) * high, low, high);
  }

 private:
  quantile at(double p) const { return {.p = p, .rule = rule}; }
};

}  // namespace robagg::inline ROBAGG_ABI

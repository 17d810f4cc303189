// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The most optimistic reward of each candidate: the maximum of each column. Not robust.
///
/// Shapes     n members x d candidates -> d scores.
/// Errors     n = 0 is bad_input.
/// Guarantee  never below any honest member's reward; one liar can make any candidate win.
/// Cost       one read of the table, O(n d).
/// NaN        propagates: a column with a NaN member scores NaN, which `best` and `top` put last;
///            absent under skip_nan (NaN where no member is left).
/// Weights    a weight above 0 counts in full, 0 is an absent member.   Ties  irrelevant.
/// Source     definition.                    Example  examples/best_of_n.cpp
struct best_case {
  static constexpr detail::kernel_number<best_case> kernel{11};
  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;

  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::nan;
  static constexpr bool any_order = true;  // of the rows
  template <class V>
  EIGEN_ALWAYS_INLINE V first(V x, Index) const {
    return x;
  }
  template <class V>
  EIGEN_ALWAYS_INLINE V next(V y, V x, Index) const {
    return larger(y, x);
  }
  template <class V>
  EIGEN_ALWAYS_INLINE V last(V y, Index) const {
    return y;
  }
  auto reduce(auto const& x) const {
    auto y = x[0];
    for (Index i = 1; i < x.size(); ++i) y = larger(y, x[i]);
    return y;
  }
  detail::rank_range kept(auto const& x) const { return {static_cast<Index>(x.size()) - 1, static_cast<Index>(x.size())}; }
  template <class X>
  auto reduce(X const& x, auto const& w) const {
    using V = typename X::packet_type;
    auto y = detail::all<V>(-std::numeric_limits<detail::lane_of<V>>::infinity());
    for (Index i = 0; i < x.size(); ++i) y = w.present(i) > V{} ? larger(y, x[i]) : y;
    return y;
  }

 private:
  // NaN where either is.
  template <class V>
  static EIGEN_ALWAYS_INLINE V larger(V a, V b) {
    return a >= b ? a : a != a ? a : b;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

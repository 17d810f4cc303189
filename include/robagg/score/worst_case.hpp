// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The most pessimistic reward of each candidate: the minimum of each column (worst-case optimisation).
///
/// Shapes     n members x d candidates -> d scores.
/// Errors     n = 0 is bad_input.
/// Guarantee  never above any honest member's reward, however many of the others lie: no liar can
///            make a candidate look better than the most pessimistic honest member finds it. One liar
///            can veto a candidate.
/// Cost       one read of the table, O(n d).
/// NaN        a column with a NaN member scores -infinity (a lie must not gain by it); under skip_nan
///            the members that are there decide, NaN where there are none.
/// Weights    a weight above 0 counts in full, 0 is an absent member.   Ties  irrelevant.
/// Source     Coste et al., Reward model ensembles help mitigate overoptimization, 2024 (WCO).
/// Example    examples/best_of_n.cpp
struct worst_case {
  static constexpr detail::kernel_number<worst_case> kernel{10};
  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;

  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::lowest;
  static constexpr bool any_order = true;  // of the rows
  template <class V>
  EIGEN_ALWAYS_INLINE V first(V x, Index) const {
    return x;
  }
  template <class V>
  EIGEN_ALWAYS_INLINE V next(V y, V x, Index) const {
    return detail::lower(y, x);
  }
  template <class V>
  EIGEN_ALWAYS_INLINE V last(V y, Index) const {
    return y;
  }
  auto reduce(auto const& x) const {
    auto y = x[0];
    for (Index i = 1; i < x.size(); ++i) y = detail::lower(y, x[i]);
    return y;
  }
  detail::rank_range kept(auto const&) const { return {0, 1}; }
  template <class X>
  auto reduce(X const& x, auto const& w) const {
    using V = typename X::packet_type;
    auto y = detail::all<V>(std::numeric_limits<detail::lane_of<V>>::infinity());
    for (Index i = 0; i < x.size(); ++i) y = w.present(i) > V{} ? detail::lower(y, x[i]) : y;
    return y;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

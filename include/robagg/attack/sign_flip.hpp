// SPDX-License-Identifier: BSL-1.0
// An attack is an aggregate over the honest rows: its result is what every liar sends. Liars know all honest
// reports and agree on one vector; nothing here asks how they learn them.
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/means.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI::attack {

/// The honest reports backwards: -factor times their mean.
///
/// Shapes     n x d honest reports -> the d values that every liar sends.
/// Ranges     any finite factor.
/// Errors     factor not finite; n = 0.
/// Guarantee  none: an attack. f liars among n rows make the mean (n - f - f factor) / n of the honest one.
/// Cost       one read of the table, O(n d); summed in double.
/// NaN        propagates.                     Weights  no weighted form.   Ties  none.
/// Source     Allen-Zhu et al., Byzantine-resilient non-convex stochastic gradient descent, 2021.
/// Example    examples/attacks.cpp
struct sign_flip {
  double factor = 1;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::plain;
  static constexpr void parameters(auto& op, auto visit) { visit("factor", op.factor); }

  void check(Index) const {
    if (!std::isfinite(factor)) detail::refuse(*this, "needs a finite factor", {{"factor", factor}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// For `optimal`.
  constexpr sign_flip with_strength(double strength) const { return {strength}; }

  static constexpr auto nan = detail::nan_is::nan;
  template <class X>
  auto reduce(X const& x) const {
    return detail::narrow<typename X::packet_type>(-factor * detail::wide_mean_of(x, 0, x.size()));
  }
};

}  // namespace robagg::inline ROBAGG_ABI::attack

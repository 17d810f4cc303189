// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "sign_flip.hpp"

namespace robagg::inline ROBAGG_ABI::attack {

/// A step against the honest mean, small enough to pass for a report or large enough to turn the result
/// round: -factor times the mean.
///
/// Shapes     n x d honest reports -> the d values that every liar sends.
/// Ranges     any finite factor.
/// Errors     factor not finite; n = 0.
/// Guarantee  none: an attack. The inner product of the plain mean with the honest one turns negative when
///            f factor > n - f.
/// Cost       one read of the table, O(n d); summed in double.
/// NaN        propagates.                     Weights  no weighted form.   Ties  none.
/// Dialects   0.1 is the small step; byzfl takes 2; ByzantineMomentum's empire adds the mean: its factor is
///            one more than ours.
/// Source     Xie et al., Fall of empires: breaking Byzantine-tolerant SGD by inner product manipulation, 2020.
/// Example    examples/attacks.cpp
struct inner_product_manipulation {
  double factor = 2;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::plain;
  static constexpr void parameters(auto& op, auto visit) { visit("factor", op.factor); }

  void check(Index) const {
    if (!std::isfinite(factor)) detail::refuse(*this, "needs a finite factor", {{"factor", factor}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// For `optimal`.
  constexpr inner_product_manipulation with_strength(double strength) const { return {strength}; }

  static constexpr auto nan = detail::nan_is::nan;
  auto reduce(auto const& x) const { return sign_flip{factor}.reduce(x); }
};

}  // namespace robagg::inline ROBAGG_ABI::attack

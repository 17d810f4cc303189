// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"

namespace robagg::inline ROBAGG_ABI::attack {

/// +infinity in every column, as from a training run that has diverged.
///
/// Shapes     n x d honest reports -> the d values that every liar sends.
/// Errors     n = 0.                          Guarantee  none: an attack. One such row breaks the mean.
/// Cost       O(d).                           NaN  the honest reports are not looked at.
/// Weights    no weighted form.               Ties  none.
/// Source     byzfl's Inf.                    Example  examples/attacks.cpp
struct infinity {
  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::plain;
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::nan;
  template <class X>
  auto reduce(X const&) const {
    using V = typename X::packet_type;
    return detail::all<V>(std::numeric_limits<detail::lane_of<V>>::infinity());
  }
};

/// NaN in every column, as from a broken machine.
///
/// Shapes     n x d honest reports -> the d values that every liar sends.
/// Errors     n = 0.                          Guarantee  none: an attack. One such row breaks the mean.
/// Cost       O(d).                           NaN  the honest reports are not looked at.
/// Weights    no weighted form.               Ties  none.
/// Source     ByzantineMomentum's nan.        Example  examples/attacks.cpp
struct not_a_number {
  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::plain;
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::nan;
  template <class X>
  auto reduce(X const&) const {
    using V = typename X::packet_type;
    return detail::all<V>(std::numeric_limits<detail::lane_of<V>>::quiet_NaN());
  }
};

}  // namespace robagg::inline ROBAGG_ABI::attack

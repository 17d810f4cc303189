// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../location/mean.hpp"

namespace robagg::inline ROBAGG_ABI::attack {

/// The honest mean, but for one column, which is `factor` off: in many columns a distance hardly shows it.
///
/// Shapes     n x d honest reports -> the d values that every liar sends.
/// Ranges     column 0..d-1; any finite factor, in the reports' units.
/// Errors     an unknown column; factor not finite; n = 0.
/// Guarantee  none: an attack, on rules that choose whole rows by distance: honest rows differ by the square
///            root of d, and one column may be as far off.
/// Cost       one read of the table, O(n d).
/// NaN        propagates.                     Weights  no weighted form.   Ties  none.
/// Source     El Mhamdi et al., The hidden vulnerability of distributed learning in Byzantium, 2018.
/// Example    examples/attacks.cpp
struct constant_coordinate {
  Index column = 0;
  double factor = -16;

  static constexpr int reads = detail::plain;
  static constexpr void parameters(auto& op, auto visit) { visit("column", op.column), visit("factor", op.factor); }

  void check(Index) const {
    if (!std::isfinite(factor)) detail::refuse(*this, "needs a finite factor", {{"factor", factor}});
  }
  void into(any_reports auto const& r, auto&& out, workspace& ws) const {
    auto&& x = detail::enter(*this, r);
    detail::need(*this, scratch(r), ws);
    if (column < 0 || column >= r.cols()) {
      detail::refuse(*this, "needs a column of the table", {{"column", column}, {"d", r.cols()}});
    }
    ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
    auto const scope = ws.scope();
    auto y = ws.vector<double>(r.cols());
    robagg::mean{}.into(x, y, ws);
    y(column) += factor;
    detail::fit_vector(*this, out, r.cols());
    detail::store(out, 0, y.data(), y.size());
  }
  std::size_t scratch(auto const& r) const {
    return workspace::room<double>(r.cols()) + detail::columns_scratch(robagg::mean{}, r);
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};

}  // namespace robagg::inline ROBAGG_ABI::attack

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"

#include <optional>

namespace robagg::inline ROBAGG_ABI::attack {

/// A copy of one honest report, which then counts for more than its share. Nothing tells it from an honest
/// row; where clients have different data, the others' is lost.
///
/// Shapes     n x d honest reports -> the d values that every liar sends.
/// Ranges     row 0..n-1.
/// Errors     an unknown row; n = 0.
/// Guarantee  none: an attack.                Cost  one row.
/// NaN        copied.                         Weights  no weighted form.   Ties  none.
/// Source     Karimireddy et al., Byzantine-robust learning on heterogeneous datasets, 2022.
/// Example    examples/attacks.cpp
struct mimic {
  Index row = 0;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::plain;
  static constexpr void parameters(auto& op, auto visit) { visit("row", op.row); }

  void check(Index n) const {
    if (row < 0 || row >= n) detail::refuse(*this, "needs an honest row", {{"row", row}, {"n", n}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// The same report copied from the table without another one.
  std::optional<mimic> without(Index i, Index, workspace&) const {
    return i == row ? std::nullopt : std::optional(mimic{row - (i < row)});
  }

  static constexpr auto nan = detail::nan_is::nan;
  auto reduce(auto const& x) const { return x[row]; }
};

}  // namespace robagg::inline ROBAGG_ABI::attack

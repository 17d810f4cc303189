// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/table/output.hpp"
#include "../scores.hpp"

#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// Which of two was picked, and whether that counts.
struct gated {
  Index choice = 0;  ///< 0 the first, 1 the second
  bool counts = false;
};

/// Of two advantages, element by element, the better one; it counts only if one of them is an advantage at all.
///
/// Shapes     d advantages and d others -> d picks (a vector that grows or shrinks, or a std::span of that size).
/// Errors     other lengths.
/// Guarantee  with the gate, nothing counts where the first is negative and the second is not positive.
/// Cost       O(d).
/// NaN        is never picked; where both are NaN the pick is 0 and does not count, gate or not.
/// Ties       the first.
/// Source     the policy constraint of A2PR (Liu et al., 2024), from its code.   Example  examples/conservative_mixture.cpp
struct gated_pick {
  bool gate = true;  ///< false: every pick counts

  static constexpr void parameters(auto& op, auto visit) { visit("gate", op.gate); }

  template <detail::scores A, detail::scores B>
  void into(A const& first, B const& second, auto&& out, workspace& ws) const {
    auto const d = static_cast<Index>(first.size()), given = static_cast<Index>(second.size());
    if (given != d) detail::refuse(*this, "needs as many of either", {{"first", d}, {"second", given}});
    auto const scope = ws.scope();
    auto const* const a = detail::score_values(first, ws);
    auto const* const b = detail::score_values(second, ws);
    detail::fit_vector(*this, out, d);
    for (Index i = 0; i < d; ++i) {
      bool const known = a[i] == a[i] || b[i] == b[i];
      out[static_cast<std::size_t>(i)] = {a[i] >= b[i] || b[i] != b[i] ? 0 : 1, known && (!gate || a[i] >= 0 || b[i] > 0)};
    }
  }
  auto operator()(detail::scores auto const& first, detail::scores auto const& second) const {
    workspace ws;
    std::vector<gated> out;
    into(first, second, out, ws);
    return out;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

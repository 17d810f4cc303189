// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"

#include <numeric>

namespace robagg::inline ROBAGG_ABI::attack {

/// Against comparative gradient elimination, which keeps the shortest reports: the opposite direction of the
/// sum of the honest reports that stay, just shorter than the first honest one that then has to go.
///
/// Shapes     n x d honest reports -> the d values that each of f liars sends.
/// Ranges     1 <= f < n.
/// Errors     needs 1 <= f < n.
/// Guarantee  none: an attack. A rule that keeps the n shortest of all n + f rows keeps every liar and the
///            n-f shortest honest rows. The liar's length is 0.999 of the next one's, which survives rounding.
/// Cost       one read for the geometry, O(n^2 d), and one for the result.
/// NaN        rows without a geometry (non-finite) are the longest; NaN if they are f or more.
/// Weights    no weighted form.               Ties  the lower row counts as shorter. Honest reports that cancel:
///            the origin.
/// Source     ByzantineMomentum's anticge; Gupta et al. 2021 for the rule.
/// Example    examples/attacks.cpp
struct anti_cge {
  required<count, "f"> f;  ///< how many rows lie, besides the n honest ones

  static constexpr int reads = detail::has_origin;
  static constexpr void parameters(auto& op, auto visit) { visit("f", op.f); }

  void check(Index n) const {
    if (f < 1 || f >= n) detail::refuse(*this, "needs 1 <= f < n honest reports", {{"f", f}, {"n", n}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::combine(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// One negative number for the rows that stay, 0 for the others.
  auto weights(geometry const& g, workspace& ws) const {
    Index const n = g.rows(), stay = n - f;
    auto w = ws.vector<double>(n);
    auto const scope = ws.scope();
    auto order = ws.vector<Index>(n);
    std::iota(order.data(), order.data() + n, Index{0});
    detail::order_by([&](Index i) { return g.norm(i); }, order.data(), order.data() + n, order.data() + n);
    double const next = g.norm(order(stay));
    if (next == detail::infinity) {
      w.setConstant(std::numeric_limits<double>::quiet_NaN());
      return w;
    }
    auto sum = ws.vector<double>(n + 1);  // of the rows that stay, seen from the origin
    auto products = ws.vector<double>(n + 1);
    sum.setZero();
    for (Index k = 0; k < stay; ++k) sum(order(k)) = 1;
    sum(g.origin()) = -static_cast<double>(stay);
    detail::multiply(g.products(), sum, products);
    double const length = std::sqrt(std::max(0., detail::dot(sum, products)));
    w.setZero();
    for (Index k = 0; k < stay && length > 0; ++k) w(order(k)) = -.999 * next / length;
    return w;
  }
};

}  // namespace robagg::inline ROBAGG_ABI::attack

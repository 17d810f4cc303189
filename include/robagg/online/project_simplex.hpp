// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/select/simplex.hpp"
#include "../scores.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The point of the simplex that is nearest to a vector: values >= 0 with a given sum.
///
/// Shapes     n numbers -> n numbers.               Ranges  radius > 0: their sum.
/// Errors     no numbers; another radius; NaN and infinities.
/// Guarantee  unique; adding a constant to all values changes nothing; what is in the simplex stays, up to rounding.
/// Cost       O(n log n).     NaN  refused.     Ties  equal values stay equal.
/// Source     Held, Wolfe and Crowder, 1974; Duchi et al., 2008.      Example  docs/experts.md
struct project_simplex {
  double radius = 1;

  static constexpr void parameters(auto& op, auto visit) { visit("radius", op.radius); }
  template <detail::scores V>
  void into(V const& values, auto&& out, workspace& ws) const {
    auto const scope = ws.scope();
    auto&& x = detail::readable(values);
    Index const n = static_cast<Index>(values.size());
    if (!(radius > 0 && radius < std::numeric_limits<double>::infinity()))
      detail::refuse(*this, "needs a finite radius > 0", {{"radius", radius}});
    if (n < 1) detail::refuse(*this, "needs at least one value", {{"n", n}});
    double* const v = ws.take<double>(n);
    for (Index k = 0; k < n; ++k) {
      v[k] = static_cast<double>(detail::score_at(x, k));
      if (!std::isfinite(v[k])) detail::refuse(*this, "needs finite values", {{"place", k}, {"value", v[k]}});
    }
    detail::fit_vector(*this, out, n, "n");
    detail::project_on_simplex(v, n, radius, ws.take<double>(n));
    detail::store(out, 0, v, n);
  }
  template <detail::scores V>
  Eigen::VectorXd operator()(V const& values) const {
    workspace ws;
    Eigen::VectorXd out;
    into(values, out, ws);
    return out;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

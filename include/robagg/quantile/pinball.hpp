// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/table/output.hpp"
#include "../scores.hpp"
#include "detail/forecasts.hpp"
#include "detail/pinball_sum.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The pinball (check, quantile) loss of quantile forecasts: max(tau e, (tau - 1) e) for e = y - q.
///
/// Shapes     n forecasts x r levels, n outcomes -> n x r losses.      Ranges  levels in (0, 1), one a column, in any order.
/// Errors     other lengths; a level out of range.                     Guarantee  >= 0; 0 where the forecast is the outcome.
/// Cost       O(n r).                                                  NaN  propagates.   Ties  none.
/// Source     Koenker and Bassett, 1978.                               Example  examples/quantile_ensemble.cpp
struct pinball {
  list<double> levels;

  static constexpr void parameters(auto& op, auto visit) { visit("levels", op.levels); }
  template <reports Q, class Y>
  void into(Q const& given, Y const& y, auto&& out, workspace&) const {
    auto&& q = detail::readable(given);
    detail::check_forecasts(*this, q, y, levels);
    detail::fit_table(*this, out, q.rows(), q.cols());
    using S = std::remove_cvref_t<decltype(out.coeffRef(0, 0))>;
    for (Index i = 0; i < q.rows(); ++i) {
      double const outcome = static_cast<double>(detail::score_at(y, i));
      for (Index k = 0; k < q.cols(); ++k)
        out.coeffRef(i, k) = detail::converted<S>(detail::pinball_loss(levels[k], outcome, static_cast<double>(q(i, k))));
    }
  }
  template <reports Q, class Y>
  table<double> operator()(Q const& q, Y const& y) const {
    workspace ws;
    table<double> out;
    into(q, y, out, ws);
    return out;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

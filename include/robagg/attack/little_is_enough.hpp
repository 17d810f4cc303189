// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/base/normal.hpp"
#include "../detail/columns/means.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {
namespace attack {

/// As far from the mean as honest reports are: mean + deviations x their standard deviation (n-1 in the
/// variance), column by column.
///
/// Shapes     n x d honest reports -> the d values that every liar sends.
/// Ranges     any finite number of deviations; negative ones pull down. `strongest(n, f)` is the most
///            with which liars still look central, where columns are normal.
/// Errors     deviations not finite; n < 2. strongest: needs n > 2f and n > 2.
/// Guarantee  none: an attack. It moves the median and trimmed means by a share of a deviation, in every
///            column at once.
/// Cost       one read of the table, O(n d); summed in double.
/// NaN        propagates.                     Weights  no weighted form.   Ties  none.
/// Dialects   byzfl takes 1.5, as we do; others subtract.
/// Source     Baruch et al., A little is enough: circumventing defenses for distributed learning, 2019.
/// Example    examples/attacks.cpp
struct little_is_enough {
  double deviations = 1.5;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::plain;
  static constexpr void parameters(auto& op, auto visit) { visit("deviations", op.deviations); }

  void check(Index n) const {
    if (!std::isfinite(deviations)) detail::refuse(*this, "needs finite deviations", {{"deviations", deviations}});
    if (n < 2) detail::refuse(*this, "needs two honest reports, for a deviation", {{"n", n}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// The paper's deviations for n rows, f of which lie: with the s = floor(n/2 + 1) - f honest rows that are
  /// expected beyond them, the liars are a majority.
  static double strongest(Index n, Index f) {
    Index const honest = n - f, supporters = n / 2 + 1 - f;
    if (f < 0 || f >= n - f || supporters >= honest) {
      detail::refuse(little_is_enough{}, "strongest needs n > 2, f >= 0 and n > 2f", {{"n", n}, {"f", f}});
    }
    return detail::normal_quantile(static_cast<double>(honest - supporters) / static_cast<double>(honest));
  }
  /// For `optimal`.
  constexpr little_is_enough with_strength(double strength) const { return {strength}; }

  static constexpr auto nan = detail::nan_is::nan;
  template <class X>
  auto reduce(X const& x) const {
    using V = typename X::packet_type;
    auto const mean = detail::wide_mean_of(x, 0, x.size());
    auto squares = detail::all_doubles<V>(0);
    for (Index i = 0; i < x.size(); ++i) {
      auto const gap = detail::widen(x[i]) - mean;
      squares = squares + gap * gap;
    }
    auto const variance = detail::over_count<V>(squares, static_cast<double>(x.size() - 1));
    return detail::narrow<V>(mean + deviations * detail::square_root(variance));
  }
};

}  // namespace attack
}  // namespace robagg::inline ROBAGG_ABI

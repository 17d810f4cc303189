// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/base/exponential.hpp"
#include "../detail/columns/means.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// A smooth pessimist between the mean and the minimum: -(1/beta) log of the mean of exp(-beta reward).
/// Monotone, unlike uncertainty_weighted, which it equals to second order for lambda = beta / 2.
///
/// Shapes     n members x d candidates -> d scores.    Ranges  finite beta > 0: towards 0 the mean,
///            towards infinity the worst case.
/// Errors     beta not finite or not above 0; n = 0.
/// Guarantee  between the minimum and the mean of each column: at most log(n) / beta above any honest
///            member's reward, whatever the others say.
/// Cost       one read of the table, O(n d) exponentials; never overflows.
/// NaN        a column with a NaN member scores -infinity, as with a member at -infinity; under skip_nan
///            the members that are there decide, NaN where there are none.
/// Weights    the weighted mean of the exponentials.   Ties  none.
/// Source     log-sum-exp; as pessimism over an ensemble, the KL-robust value of the mean.
/// Example    examples/best_of_n.cpp
struct soft_min {
  required<real, "beta"> beta;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) { visit("beta", op.beta); }

  void check(Index) const {
    if (!(beta > 0) || !std::isfinite(beta.value)) detail::refuse(*this, "needs a finite beta > 0", {{"beta", beta}});
  }
  void into(any_reports auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::lowest;
  template <class X>
  auto reduce(X const& x) const {
    using V = typename X::packet_type;
    V least = x[0];
    for (Index i = 1; i < x.size(); ++i) least = detail::lower(least, x[i]);
    return score(x, least, [](auto value, Index) { return value; }, detail::all_doubles<V>(static_cast<double>(x.size())));
  }
  template <class X>
  auto reduce(X const& x, auto const& w) const {
    using V = typename X::packet_type;
    V least = detail::all<V>(std::numeric_limits<detail::lane_of<V>>::infinity());
    for (Index i = 0; i < x.size(); ++i) least = w.present(i) > V{} ? detail::lower(least, x[i]) : least;
    return score(x, least, [&](auto value, Index i) { return w[i] * value; }, w.total);
  }

 private:
  // About the minimum, so that nothing overflows; exp(z) - 1, so that a small beta keeps its digits.
  template <class X, class V>
  V score(X const& x, V least, auto weighed, detail::doubles<V> total) const {
    using D = detail::doubles<V>;
    D const low = detail::widen(least);
    D below = detail::all_doubles<V>(0), sum = below, one = detail::all_doubles<V>(1);
    for (Index i = 0; i < x.size(); ++i) {
      D const e = detail::expm1_of(-beta.value * (detail::widen(x[i]) - low));
      below = below + weighed(e, i);
      sum = sum + weighed(e + one, i);
    }
    V y = least;
    for (Index l = 0; l < detail::lanes_of<V>; ++l) {
      double const all = detail::get_double<V>(total, l), part = detail::get_double<V>(below, l) / all;
      // Where most of the weight lies far above, 1 + part would cancel.
      double const logarithm = part > -.5 ? std::log1p(part) : std::log(detail::get_double<V>(sum, l) / all);
      auto const from = detail::get(least, l);
      if (std::isfinite(from)) detail::set(y, l, static_cast<detail::lane_of<V>>(static_cast<double>(from) - logarithm / beta));
    }
    return y;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

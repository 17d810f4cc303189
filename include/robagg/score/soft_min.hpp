// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/base/exponential.hpp"
#include "../detail/base/logarithm.hpp"
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
/// Cost       one read of the table, O(n d) exponentials; never overflows. Up to 2,048 floats a column are computed in float,
///            within 5e-7 of what the result is above the minimum.
/// NaN        a column with a NaN member scores -infinity, as with a member at -infinity; under skip_nan
///            the members that are there decide, NaN where there are none.
/// Weights    the weighted mean of the exponentials.   Ties  none.
/// Source     log-sum-exp; as pessimism over an ensemble, the KL-robust value of the mean.
/// Example    examples/best_of_n.cpp
struct soft_min {
  static constexpr detail::kernel_number<soft_min> kernel{13};
  required<real, "beta"> beta;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) { visit("beta", op.beta); }

  void check(Index) const {
    if (!(beta > 0) || !std::isfinite(beta.value)) detail::refuse(*this, "needs a finite beta > 0", {{"beta", beta}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::lowest;
  static constexpr bool clean_columns_apart = true;  // reduce(x, w) adds up in another order
  template <class X>
  auto reduce(X const& x) const {
    using V = typename X::packet_type;
    V least = x[0];
    for (Index i = 1; i < x.size(); ++i) least = detail::lower(least, x[i]);
    return score(x, least, detail::every_row{});
  }
  template <class X>
  auto reduce(X const& x, auto const& w) const {
    using V = typename X::packet_type;
    V least = detail::all<V>(std::numeric_limits<detail::lane_of<V>>::infinity());
    for (Index i = 0; i < x.size(); ++i) least = w.present(i) > V{} ? detail::lower(least, x[i]) : least;
    return score(x, least, w);
  }

 private:
  // Floats in float, where that loses no digits: but for a beta that is none, longer sums, and numbers so small that beta times
  // their distance is denormal.
  template <class X, class V>
  V score(X const& x, V least, auto const& w) const {
    if constexpr (std::is_same_v<detail::lane_of<V>, float>) {
      if (beta >= 0x1p-40 && beta <= 0x1p60 && x.size() <= detail::tall_rows) {
        V const y = detail::soft_minimum<V>(x, least, w, beta), small = detail::all<V>(static_cast<float>(0x1p-69 / beta));
        return detail::any(detail::absolute(y) < small) ? among_small(x, least, w, y, small) : y;
      }
    }
    return score_in_double(x, least, w);
  }
  template <class X, class V>
  EIGEN_DONT_INLINE V score_in_double(X const& x, V least, auto const& w) const {
    return detail::soft_minimum<detail::doubles<V>>(x, least, w, beta);
  }
  template <class X, class V>
  EIGEN_DONT_INLINE V among_small(X const& x, V least, auto const& w, V y, V small) const {
    V most = least;
    for (Index i = 0; i < x.size(); ++i) most = detail::upper(most, x[i]);
    V const size = least < most ? detail::absolute(y) : small;
    return detail::any(size < small) ? (size < small ? score_in_double(x, least, w) : y) : y;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

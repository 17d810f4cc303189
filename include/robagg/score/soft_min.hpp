// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../detail/columns.hpp"

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
  real beta;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) { visit("beta", op.beta); }

  void check(Index) const {
    if (!(beta > 0) || !std::isfinite(beta.value)) detail::refuse(*this, "needs a finite beta > 0", {{"beta", beta}});
  }
  void into(any_reports auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(any_reports auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::lowest;
  static constexpr bool sorted = false;
  template <class T>
  void reduce(detail::tile<T> const& t, auto&& y) const {
    for (Index c = 0; c < t.width; ++c) {
      auto const value = [&](Index i) { return static_cast<double>(t.row(i)[c]); };
      y(c) = score(value, [](Index) { return 1.; }, t.rows, static_cast<double>(t.rows));
    }
  }
  double reduce(detail::column const& c, detail::row_weights const&) const {
    return score([&](Index i) { return c.values[i]; }, [&](Index i) { return c.weights[i]; }, c.size(), c.total);
  }

 private:
  // About the minimum, so that nothing overflows; expm1 and log1p, so that a small beta keeps its digits.
  double score(auto value, auto weight, Index n, double total) const {
    double least = value(0);
    for (Index i = 1; i < n; ++i) least = std::min(least, value(i));
    if (std::isinf(least)) return least;
    double sum = 0;
    for (Index i = 0; i < n; ++i) sum += weight(i) * std::expm1(-beta * (value(i) - least));
    if (sum > -.5 * total) return least - std::log1p(sum / total) / beta;
    sum = 0;  // most of the weight lies far above: here 1 + sum / total would cancel
    for (Index i = 0; i < n; ++i) sum += weight(i) * std::exp(-beta * (value(i) - least));
    return least - std::log(sum / total) / beta;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

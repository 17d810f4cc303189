// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../detail/columns.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// What measures disagreement in `uncertainty_weighted`.
enum class dispersion { variance, deviation };
constexpr std::array<std::string_view, 2> enumerators(dispersion) { return {"variance", "deviation"}; }

/// The mean reward less lambda times the members' disagreement: mean - lambda variance, or mean -
/// lambda deviation.
///
/// Shapes     n members x d candidates -> d scores.
/// Ranges     any finite lambda (> 0 pessimism, 0 the mean, < 0 optimism); ddof 0 or 1. The variance has
///            squared units, so lambda has a meaning only for rewards on a known scale.
/// Errors     lambda not finite; ddof not 0 or 1; ddof = 1 with n = 1 or with weights.
/// Guarantee  lambda > 0: one liar can veto a candidate but lifts it by at most 1 / (4 lambda (n-1))
///            over the others' mean (variance, ddof 0). Not monotone: far above the others, a member's
///            praise lowers the score.
/// Cost       one read of the table, O(n d), two passes in cache; summed in double.
/// NaN        propagates. An infinite member is infinite disagreement: -infinity for lambda > 0, +infinity
///            for lambda < 0. Under skip_nan the members that are there count; NaN with too few.
/// Weights    weighted mean and variance (ddof 0).  Ties  none.
/// Source     Coste et al., Reward model ensembles help mitigate overoptimization, 2024 (UWO, variance);
///            common re-implementations use the deviation.    Example  examples/best_of_n.cpp
struct uncertainty_weighted {
  real lambda;
  int ddof = 0;
  robagg::dispersion dispersion = robagg::dispersion::variance;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) {
    visit("lambda", op.lambda), visit("ddof", op.ddof), visit("dispersion", op.dispersion);
  }

  void check(Index n) const {
    if (!std::isfinite(lambda.value)) detail::refuse(*this, "needs a finite lambda", {{"lambda", lambda}});
    if (ddof != 0 && ddof != 1) detail::refuse(*this, "needs ddof 0 or 1", {{"ddof", ddof}});
    if (n <= ddof) detail::refuse(*this, "needs n > ddof", {{"n", n}, {"ddof", ddof}});
  }
  void into(any_reports auto const& r, auto&& out, workspace& ws) const {
    if (weighted_reports<decltype(r)> && ddof != 0) {
      detail::refuse(*this, "needs ddof = 0 with weights: a weight is no number of members", {{"ddof", ddof}});
    }
    detail::columns(*this, r, out, ws);
  }
  auto operator()(any_reports auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::nan;
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
  double score(auto value, auto weight, Index n, double total) const {
    double m = 0, v = 0;
    bool infinite = false, invalid = false;
    for (Index i = 0; i < n; ++i) {
      m += weight(i) * value(i);
      infinite = infinite || std::isinf(value(i));
      invalid = invalid || std::isnan(value(i));
    }
    m /= total;
    if (lambda == 0. || invalid) return m;
    if (infinite) return -std::copysign(std::numeric_limits<double>::infinity(), lambda);
    if (total <= ddof) return std::numeric_limits<double>::quiet_NaN();
    for (Index i = 0; i < n; ++i) v += weight(i) * (value(i) - m) * (value(i) - m);
    v /= total - ddof;
    return m - lambda * (dispersion == robagg::dispersion::variance ? v : std::sqrt(v));
  }
};

}  // namespace robagg::inline ROBAGG_ABI

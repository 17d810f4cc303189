// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/means.hpp"

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
  static constexpr detail::kernel_number<uncertainty_weighted> kernel{12};
  required<real, "lambda"> lambda;
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
  void check_weighted() const {
    if (ddof != 0) detail::refuse(*this, "needs ddof = 0 with weights: a weight is no number of members", {{"ddof", ddof}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::nan;
  template <class X>
  auto reduce(X const& x) const {
    using V = typename X::packet_type;
    if (lambda == 0.) return detail::mean_of(x, 0, x.size());
    return score(x, V(x[0]), [](auto value, Index) { return value; }, detail::all_doubles<V>(static_cast<double>(x.size())));
  }
  template <class X>
  auto reduce(X const& x, auto const& w) const {
    using V = typename X::packet_type;
    if (lambda == 0.) return detail::weighted_mean(x, w);
    V first = x[0];
    for (Index i = x.size(); w.some_absent && i-- > 0;) first = w.present(i) > V{} ? V(x[i]) : first;
    return score(x, first, [&](auto value, Index i) { return w[i] * value; }, w.total);
  }

 private:
  // One pass about the first value: little cancels, however far from 0 or from the others that is.
  template <class X, class V, class D>
  V score(X const& x, V first, auto weighed, D total) const {
    auto const formula = [&](auto by, double factor) {
      D const scale = detail::all_doubles<V>(factor), origin = detail::scaled(first, by, scale);
      D sum = detail::all_doubles<V>(0), squares = sum;
      for (Index i = 0; i < x.size(); ++i) {
        D const e = detail::scaled(V(x[i]), by, scale) - origin, part = weighed(e, i);
        sum = sum + part;
        squares = detail::fused(part, e, squares);
      }
      D const m = sum / total,
              v = detail::positive(detail::fused(-1. * sum, m, squares) / (total - detail::all_doubles<V>(ddof)));
      bool const of_variance = dispersion == robagg::dispersion::variance;
      D const spread = of_variance ? 1 / factor * v : detail::square_root(v);
      return detail::narrow<V>(1 / factor * detail::fused(detail::all_doubles<V>(-lambda.value), spread, D(origin + m)));
    };
    V y = formula(std::false_type{}, 1);
    if (!detail::any(y - y != V{})) return y;
    if constexpr (std::same_as<detail::lane_of<V>, double>) {
      V const again = formula(std::true_type{}, 0x1p-600);  // squares that overflowed
      y = y - y == V{} ? y : again;
    }
    return without_digits(x, y);
  }
  // Where members are infinite, the formula gives NaN.
  template <class X, class V>
  V without_digits(X const& x, V y) const {
    using T = detail::lane_of<V>;
    T const most = std::numeric_limits<T>::infinity();
    V const disagreement = detail::all<V>(lambda > 0. ? -most : most);
    V invalid{};
    auto infinite = y > y;
    for (Index i = 0; i < x.size(); ++i) {
      invalid = invalid + T(0) * (x[i] != x[i] ? x[i] : V{});
      infinite = infinite | (detail::absolute(V(x[i])) == most);
    }
    return ((y != y) & infinite & (invalid == invalid)) ? disagreement : y;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"
#include "../detail/columns/places.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// The value below which a share p of the reports lies, column by column. p = 0 is the smallest
/// report, 1 the largest, 0.5 the median.
///
/// Shapes     n x d reports -> d.           Ranges  0 <= p <= 1.
/// Errors     p outside [0, 1] or NaN; n = 0; weights with a rule other than averaged or inverse_cdf, whose places depend on
///            how many rows there are, which weights do not say.
/// Guarantee  stays between the smallest and the largest honest report while at most
///            min(ceil(n p), ceil(n (1 - p))) - 1 rows lie, by the rules that average or choose at a jump; the others
///            need as many honest rows beyond each of the two ranks they read.
/// Cost       one read of the table, O(d n log^2 n).
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column without values). Half way between -infinity and
///            infinity is NaN.
/// Weights    cumulated weight takes the place of rank. Averages two values where the cumulated weight
///            is p times the total (up to the rounding of weights that are not whole): type 2, so that 0.5 is the midpoint
///            median; `.rule = inverse_cdf` takes the lower one. interpolated_median goes between.
/// Ties       irrelevant: equal values are equal.
/// Source     Hyndman and Fan, Sample quantiles in statistical packages, 1996: definition 2, the others by `.rule`.
/// Example    examples/best_of_n.cpp
struct quantile {
  static constexpr detail::kernel_number<quantile> kernel{4};
  required<real, "p"> p;
  quantile_rule rule = quantile_rule::averaged;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) { visit("p", op.p), visit("rule", op.rule); }

  void check(Index) const {
    if (!(p >= 0 && p <= 1)) detail::refuse(*this, "needs 0 <= p <= 1", {{"p", p}});
  }
  void check_weighted() const { detail::check_cumulates(*this, rule); }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  detail::rank_range wanted(Index n) const {
    double const rows = static_cast<double>(n);
    if (!detail::cumulates(rule)) {
      auto const [rank, share] = detail::place_of(rule, p, rows);
      Index const at = static_cast<Index>(rank);
      return {at, at + (share > 0 ? 2 : 1)};
    }
    double const mark = rows * p, near = 4 * rows * std::numeric_limits<double>::epsilon();
    bool const jump = std::abs(mark - std::round(mark)) <= near;
    Index const upper = static_cast<Index>(jump ? std::round(mark) : std::floor(mark)), last = std::min(upper, n - 1);
    Index const first = jump && upper > 0 ? std::min(upper - 1, last) : last;
    return {first, rule == quantile_rule::averaged ? last + 1 : first + 1};
  }
  template <class X>
  auto reduce(X const& x) const {
    using V = typename X::packet_type;
    auto const [first, last] = x.wanted;
    if (last - first == 1) return V(x[first]);
    if (rule == quantile_rule::averaged) return detail::midpoint(V(x[first]), V(x[last - 1]));
    double const share = detail::place_of(rule, p, static_cast<double>(x.size())).share;
    return detail::between<V>(x[first], x[last - 1], detail::all_doubles<V>(share));
  }
  double level() const { return p; }  // the share of the weight at which `reduce` looks, and nowhere else
  template <class X>
  auto reduce(X const& x, auto const& w) const {
    if (detail::cumulates(rule)) return detail::value_by_weight(x, w, p, rule == quantile_rule::averaged);
    return detail::in_doubles(
        x, [this](auto const& c, auto const& u) { return detail::value_at(c, detail::place_of(rule, p, u.total)); }, w);
  }
};

namespace detail {
// q of a column of which others want more ranks.
template <class X>
auto quantile_of(quantile const& q, X x, auto const&... w) {
  x.wanted = q.wanted(x.size());
  return q.reduce(x, w...);
}
}  // namespace detail

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/means.hpp"

#include <array>
#include <cmath>
#include <string_view>

namespace robagg::inline ROBAGG_ABI {
namespace detail {

// Half of a + b for a <= b, inside [a, b] also where the sum overflows.
template <class V>
EIGEN_ALWAYS_INLINE V midpoint(V a, V b) {
  using T = lane_of<V>;
  V const sum = a + b;
  return sum - sum == V{} ? V(T(.5) * sum) : V(T(.5) * a + T(.5) * b);
}

}  // namespace detail

/// Where a share p ends exactly between two values: their midpoint (type 2), or the lower one (type 1, the inverse of the
/// empirical distribution function).
enum class quantile_rule { averaged, inverse_cdf };
constexpr std::array<std::string_view, 2> enumerators(quantile_rule) { return {"averaged", "inverse_cdf"}; }

/// The value below which a share p of the reports lies, column by column. p = 0 is the smallest
/// report, 1 the largest, 0.5 the median.
///
/// Shapes     n x d reports -> d.           Ranges  0 <= p <= 1.
/// Errors     p outside [0, 1] or NaN; n = 0.
/// Guarantee  stays between the smallest and the largest honest report while at most
///            min(ceil(n p), ceil(n (1 - p))) - 1 rows lie.
/// Cost       one read of the table, O(d n log^2 n).
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column without values).
/// Weights    cumulated weight takes the place of rank. Averages two values where the cumulated weight
///            is p times the total (up to the rounding of weights that are not whole): type 2, so that 0.5 is the midpoint
///            median. NumPy's default is another (type 7). `.rule` takes the lower one instead.    Ties  irrelevant: equal
///            values are equal.
/// Source     Hyndman and Fan, Sample quantiles in statistical packages, 1996, definition 2.
/// Example    examples/best_of_n.cpp
struct quantile {
  required<real, "p"> p;
  quantile_rule rule = quantile_rule::averaged;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) { visit("p", op.p), visit("rule", op.rule); }

  void check(Index) const {
    if (!(p >= 0 && p <= 1)) detail::refuse(*this, "needs 0 <= p <= 1", {{"p", p}});
  }
  void into(any_reports auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  detail::rank_range wanted(Index n) const {
    double const rows = static_cast<double>(n), mark = rows * p, near = 4 * rows * std::numeric_limits<double>::epsilon();
    bool const jump = std::abs(mark - std::round(mark)) <= near;
    Index const upper = static_cast<Index>(jump ? std::round(mark) : std::floor(mark)), last = std::min(upper, n - 1);
    Index const first = jump && upper > 0 ? std::min(upper - 1, last) : last;
    return {first, rule == quantile_rule::averaged ? last + 1 : first + 1};
  }
  auto reduce(auto const& x) const {
    auto const [first, last] = x.wanted;
    return last - first == 1 ? x[first] : detail::midpoint(x[first], x[last - 1]);
  }
  double level() const { return p; }  // the share of the weight at which `reduce` looks, and nowhere else
  // From the top down to the lowest value at which the cumulated weight reaches the mark. Absent values share the top
  // with infinities, so the next value is the next one present.
  template <class X>
  auto reduce(X const& x, auto const& w) const {
    using V = typename X::packet_type;
    auto const mark = w.mark(p);
    auto sum = w.total;
    V const one = detail::all<V>(1);
    V lower = x[x.size() - 1], upper = lower, next = lower, next_weight{}, seen{};
    for (Index i = x.size(); i-- > 0;) {
      auto const own = w[i];
      V const value = x[i], weight = detail::as_packet<V>(own), gap = detail::as_packet<V>(sum - mark);
      V const slack = w.slack(detail::lower(weight, next_weight));
      V const above = gap <= slack ? next : value;  // a jump, if the mark is reached at all
      auto const reached = gap >= -slack;
      if (w.some_absent) {
        auto const present = w.present(i) > V{};
        V const next_present = seen > V{} ? above : value;
        lower = present ? (reached ? value : lower) : lower, upper = present ? (reached ? next_present : upper) : upper;
        next = present ? value : next, next_weight = present ? weight : next_weight, seen = present ? one : seen;
      } else {
        lower = reached ? value : lower, upper = reached ? above : upper;
        next = value, next_weight = weight;
      }
      sum = sum - own;
    }
    V const y = p > 0 && rule == quantile_rule::averaged ? detail::midpoint(lower, upper) : lower;
    return y;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

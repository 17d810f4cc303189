// SPDX-License-Identifier: BSL-1.0
// Means of sorted columns without their ends, or with what is cut off moved to the nearest value that stays.
#pragma once

#include "wide.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI::detail {

enum class cut_off { goes, moves };

// How much is cut off at the low and the high end, in rows or in weight.
template <class P>
struct cut_widths {
  P low, high;
};
// The ranks of which something stays.
inline rank_range ranks_between(cut_widths<double> cut, Index n) {
  return {static_cast<Index>(std::floor(cut.low)), n - static_cast<Index>(std::floor(cut.high))};
}

// Lay the sorted values side by side, each as wide as its weight, and cut.
template <cut_off Cut, class P, class W>
P mean_between_cuts(auto const& x, W const& w, cut_widths<P> cut) {
  P const end = w.total - cut.high;
  P sum{}, kept{}, low{}, high{};
  if constexpr (W::even) {
    double const from = detail::get(cut.low, 0), to = detail::get(end, 0);
    auto const [first, last] = ranks_between({from, detail::get(cut.high, 0)}, x.size());
    low = x[first];
    high = x[last - 1];
    for (Index i = first; i < last; ++i) {
      auto const at = static_cast<double>(i);
      sum = detail::fused(detail::all<P>(std::min(to, at + 1) - std::max(from, at)), x[i], sum);
    }
    kept = end - cut.low;
  } else {
    P before{}, begun{};
    for (Index i = 0; i < x.size(); ++i) {
      P const weight = w[i], after = before + weight, share = detail::lower(end, after) - detail::upper(cut.low, before);
      P const value = x[i], one = detail::all<P>(1);
      auto const in = share > w.slack(weight);  // one that is only rounding would let infinity in
      P const part = in ? share : P{}, counted = in ? value : P{};
      low = begun > P{} ? low : value, high = in ? value : high, begun = in ? one : begun;
      sum = detail::fused(part, counted, sum);
      kept = kept + part;
      before = after;
    }
    P const nan = detail::all<P>(std::numeric_limits<double>::quiet_NaN());
    kept = end - cut.low > w.slack(w.lightest()) ? kept : nan;
  }
  if constexpr (Cut == cut_off::moves) {
    P const below = cut.low > P{} ? low : P{}, above = cut.high > P{} ? high : P{};
    sum = detail::fused(cut.high, above, detail::fused(cut.low, below, sum));
    kept = kept + cut.low + cut.high;
  }
  return x.unscaled(detail::within(P(sum / kept), low, high));
}

// For a packet of columns, and their weights if there are any; cuts(weights) are the widths.
template <cut_off Cut>
auto cut_mean(auto const& x, auto const& cuts, auto const&... weights) {
  return detail::in_doubles(
      x, [&](auto const& column, auto const& w) { return detail::mean_between_cuts<Cut>(column, w, cuts(w)); }, weights...);
}
// Whole rows, and their weight where rows weigh something: that of the heaviest ones.
inline auto cut_rows(Index low, Index high) {
  return [low, high](auto const& w) {
    using P = std::remove_cvref_t<decltype(w.total)>;
    if constexpr (std::remove_cvref_t<decltype(w)>::even) {
      return cut_widths<P>{detail::all<P>(static_cast<double>(low)), detail::all<P>(static_cast<double>(high))};
    } else {
      return cut_widths<P>{detail::all<P>(w.table.heaviest(low)), detail::all<P>(w.table.heaviest(high))};
    }
  };
}
// Shares of what is present.
inline auto cut_shares(double low, double high) {
  return [low, high](auto const& w) {
    using P = std::remove_cvref_t<decltype(w.total)>;
    return cut_widths<P>{w.mark(low), w.mark(high)};
  };
}
template <class Op>
void check_shares(Op const& op, double low, double high) {
  if (!(low >= 0 && high >= 0 && low + high < 1)) {
    refuse(op, "needs low >= 0, high >= 0 and low + high < 1", {{"low", low}, {"high", high}});
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

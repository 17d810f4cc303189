// SPDX-License-Identifier: BSL-1.0
// Sigma clipping of sorted columns: what is kept is a range of ranks, which only shrinks.
#pragma once

#include "engine.hpp"
#include "robust.hpp"

namespace robagg::inline ROBAGG_ABI {

/// What values are compared with when they are clipped, and by what multiples they may be off: the standard deviation (of all
/// that are left, n in its denominator), or the median absolute deviation times 1.4826, its like for normal values.
enum class centre { mean, median };
enum class spread { deviation, absolute_deviation };
constexpr std::array<std::string_view, 2> enumerators(centre) { return {"mean", "median"}; }
constexpr std::array<std::string_view, 2> enumerators(spread) { return {"deviation", "absolute_deviation"}; }

namespace detail {

template <class P>
struct clipped {
  P mean, rows;  // how many are kept
};

// A power of two with which squares of numbers up to `reach` neither overflow nor vanish. Those of floats do not in double.
template <bool Floats, class P>
P unit_for([[maybe_unused]] P reach) {
  P const one = detail::all<P>(1);
  if constexpr (Floats) {
    return one;
  } else {
    P const small = reach < 0x1p-480 ? detail::all<P>(0x1p600) : one;
    return reach > 0x1p480 ? detail::all<P>(0x1p-500) : small;
  }
}

template <class X, class W>
auto kept_part(X const& x, W const& w, interval_of<packet_of<X>> s) {
  using P = packet_of<X>;
  if constexpr (W::even) {
    return detail::rows_inside(x, s);
  } else {
    P total{};
    for (Index i = 0; i < x.size(); ++i) total = total + detail::inside(P(x[i]), P(w[i]), s);
    return detail::weight_inside(x, w, total, s);
  }
}

template <class X, class W, class Op>
auto sigma_clipped(X const& x, W const& w, Op const& rule) {
  using P = packet_of<X>;
  Index const n = x.size();
  P const most = detail::all<P>(std::numeric_limits<double>::max());
  interval_of<P> s{-most, most};
  P kept{}, rows{}, mean = detail::all<P>(std::numeric_limits<double>::quiet_NaN());
  for (Index step = 0;; ++step) {
    auto const part = detail::kept_part(x, w, s);
    if (step > 0 && !detail::any(part.total != kept)) break;
    kept = part.total;
    auto const left = kept > P{};  // a round that leaves nothing does not count
    P const unit = unit_for<X::floats>(detail::upper(P(part.middle - part.lowest), P(part.highest - part.middle)));
    P sum{}, squares{};
    auto const add = [&](P e, P weight) {
      sum = detail::fused(weight, e, sum);
      squares = detail::fused(P(weight * e), e, squares);
    };
    auto const add_some = [&](Index from, Index to) {
      for (Index i = from; i < to; ++i) {
        P const value = x[i], weight = detail::inside(value, P(w[i]), s);
        add(weight > P{} ? P(unit * (value - part.middle)) : P{}, weight);
      }
    };
    add_some(0, part.first);
    for (Index i = part.first; i < part.last; ++i) add(P(unit * (x[i] - part.middle)), w[i]);
    add_some(part.last, n);
    P const shift = sum / kept;
    mean = left ? P(detail::within(P(part.middle + shift / unit), part.lowest, part.highest)) : mean;
    rows = left ? part.rows : rows;
    if (step == rule.iterations) break;
    P const centre = rule.centre == robagg::centre::median ? part.middle : mean;
    P const deviation = rule.spread == robagg::spread::deviation
                            ? P(detail::square_root(detail::positive(P(detail::fused(P(-sum), shift, squares) / kept))) / unit)
                            : P(normal_consistent * detail::median_deviation_within(x, w, part.middle, kept, s));
    s.low = detail::upper(s.low, detail::fused(detail::all<P>(-rule.low), deviation, centre));
    s.high = detail::lower(s.high, detail::fused(detail::all<P>(rule.high), deviation, centre));
  }
  return clipped<P>{x.unscaled(mean), rows};
}

// How many rows `rule` keeps of each column.
template <class Op>
struct clipped_count {
  static constexpr detail::kernel_number<clipped_count> kernel{30};  // of sigma_clipped_mean, the only one
  Op rule;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  void check(Index n) const { rule.check(n); }
  void into(any_reports auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  rank_range wanted(Index n) const { return {0, n}; }
  double reduce_nothing() const { return 0; }
  auto reduce(auto const& x, auto const&... weights) const {
    return detail::in_doubles(
        x, [this](auto const& column, auto const& w) { return detail::sigma_clipped(column, w, rule).rows; }, weights...);
  }
};

}  // namespace detail
}  // namespace robagg::inline ROBAGG_ABI

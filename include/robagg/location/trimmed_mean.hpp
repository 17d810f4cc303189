// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../detail/columns.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Drops the f smallest and the f largest reports of each column and averages the rest.
///
/// Shapes     n x d reports -> d.           Ranges  f >= 0.
/// Errors     needs n > 2f; with weights, a total above 2 W_f (below).
/// Guarantee  stays between the smallest and the largest honest report while at most f rows lie.
/// Cost       one read of the table, O(d n log^2 n); no scratch beyond one tile.
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column with too few left for f).
/// Weights    each side loses W_f, the weight of the f heaviest rows, the row at the edge in part: the
///            guarantee still speaks of any f rows, and one huge weight is refused, not obeyed.
/// Ties       irrelevant: equal values are equal.
/// Source     Yin et al., Byzantine-robust distributed learning, 2018.
/// Example    examples/federated_round.cpp
struct trimmed_mean {
  count f;  ///< how many rows may lie

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) { visit("f", op.f); }

  void check(Index n) const {
    if (f < 0) detail::refuse(*this, "needs f >= 0", {{"f", f}});
    if (f >= n - f) detail::refuse(*this, "needs n > 2f", {{"n", n}, {"f", f}});
  }
  void check(detail::row_weights const& w) const {
    double const total = w.total(), cut = w.heaviest(f);
    if (!(total - 2 * cut > w.slack(total, w.lightest()))) {
      detail::refuse(*this, "needs more weight than twice that of the f heaviest rows",
                     {{"f", f}, {"their share of the weight", cut / total}});
    }
  }
  void into(any_reports auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(any_reports auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  static constexpr bool sorted = true;
  template <class T>
  void reduce(detail::tile<T> const& t, auto&& y) const {
    Index const end = t.rows - f;
    y.setZero();
    for (Index i = f; i < end; ++i) y += t.array(i).template cast<double>();
    y /= static_cast<double>(end - f);
    // Rounding must not leave the range of the values that were averaged.
    for (Index c = 0; c < t.width; ++c) {
      double const low = static_cast<double>(t.row(f)[c]), high = static_cast<double>(t.row(end - 1)[c]);
      y(c) = y(c) < low ? low : y(c) > high ? high : y(c);
    }
  }
  double reduce(detail::column const& c, detail::row_weights const& w) const {
    double const cut = w.heaviest(f), end = c.total - cut;
    if (!(end - cut > w.slack(c.total, w.lightest()))) return std::numeric_limits<double>::quiet_NaN();
    double sum = 0, kept = 0, before = 0, low = 0, high = 0;
    for (Index i = 0; i < c.size(); ++i) {
      double const share = std::min(before + c.weights[i], end) - std::max(before, cut);
      before += c.weights[i];
      if (share <= w.slack(c.total, c.weights[i])) continue;  // a share that is only rounding would let infinity in
      if (kept == 0) low = c.values[i];
      high = c.values[i];
      sum += share * c.values[i];
      kept += share;
    }
    return std::clamp(sum / kept, low, high);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

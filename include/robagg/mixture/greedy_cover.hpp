// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../detail/table/check.hpp"
#include "../scores.hpp"
#include "detail/lazy_greedy.hpp"

#include <cmath>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// What a greedy choice took, in that order, and what it covers.
struct cover {
  std::vector<Index> rows;
  double value = 0;
};

/// Few rows that cover much: one after the other the row that adds the most value which no chosen row has. A diverse choice,
/// where `top` takes copies of the same.
///
/// Shapes     n rows x d elements, a row has the elements that are not 0; and d values of the elements or none: 1 each -> a
///            cover.
/// Ranges     k >= 0: how many rows at most. Values >= 0 and finite.
/// Errors     k < 0; another number of values, or one that is negative, NaN or infinite; a NaN in the table.
/// Guarantee  at least 1 - 1/e of what any k rows cover. Stops where no row adds anything.
/// Cost       O(n d), then lazily: usually few of the k n d comparisons that looking at every row each time would take.
/// NaN        refused.     Weights  the elements' values; rows have none.    Ties  the first row.
/// Source     Nemhauser, Wolsey and Fisher, 1978; Minoux, 1978 (lazily).     Example  examples/mixtures.cpp
struct greedy_cover {
  required<count, "k"> k;

  static constexpr Index least_rows = 0;
  static constexpr int reads = detail::plain;
  static constexpr void parameters(auto& op, auto visit) { visit("k", op.k); }
  void check(Index) const {
    if (k < 0) detail::refuse(*this, "needs k >= 0", {{"k", k}});
  }

  template <any_reports R, detail::scores V>
  void into(R const& r, V const& values, cover& out, workspace& ws) const {
    auto const scope = ws.scope();
    Index const d = r.cols(), given = static_cast<Index>(values.size());
    if (given != d) detail::refuse(*this, "needs a value for each element", {{"elements", d}, {"values", given}});
    auto const* const value = detail::score_values(values, ws);
    for (Index j = 0; j < d; ++j) {
      double const v = static_cast<double>(value[j]);
      if (!(v >= 0) || !std::isfinite(v)) detail::refuse(*this, "needs finite values >= 0", {{"element", j}, {"value", v}});
    }
    choose(r, [value](Index j) { return static_cast<double>(value[j]); }, out, ws);
  }
  template <any_reports R>
  void into(R const& r, cover& out, workspace& ws) const {
    choose(r, [](Index) { return 1.; }, out, ws);
  }
  auto operator()(any_reports auto const& r, detail::scores auto const&... values) const {
    workspace ws;
    cover out;
    into(r, values..., out, ws);
    return out;
  }

 private:
  template <class R>
  void choose(R const& r, auto const& value, cover& out, workspace& ws) const {
    auto&& entered = detail::enter(*this, r);
    auto const scope = ws.scope();
    auto const& x = detail::plain_of(entered);
    Index const n = r.rows(), d = r.cols();
    using S = typename std::remove_cvref_t<decltype(x)>::Scalar;
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < d; ++j) {
        if (x(i, j) != x(i, j)) detail::refuse(*this, "needs a table without NaN", {{"row", i}, {"element", j}});
      }
    }
    auto* const heap = ws.take<detail::row_gain>(n);
    double* const left = ws.take<double>(d);  // of the elements' values
    for (Index j = 0; j < d; ++j) left[j] = value(j);
    out.rows.clear();
    out.value = 0;
    auto const gain = [&](Index i) {
      double sum = 0;
      for (Index j = 0; j < d; ++j) sum += x(i, j) != S(0) ? left[j] : 0;
      return sum;
    };
    detail::choose_lazily(n, k, heap, gain, [&](Index i, double gained) {
      for (Index j = 0; j < d; ++j) left[j] = x(i, j) != S(0) ? 0 : left[j];
      out.rows.push_back(i), out.value += gained;
    });
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
// The engine of every operator that treats each column on its own. An operator says
//
//   static constexpr auto nan = detail::nan_is::...;      what a NaN counts as
//   static constexpr bool sorted = true;                  (where it wants each column ascending)
//   void reduce(tile<T> const&, auto&& y) const;          a tile of n full rows -> one value a column
//   double reduce(column const&, row_weights const&) const;   one column of values with weights
//
// and the engine does the rest: tiles, input kinds, NaN, absent entries, weights, output.
#pragma once

#include "check.hpp"
#include "network.hpp"

#include <algorithm>
#include <functional>  // std::greater
#include <limits>
#include <numeric>     // std::iota

namespace robagg::inline ROBAGG_ABI::detail {

enum class nan_is { nan, highest, lowest };

template <class T>
void settle_nan(nan_is rule, T* x, Index w) {
  if (rule == nan_is::nan) return;
  T const to = rule == nan_is::highest ? std::numeric_limits<T>::infinity() : -std::numeric_limits<T>::infinity();
  for (Index c = 0; c < w; ++c) x[c] = x[c] != x[c] ? to : x[c];
}

// What an operator may ask of the weights of a whole table.
struct row_weights {
  list<double> heaviest_sums;  // [f] = the weight of the f heaviest rows
  double epsilon;              // of the type that carries the weights
  Index rows() const { return heaviest_sums.size() - 1; }
  double heaviest(Index f) const { return heaviest_sums[std::min(f, rows())]; }
  double total() const { return heaviest_sums[rows()]; }
  double lightest() const { return total() - heaviest_sums[rows() - 1]; }
  // How far a cumulated weight may miss its mark by rounding; never as far as the weight of a row that
  // is at stake, which many rows with weights of few digits would reach.
  double slack(double sum, double at_stake) const {
    return std::min(4 * static_cast<double>(rows()) * epsilon * sum, .25 * at_stake);
  }
};

// One column: values (ascending where the operator is sorted) with weights above 0.
struct column {
  list<double> values, weights;
  double total;
  Index size() const { return values.size(); }
};

// A column in which nothing is present.
template <class Op>
double nothing(Op const& op) {
  if constexpr (requires { op.reduce_nothing(); }) {
    return op.reduce_nothing();
  } else {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

// Weighted or incomplete tables, a column at a time.
template <class Op, class R, class Out>
void uneven_columns(Op const& op, R const& r, Out& out, workspace& ws) {
  using T = wide_of<R>;
  auto const scope = ws.scope();
  auto&& x = detail::readable(detail::plain_of(r));
  Index const n = x.rows(), d = x.cols();

  // Rows of weight 0 are absent.
  auto rows = ws.vector<Index>(n);
  auto row_weight = ws.vector<double>(n);
  Index present = 0;
  detail::read_weights(r, row_weight.data());
  for (Index i = 0; i < n; ++i) {
    if (row_weight(i) > 0) rows(present) = i, row_weight(present++) = row_weight(i);
  }
  auto sums = ws.vector<double>(present + 1);
  sums(0) = 0;
  std::partial_sort_copy(row_weight.data(), row_weight.data() + present, sums.data() + 1, sums.data() + 1 + present,
                         std::greater<>{});
  std::partial_sum(sums.data(), sums.data() + present + 1, sums.data());
  row_weights const weights{{sums.data(), present + 1}, detail::weight_epsilon(r)};
  if constexpr (requires { op.check(weights); }) op.check(weights);

  struct entry {
    double value, weight;
  };
  auto* const entries = ws.take<entry>(present);
  auto values = ws.vector<double>(present);
  auto value_weights = ws.vector<double>(present);
  auto result = ws.vector<double>(block_columns);
  tile<T> const full = working_tile<T>(ws, n, d);

  detail::fit_vector(out, d);
  for (Index j = 0; j < d; j += full.width) {
    auto const t = full.first_columns(std::min(full.width, d - j));
    detail::load(x, j, t, ws);
    if (!incomplete_reports<R>) {
      for (Index i = 0; i < n; ++i) settle_nan(Op::nan, t.row(i), t.width);
    }
    for (Index c = 0; c < t.width; ++c) {
      Index m = 0;
      for (Index k = 0; k < present; ++k) {
        double const v = static_cast<double>(t.row(rows(k))[c]);
        if (incomplete_reports<R> && v != v) continue;
        entries[m++] = {v, row_weight(k)};
      }
      if constexpr (Op::sorted) {
        std::sort(entries, entries + m, [](entry const& a, entry const& b) { return a.value < b.value; });
      }
      double total = 0;
      for (Index k = 0; k < m; ++k) {
        values(k) = entries[k].value, value_weights(k) = entries[k].weight;
        total += entries[k].weight;
      }
      column const col{{values.data(), m}, {value_weights.data(), m}, total};
      result(c) = m == 0 ? detail::nothing(op) : op.reduce(col, weights);
    }
    detail::store(out, j, result.data(), t.width);
  }
}

/// Runs a coordinate-wise operator over any table. An origin changes nothing for rules that move
/// with their column, so `around` reads as its base here.
template <class Op, class R, class Out>
void columns(Op const& op, R const& r, Out& out, workspace& ws) {
  detail::enter(op, r);
  ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
  if constexpr (weighted_reports<R> || incomplete_reports<R>) {
    detail::uneven_columns(op, r, out, ws);
  } else {
    using T = wide_of<R>;
    auto const scope = ws.scope();
    auto&& x = detail::readable(detail::plain_of(r));
    Index const n = x.rows(), d = x.cols();
    tile<T> const full = working_tile<T>(ws, n, d);
    auto result = ws.vector<double>(block_columns);
    detail::fit_vector(out, d);
    for (Index j = 0; j < d; j += full.width) {
      auto const t = full.first_columns(std::min(full.width, d - j));
      detail::load(x, j, t, ws);
      for (Index i = 0; i < n; ++i) settle_nan(Op::nan, t.row(i), t.width);
      if constexpr (Op::sorted) sort_columns(t);
      op.reduce(t, Eigen::Map<Eigen::Array<double, 1, Eigen::Dynamic>, Eigen::AlignedMax>(result.data(), t.width));
      detail::store(out, j, result.data(), t.width);
    }
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

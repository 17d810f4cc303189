// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "quantile.hpp"

#include <algorithm>

namespace robagg::inline ROBAGG_ABI {

/// Several quantiles of each column: row k of the result is the ps[k]-quantile, the bits of `quantile`.
///
/// Shapes     n x d reports -> ps.size() x d.   Ranges  0 <= p <= 1, in any order.
/// Errors     no p, or one outside [0, 1] or NaN; n = 0; weights as for quantile.
/// Guarantee  that of each quantile.
/// Cost       one read and one sort for all, O(d n log^2 n), of plain tables up to 2,048 rows; others take one quantile after
///            the other.
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column without values).
/// Weights    as for quantile; the rows of the result have none.    Ties  irrelevant: equal values are equal.
/// Source     as for quantile.                Example  examples/stack_images.cpp
struct quantiles {
  list<double> ps;
  quantile_rule rule = quantile_rule::averaged;

  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) { visit("ps", op.ps), visit("rule", op.rule); }

  void check(Index) const {
    if (ps.empty()) detail::refuse(*this, "needs a share p in its list", {{"ps", ps.size()}});
    for (double const p : ps) {
      if (!(p >= 0 && p <= 1)) detail::refuse(*this, "needs 0 <= p <= 1", {{"p", p}});
    }
  }
  Index rows(Index) const { return ps.size(); }

  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    auto&& entered = detail::enter(*this, r);
    if constexpr (weighted_reports<R>) detail::check_cumulates(*this, rule);
    detail::need(*this, scratch(r), ws);
    ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
    detail::fit_table(*this, out, ps.size(), r.cols());
    // One sort for all of them, but where `quantile` is compiled elsewhere, for another set, whose rounding differs.
    if constexpr (!weighted_reports<R> && !incomplete_reports<R> && !detail::has_a_kernel<quantile, detail::wide_of<R>>) {
      if (r.rows() <= detail::tall_rows) return sort_once(detail::plain_of(entered), out, ws);
    }
    for (Index k = 0; k < ps.size(); ++k) {
      auto row = out.row(k);
      detail::columns(at(k), entered, row, ws);
    }
  }
  template <class R>
  std::size_t scratch(R const& r) const {
    using T = detail::wide_of<R>;
    Index const n = r.rows(), piece = detail::piece_of<T>(n, r.cols());
    return std::max(detail::columns_scratch(at(0), r), detail::source_scratch<T>(detail::plain_of(r), n, piece) +
                                                           workspace::room<T>((n + 1) * piece) + workspace::room<T>(piece) +
                                                           detail::column_sorter<T>::scratch(n, piece));
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

 private:
  quantile at(Index k) const { return {.p = ps.empty() ? 0 : ps[k], .rule = rule}; }

  template <class X>
  void sort_once(X const& x, auto& out, workspace& ws) const {
    using T = detail::wide_of<X>;
    using V = detail::packet<T>;
    using row_values = detail::rows_column<V, detail::nan_is::highest>;
    constexpr Index lanes = detail::lanes<T>;
    Index const n = x.rows();
    detail::rank_range all{n, 0};
    for (Index k = 0; k < ps.size(); ++k) {
      auto const [first, last] = at(k).wanted(n);
      all = {std::min(all.first, first), std::max(all.last, last)};
    }
    auto const table = detail::reader_of<T>(x);
    ws.for_slices(x.cols(), detail::block_columns, [&](Index begin, Index end, workspace& own) {
      auto const scope = own.scope();
      Index const piece = detail::piece_of<T>(n, end - begin);
      detail::table_source<T> const source(table, nullptr, n, piece, own);
      T *const values = own.take<T>(n * piece), *const results = own.take<T>(piece);
      detail::column_sorter<T> sorter(n, all, piece, own);
      for (Index j = begin, w; j < end; j += w) {
        w = std::min(piece, end - j);
        if (w > detail::unit<T>) w -= w % detail::unit<T>;
        auto const [rows, offset] = source.at(j, w);
        auto const sorted =
            sorter({.rows = rows, .offset = offset, .packets = (w + lanes - 1) / lanes, .to = values, .stride = piece});
        for (Index k = 0; k < ps.size(); ++k) {
          quantile const one = at(k);
          for (Index l = 0; l < w; l += lanes) {
            V const y = one.reduce(detail::sorted_column<V, row_values>{
                {sorted.values + l, sorted.stride, n}, {rows, offset + l, n}, one.wanted(n)});
            detail::store<V>(results + l, V(y + T(0)));
          }
          auto row = out.row(k);
          detail::store(row, j, results, w);
        }
      }
    });
  }
};

}  // namespace robagg::inline ROBAGG_ABI

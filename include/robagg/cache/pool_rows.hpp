// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "detail/attention.hpp"
#include "../detail/geometry/combine.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Spreads each query's attention over neighbouring keys: average pooling along the rows, zeros beyond the ends. Keys that
/// stand next to an important one are often part of the same word.
///
/// Shapes     n queries x d keys -> n x d. In a pipe before a coordinate-wise rule, `pool_rows{} | defensive{}`, the pooled
///            table is formed column by column and never as a whole.
/// Ranges     kernel odd, >= 1; 1 changes nothing but absent values. keep_mass: every row keeps the sum it had, which the
///            zeros at the ends would reduce.
/// Errors     kernel even or below 1; n = 0.
/// Guarantee  with keep_mass the sum of a row >= 0 stays; a row of zeros stays one.
/// Cost       one read for the sums, one for the result; O(n d kernel).
/// NaN        NaN and infinities count as absent: 0.     Weights  queries keep theirs.     Ties  none.
/// Source     the pooling of SnapKV (Li et al., 2024) as DefensiveKV (Feng et al., 2025) applies it: before the reduction,
///            with the row's mass restored.
/// Example    examples/cache_policies.cpp
struct pool_rows {
  Index kernel = 5;
  bool keep_mass = true;

  static constexpr bool keeps_rows = true;
  static constexpr int reads = detail::has_weights | detail::lacks_rows;
  static constexpr void parameters(auto& op, auto visit) { visit("kernel", op.kernel), visit("keep_mass", op.keep_mass); }

  void check(Index) const {
    if (kernel < 1 || kernel % 2 == 0) detail::refuse(*this, "needs an odd kernel >= 1", {{"kernel", kernel}});
  }
  Index rows(Index n) const { return n; }

  void into(any_reports auto const& r, auto&& out, workspace& ws) const {
    ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
    auto&& entered = detail::enter(*this, r);
    auto const& x = detail::plain_of(entered);
    detail::need(*this, scratch(r), ws);
    detail::fit_table(*this, out, x.rows(), x.cols());
    auto const scope = ws.scope();
    auto const pooled = view(x, ws);
    using T = typename decltype(pooled)::Scalar;
    detail::tile<T> const t = detail::working_tile<T>(ws, x.rows(), x.cols());
    for (Index j = 0; j < x.cols(); j += t.width) {
      auto const part = t.first_columns(std::min(t.width, x.cols() - j));
      pooled.load(j, part, ws);
      for (Index i = 0; i < x.rows(); ++i) {
        auto row = out.row(i);
        detail::store(row, j, part.row(i), part.width);
      }
    }
  }
  std::size_t scratch(auto const& r) const {
    auto const& x = detail::plain_of(r);
    using T = detail::wide_of<decltype(x)>;
    return view_scratch(x) + detail::tile_scratch<T>(x) +
           detail::load_scratch(shape(x), std::min(x.cols(), detail::block_columns));
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  // Of the view: what it takes, and its shape.
  template <class R>
  std::size_t view_scratch(R const& x) const {
    using T = detail::wide_of<R>;
    return workspace::room<double>(x.rows()) + workspace::room<T>(detail::block_columns) +
           2 * workspace::room<T>(x.rows() * detail::tile<T>::padded(kernel)) + detail::load_scratch(x, kernel);
  }
  template <class R>
  detail::pooled_table<R> shape(R const& x) const {
    return {x, {kernel, keep_mass}, nullptr};
  }
  /// The pooled rows of a plain table as a table that is computed where it is read; the memory is the workspace's.
  template <class R>
  detail::pooled_table<R> view(R const& x, workspace& ws) const {
    detail::key_pooling const pool{kernel, keep_mass};
    return {x, pool, detail::pooling_factors(pool, x, ws)};
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"
#include "../detail/columns/cuts.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Moves the f smallest reports of each column up to the next one, the f largest down to the next one, and averages them all.
///
/// Shapes     n x d reports -> d.           Ranges  f >= 0.
/// Errors     needs n > 2f; with weights, a total above 2 W_f (below).
/// Guarantee  stays between the smallest and the largest honest report while at most f rows lie.
/// Cost       one read of the table, O(d n log^2 n); in registers up to 32 rows.
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column with too few left for f).
/// Weights    on each side W_f, the weight of the f heaviest rows, moves to the value that is there.
/// Ties       irrelevant: equal values are equal.
/// Source     Tukey and McLaughlin, Less vulnerable confidence and significance procedures for location, 1963.
/// Example    examples/stack_images.cpp
struct winsorized_mean {
  static constexpr detail::kernel_number<winsorized_mean> kernel{16};
  required<count, "f"> f;  ///< how many rows may lie

  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  static constexpr void parameters(auto& op, auto visit) { visit("f", op.f); }

  void check(Index n) const { detail::check_liars(*this, n, f); }
  void check(detail::weight_table const& w) const { detail::check_heaviest(*this, w, f); }
  bool enough(Index m) const { return m - f > f; }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  static constexpr bool any_order = true;  // within the ranks that are kept
  detail::rank_range wanted(Index n) const { return {f, n - f}; }
  auto reduce(auto const& x, auto const&... w) const {
    return detail::cut_mean<detail::cut_off::moves>(x, detail::cut_rows(f, f), w...);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

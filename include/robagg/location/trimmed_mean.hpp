// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/means.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Drops the f smallest and the f largest reports of each column and averages the rest.
///
/// Shapes     n x d reports -> d.           Ranges  f >= 0.
/// Errors     needs n > 2f; with weights, a total above 2 W_f (below).
/// Guarantee  stays between the smallest and the largest honest report while at most f rows lie.
/// Cost       one read of the table, O(d n log^2 n); in registers up to 32 rows.
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column with too few left for f).
/// Weights    each side loses W_f, the weight of the f heaviest rows, the row at the edge in part: the
///            guarantee still speaks of any f rows, and one huge weight is refused, not obeyed.
/// Ties       irrelevant: equal values are equal.
/// Source     Yin et al., Byzantine-robust distributed learning, 2018.
/// Example    examples/federated_round.cpp
struct trimmed_mean {
  static constexpr detail::kernel_number<trimmed_mean> kernel{3};
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
  auto reduce(auto const& x) const {
    Index const last = x.size() - f;
    return detail::within(detail::mean_of(x, f, last), x[f], x[last - 1]);
  }
  template <class X>
  auto reduce(X const& x, auto const& w) const {
    using V = typename X::packet_type;
    return detail::middle_mean(x, w, detail::all_doubles<V>(w.table.heaviest(f)));
  }
};

}  // namespace robagg::inline ROBAGG_ABI

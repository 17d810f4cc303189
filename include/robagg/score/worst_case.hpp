// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../detail/columns.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The most pessimistic reward of each candidate: the minimum of each column (worst-case optimisation).
///
/// Shapes     n members x d candidates -> d scores.
/// Errors     n = 0 is bad_input.
/// Guarantee  never above any honest member's reward, however many of the others lie: no liar can
///            make a candidate look better than the most pessimistic honest member finds it. One liar
///            can veto a candidate.
/// Cost       one read of the table, O(n d).
/// NaN        a column with a NaN member scores -infinity (a lie must not gain by it); under skip_nan
///            the members that are there decide, NaN where there are none.
/// Weights    a weight above 0 counts in full, 0 is an absent member.   Ties  irrelevant.
/// Source     Coste et al., Reward model ensembles help mitigate overoptimization, 2024 (WCO).
/// Example    examples/best_of_n.cpp
struct worst_case {
  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;

  void into(any_reports auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(any_reports auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::lowest;
  static constexpr bool sorted = false;
  template <class T>
  void reduce(detail::tile<T> const& t, auto&& y) const {
    y = t.array(0).template cast<double>();
    for (Index i = 1; i < t.rows; ++i) y = y.min(t.array(i).template cast<double>());
  }
  double reduce(detail::column const& c, detail::row_weights const&) const {
    return *std::min_element(c.values.begin(), c.values.end());
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/geometry/lowest.hpp"

namespace robagg::inline ROBAGG_ABI {
namespace detail {

// Of an even number of values the lower one of the middle.
struct lower_median {
  static constexpr detail::kernel_number<lower_median> kernel{28};
  static constexpr bool coordinatewise = true;
  static constexpr int reads = plain;
  static constexpr auto nan = nan_is::highest;
  rank_range wanted(Index n) const { return {(n - 1) / 2, (n - 1) / 2 + 1}; }
  auto reduce(auto const& x) const { return x[x.wanted.first]; }
};

}  // namespace detail

/// Averages the `keep` reports nearest to the coordinate-wise median.
///
/// Shapes     n x d reports -> d.
/// Ranges     keep 1..n, and 0 means floor((n+1)/2). Of an even number of reports, the median is the lower one.
/// Errors     keep out of range; n = 0.
/// Guarantee  while f < n/2 rows lie and keep <= n-f, no row that counts is farther from the median than the farthest
///            honest one, and the median is between honest values in every column.
/// Cost       three reads: for the median, for the distances to it, and for the result. No distances between rows.
/// NaN        counts as +infinity in the median; a row without a finite distance to it is never kept, and with fewer
///            than `keep` others every column is NaN.
/// Weights    no weighted form.               Ties  the lowest rows.
/// Source     Boussetta et al., AKSEL: fast Byzantine SGD, 2020.
/// Example    examples/federated_round.cpp
struct aksel {
  Index keep = 0;  ///< 0: floor((n+1)/2); the cautious choice; n-f averages more

  static constexpr int reads = detail::has_origin;
  static constexpr void parameters(auto& op, auto visit) { visit("keep", op.keep); }

  bool enough(Index n) const { return keep <= n; }
  void check(Index n) const {
    if (keep < 0 || !enough(n)) {
      detail::refuse(*this, "needs 1 <= keep <= n, or 0 for the default", {{"keep", keep}, {"n", n}});
    }
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::combine_from(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// 1/keep for the nearest rows.
  std::size_t weights_scratch(auto const& r) const {
    using T = detail::wide_of<decltype(r)>;
    auto const& x = detail::plain_of(r);
    return workspace::room<T>(x.cols()) + workspace::room<detail::pair>(x.rows()) + 3 * workspace::room<double>(x.rows()) +
           detail::lowest_scratch(x.rows()) +
           std::max(detail::columns_scratch(detail::lower_median{}, x), detail::sums_scratch<T>(x, x.rows()));
  }
  template <any_reports R>
  auto weights_from(R const& r, workspace& ws) const {
    using T = detail::wide_of<R>;
    auto const& x = detail::plain_of(r);
    Index const n = x.rows();
    auto median = ws.vector<T>(x.cols());
    detail::columns(detail::lower_median{}, x, median, ws);
    // The squared distances to it, from differences in double; rows that are not finite have none.
    auto const own = ws.take<detail::pair>(n);
    for (Index i = 0; i < n; ++i) own[i] = {i, i};
    auto distances = detail::sum_over_table(robagg::around(x, median), n, ws, detail::some_products<T>{{own, n}, n});
    for (Index i = 0; i < n; ++i) distances(i) = distances(i) < detail::infinity ? distances(i) : detail::infinity;
    return detail::mean_of_lowest(distances, keep > 0 ? keep : (n + 1) / 2, ws);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

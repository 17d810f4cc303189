// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"
#include "../detail/columns/walsh.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The median of the averages of all pairs of reports, column by column, each report with itself, too: n (n + 1) / 2 of them.
///
/// Shapes     n x d reports -> d.
/// Errors     n = 0 is bad_input.
/// Guarantee  stays between the smallest and the largest honest report while honest pairs are more than half:
///            (n - f) (n - f + 1) > n (n + 1) / 2, up to 29 % of the rows. Of normal reports it has 95 % of the mean's
///            efficiency.
/// Cost       one read of the table, O(d n^2) in packets with no scratch for pairs, O(d n log n) above 2,048 rows.
/// NaN        counts as +infinity; absent under skip_nan (NaN for a column without values).
/// Weights    no weighted form: w reports of one value would have w (w + 1) / 2 pairs among themselves, so that a common factor
///            would change the result.         Ties  irrelevant: equal values are equal.
/// Source     Hodges and Lehmann, Estimates of location based on rank tests, 1963.
/// Example    examples/stack_images.cpp
struct hodges_lehmann {
  static constexpr detail::kernel_number<hodges_lehmann> kernel{22};
  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table & ~detail::has_weights;

  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  detail::rank_range wanted(Index n) const { return {0, n}; }
  template <class X>
  auto reduce(X const& x) const {
    using N = typename detail::average_count<typename X::packet_type>::number;
    detail::middle_pairs const pairs(x.size());
    Index const left_out = std::is_arithmetic_v<N> ? 0 : pairs.for_rows([](Index, Index, Index) {});
    return detail::median_of_averages(x, pairs, detail::all<N>(static_cast<detail::lane_of<N>>(x.size())), left_out);
  }
  template <class X>
  auto reduce(X const& x, auto const& w) const {
    using V = typename X::packet_type;
    using N = typename detail::average_count<V>::number;
    return detail::median_of_averages(x, detail::middle_pairs(x.size(), true), N(detail::as_packet<N>(w.total)), 0);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/means.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The sign that most reports of each column have: 1, -1, or 0 where as many are positive as negative.
///
/// Shapes     n x d reports -> d values of -1, 0, 1.
/// Errors     n = 0 is bad_input.
/// Guarantee  the honest majority's sign while fewer rows lie than the margin of honest votes.
/// Cost       one read of the table, O(n d).
/// NaN        counts as 0, no vote; absent under skip_nan, which is the same (NaN for a column without
///            values).                       Weights  votes count by weight.
/// Ties       an even split is 0.
/// Source     Bernstein et al., signSGD with majority vote is communication efficient and fault tolerant, 2019.
/// Example    examples/federated_round.cpp
struct sign_majority {
  static constexpr detail::kernel_number<sign_majority> kernel{9};
  static constexpr bool coordinatewise = true;
  static constexpr int reads = detail::any_table;
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::nan;
  template <class X>
  auto reduce(X const& x) const {
    using V = typename X::packet_type;
    decltype(detail::as_count(V{})) votes{};
    for (Index i = 0; i < x.size(); ++i) votes = votes + detail::as_count(sign(V(x[i])));
    return static_cast<V>(sign(votes));
  }
  template <class X>
  auto reduce(X const& x, auto const& w) const {
    using V = typename X::packet_type;
    auto votes = detail::all_doubles<V>(0);
    for (Index i = 0; i < x.size(); ++i) votes = votes + w[i] * detail::widen(sign(V(x[i])));
    using T = detail::lane_of<V>;
    V const y = detail::narrow<V>(votes);
    // Weights of .1 split evenly as well, whatever the rounding.
    return detail::absolute(y) <= w.slack(detail::all<V>(static_cast<T>(w.table.lightest()))) ? V{} : sign(y);
  }

 private:
  template <class V>
  static EIGEN_ALWAYS_INLINE V sign(V x) {
    using T = detail::lane_of<V>;
    return x > V{} ? detail::all<V>(T(1)) : x < V{} ? detail::all<V>(T(-1)) : V{};
  }
};

}  // namespace robagg::inline ROBAGG_ABI

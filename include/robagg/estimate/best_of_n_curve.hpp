// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/table/output.hpp"
#include "../scores.hpp"
#include "detail/curve.hpp"

namespace robagg::inline ROBAGG_ABI {

/// What best-of-n is worth: the expected value of the candidate with the highest proxy score among n of a pool of N, drawn
/// without replacement, for each n. Without bias, from one pool.
///
/// Shapes     N proxy scores and N values (a gold score, or 1 for right) -> one expectation for each of `ns`. With the
///            proxy itself as value: the expected maximum. With 0 and 1 as values of a perfect proxy: pass@n.
/// Ranges     1 <= n <= N for each n.
/// Errors     no candidates; another number of values; n out of range.
/// Guarantee  exact: the mean over all subsets, and over all orders of equal proxy scores.
/// Cost       one sort of the pool, then O(N) per n, in double.
/// NaN        a NaN proxy score comes last; a NaN or infinite value spoils every n that can choose it.
/// Ties       equal proxy scores share their places: the mean of their values counts.
/// Source     Nakano et al., WebGPT, 2021; Gao, Schulman and Hilton, Scaling laws for reward model overoptimization, 2023.
/// Example    examples/best_of_n_worth.cpp
struct best_of_n_curve {
  list<Index> ns;

  static constexpr void parameters(auto& op, auto visit) { visit("ns", op.ns); }

  template <detail::scores P, detail::scores V>
  void into(P const& proxy, V const& values, auto&& out, workspace& ws) const {
    auto const pool = static_cast<Index>(proxy.size()), given = static_cast<Index>(values.size());
    if (pool < 1) detail::refuse(*this, "needs at least one candidate", {{"N", pool}});
    if (given != pool) detail::refuse(*this, "needs one value per candidate", {{"N", pool}, {"values", given}});
    for (Index const n : ns) {
      if (n < 1 || n > pool) detail::refuse(*this, "needs 1 <= n <= N", {{"n", n}, {"N", pool}});
    }
    auto const scope = ws.scope();
    double const* const ordered = detail::values_by_proxy(proxy, values, ws);
    detail::fit_vector(*this, out, ns.size(), "ns.size()");
    using many = detail::packet<double>;
    constexpr Index lanes = detail::lanes<double>;
    for (Index j = 0; j < ns.size(); j += lanes) {
      Index const some = std::min(lanes, ns.size() - j);
      double part[sizeof(many) / sizeof(double)];
      for (Index l = 0; l < lanes; ++l) part[l] = static_cast<double>(ns[j + std::min(l, some - 1)]);
      detail::store<many>(part, detail::expected_best(ordered, pool, detail::load<many>(part)));
      detail::store(out, j, part, some);
    }
  }
  auto operator()(detail::scores auto const& proxy, detail::scores auto const& values) const {
    workspace ws;
    Eigen::VectorXd out;
    into(proxy, values, out, ws);
    return out;
  }
};

}  // namespace robagg::inline ROBAGG_ABI

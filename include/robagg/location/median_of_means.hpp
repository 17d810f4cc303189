// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "median.hpp"

namespace robagg::inline ROBAGG_ABI {
namespace detail {

// The means of exactly `groups` groups of neighbouring rows, as equal in size as they can be.
struct neighbour_means {
  Index groups;

  static constexpr int reads = has_origin;
  static constexpr bool few_terms = true;
  Index rows(Index) const { return groups; }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::mix(*this, r, out, ws); }

  auto mixing(row_weights const& g, workspace& ws) const {
    auto W = ws.table<double>(groups, g.rows());
    W.setZero();
    for (Index k = 0; k < groups; ++k) {
      Index const first = k * g.rows() / groups, last = (k + 1) * g.rows() / groups;
      W.row(k).segment(first, last - first).setConstant(1. / static_cast<double>(last - first));
    }
    return W;
  }
};

}  // namespace detail

/// Averages the reports in `groups` groups and takes the median of those means, column by column: as steady as a mean
/// while most groups are honest.
///
/// Shapes     n x d reports -> d.
/// Ranges     1 <= groups <= n: 1 is the mean, n the median. Group g holds rows floor(g n / groups) up to
///            floor((g+1) n / groups); where neighbours may belong together, shuffle first (bucketing{.size = 1}).
/// Errors     groups out of range; n = 0.
/// Guarantee  f liars spoil at most f groups: the result stays between the means of honest groups while
///            f < groups/2. Of honest reports alone it misses the expectation by more than 2 sigma sqrt(groups/n) with
///            a probability of at most exp(-groups/8), in each column, where groups divides n.
/// Cost       one read of the table, O(n d).
/// NaN        spoils its group, whose mean then counts as +infinity.
/// Weights    no weighted form.               Ties  irrelevant: equal values are equal.
/// Source     Nemirovsky and Yudin 1983; Lugosi and Mendelson, Mean estimation and regression under heavy tails, 2019.
/// Example    examples/federated_round.cpp
struct median_of_means {
  required<count, "groups"> groups;

  static constexpr int reads = detail::has_origin | detail::lacks_rows;
  static constexpr void parameters(auto& op, auto visit) { visit("groups", op.groups); }

  bool enough(Index n) const { return groups <= n; }
  void check(Index n) const {
    if (groups < 1 || !enough(n)) detail::refuse(*this, "needs 1 <= groups <= n", {{"groups", groups}, {"n", n}});
  }
  auto stages(Index) const { return detail::neighbour_means{groups} | median{}; }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::run_stages(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/geometry/krum_score.hpp"
#include "mean_around_median.hpp"

namespace robagg::inline ROBAGG_ABI {
namespace detail {

// Bulyan's first stage: n - 2f times the row that Krum chooses among those that are left, with max(1, m-f-2) neighbours
// when m are left.
struct krum_selection {
  Index f;

  static constexpr int reads = has_origin;
  static constexpr void parameters(auto& op, auto visit) { visit("f", op.f); }
  static constexpr Index matrices = 1;
  Index rows(Index n) const { return n - 2 * f; }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::mix(*this, r, out, ws); }

  // 1 at each chosen row, in the order of the table, so that the second stage sees its ties there.
  auto mixing(row_distances const& g, workspace& ws) const {
    Index const n = g.rows();
    auto W = ws.table<double>(rows(n), n);
    if (g.located_rows() < n - f) {
      W.setConstant(std::numeric_limits<double>::quiet_NaN());
      return W;
    }
    auto const scope = ws.scope();
    neighbour_lists const near(g, ws);
    auto left = ws.vector<unsigned char>(n);
    left.setOnes();
    for (Index m = n; m > 2 * f; --m) {
      Index best = -1;
      krum_score least{};
      for (Index i = 0; i < n; ++i) {
        if (!left(i) || !g.located(i)) continue;
        krum_score const score = near.score(i, std::max(Index{1}, m - f - 2), left);
        if (best < 0 || score < least) {
          best = i;
          least = score;
        }
      }
      left(best) = 0;
    }
    W.setZero();
    for (Index i = 0, k = 0; i < n; ++i) {
      if (!left(i)) W(k++, i) = 1;
    }
    return W;
  }
};

// Bulyan's second stage: per column the mean of the `keep` values nearest to the median.
struct nearest_to_median {
  static constexpr detail::kernel_number<nearest_to_median> kernel{29};
  Index keep;

  static constexpr bool coordinatewise = true;
  static constexpr int reads = has_origin;
  static constexpr void parameters(auto& op, auto visit) { visit("keep", op.keep); }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::columns(*this, r, out, ws); }

  static constexpr auto nan = nan_is::nan;  // the selection has none, or nothing else
  rank_range wanted(Index n) const { return {0, n}; }
  rank_range kept(auto const& sorted) const {
    return mean_around_median{static_cast<Index>(sorted.size()) - keep}.kept(sorted);
  }
  auto reduce(auto const& x) const { return mean_around_median{x.size() - keep}.reduce(x); }
};

}  // namespace detail

/// Chooses n - 2f reports, one after the other by Krum, and averages the n - 4f values of each column that are
/// nearest to the median of the chosen ones.
///
/// Shapes     n x d reports -> d.           Ranges  f >= 0.
/// Errors     needs n >= 4f + 3.
/// Guarantee  while at most f rows lie, the median of the chosen is between honest values of its column, and
///            no value that is averaged is farther from it than the farthest honest one of the chosen.
/// Cost       one read for the distances, O(n^2 d), O(n^3) for the choice, one read for the result.
/// NaN        a row without a finite distance to the others is never chosen while n-f others are left; with
///            fewer, every column is NaN.
/// Weights    no weighted form.
/// Ties       the lowest row, in the choice and around the median. With f < 3 there always are some: one
///            neighbour decides in the last rounds, and the two rows of the nearest pair have the same one.
/// Dialects   this is the paper's rule, as in Flower. Garfield averages in every round and chooses two rows
///            fewer; ByzantineMomentum also keeps the first scores.
/// Source     El Mhamdi et al., The hidden vulnerability of distributed learning in Byzantium, 2018.
/// Example    examples/federated_round.cpp
struct bulyan {
  required<count, "f"> f;  ///< how many rows may lie

  static constexpr int reads = detail::has_origin | detail::lacks_rows;
  static constexpr void parameters(auto& op, auto visit) { visit("f", op.f); }

  bool enough(Index n) const { return n >= 3 && f <= (n - 3) / 4; }
  void check(Index n) const {
    if (f < 0) detail::refuse(*this, "needs f >= 0", {{"f", f}});
    if (!enough(n)) detail::refuse(*this, "needs n >= 4f + 3", {{"n", n}, {"f", f}});
  }
  auto stages(Index n) const { return detail::krum_selection{f} | detail::nearest_to_median{n - 4 * f}; }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::run_stages(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../location/median.hpp"
#include "../pipe.hpp"
#include "detail/rankings.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Minus the median of the ranks that the voters give an item: fewer than half of the voters cannot place it where they like.
///
/// Shapes     n voters x d items, scores of which the larger is better -> d scores in -d..-1, half ranks among them.
/// Errors     n = 0; weights whose sum is infinite.
/// Guarantee  no item's median leaves the range of the ranks of any majority of the voters.
/// Cost       one read of the table, O(n d log d), and the median of n ranks for each item.
/// NaN        not ranked: with `ignored` absent, and NaN where no voter ranks the item; otherwise the item shares the last
///            ranks.
/// Weights    the weighted median.             Ties  level items share the average of their ranks; stay ties.
/// Source     definition; `ranks{} | mean{}` is the mean rank, `ranks{} | trimmed_mean{.f = 1}` a trimmed one.
/// Example    examples/leaderboard.cpp
struct median_rank {
  robagg::unranked unranked = robagg::unranked::last;

  static constexpr int reads = detail::rankings_read;
  static constexpr void parameters(auto& op, auto visit) { visit("unranked", op.unranked); }

  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    detail::score_items(*this, r, out, ws, [&](auto const& x, double* scores) {
      Index const n = x.rows(), d = x.cols();
      auto given = ws.table<double>(n, d);
      auto weights = ws.vector<double>(n);
      Index voters = 0;
      detail::for_each_ranking(*this, x, ws, [&](detail::ranking const& voter) {
        weights(voters) = voter.weight;
        for (Index i = 0; i < d; ++i) {
          bool const counts = unranked != robagg::unranked::ignored || voter.has(i);
          given(voters, i) = counts ? -voter.average_rank(i) : std::numeric_limits<double>::quiet_NaN();
        }
        ++voters;
      });
      auto to = workspace::vector_map<double>(scores, d);
      using given_rows = Eigen::Map<robagg::table<double> const>;
      median{}.into(weighted(skip_nan(given_rows(given.data(), voters, d)),
                             std::span<double const>(weights.data(), static_cast<std::size_t>(voters))),
                    to, ws);
    });
  }
  std::size_t scratch(auto const& r) const {
    Index const n = r.rows(), d = r.cols();
    using given_rows = Eigen::Map<robagg::table<double> const>;
    auto const shape = weighted(skip_nan(given_rows(nullptr, n, d)), std::span<double const>());
    return workspace::room<double>(n * d) + workspace::room<double>(n) + workspace::room<double>(d) +
           std::max(detail::scratch(median{}, shape), detail::rankings_scratch(d));
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};

}  // namespace robagg::inline ROBAGG_ABI

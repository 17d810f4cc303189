// SPDX-License-Identifier: BSL-1.0
// From the ranks of many draws to how sure they are.
#pragma once

#include "../../detail/select/radix.hpp"
#include "../order.hpp"
#include "../uncertain_ranks.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

namespace robagg::inline ROBAGG_ABI::detail {

// As order{}; of many items by digits.
inline void rank_scores(Eigen::VectorXd const& scores, double* ranks, workspace& ws) {
  Index const d = scores.size();
  if (d < 128) return order{}.into(scores, std::span<double>(ranks, static_cast<std::size_t>(d)), ws);
  auto const scope = ws.scope();
  auto const sorted = detail::sort_scores<true>([&](Index i) { return scores(i); }, [](Index) { return true; }, d, ws).first;
  for (Index first = 0, end; first < d; first = end) {
    for (end = first + 1; end < d && sorted[end].key == sorted[first].key;) ++end;
    for (Index c = first; c < end; ++c) ranks[sorted[c].place] = .5 * static_cast<double>(first + 1 + end);
  }
}

// Items in the order of their ranks; one whose interval does not meet that of the first of its group begins the next.
inline void group_ranks(uncertain_ranks& to) {
  std::vector<Index> by_rank(to.group.size());
  std::iota(by_rank.begin(), by_rank.end(), Index{0});
  std::stable_sort(by_rank.begin(), by_rank.end(), [&](Index a, Index b) { return to.rank(a) < to.rank(b); });
  Index group = 0, head = by_rank.empty() ? 0 : by_rank[0];
  for (Index const i : by_rank) {
    if (to.low(i) > to.high(head)) {
      ++group;
      head = i;
    }
    to.group[static_cast<std::size_t>(i)] = group;
  }
}

// From the ranks of the whole and those of draws x d.
inline uncertain_ranks uncertain(Eigen::VectorXd whole, table<double> const& ranks, double level, workspace& ws) {
  constexpr Index block = 16;  // columns that are read together
  Index const draws = ranks.rows(), d = ranks.cols();
  uncertain_ranks to{std::move(whole), Eigen::VectorXd(d), Eigen::VectorXd(d), Eigen::VectorXd::Zero(d),
                     std::vector<Index>(static_cast<std::size_t>(d))};
  Eigen::VectorXd best(draws);  // 2 best - 1 items share it
  for (Index s = 0; s < draws && d > 0; ++s) best(s) = ranks.row(s).minCoeff();
  auto const place = [draws](double share) {  // the least rank that so many draws do not exceed
    return static_cast<std::ptrdiff_t>(
        std::clamp(std::ceil(share * static_cast<double>(draws)) - 1, 0., static_cast<double>(draws - 1)));
  };
  auto const low = place((1 - level) / 2), high = place((1 + level) / 2);
  ws.for_slices(d, block, [&](Index from, Index end, workspace& own) {
    auto const scope = own.scope();
    auto columns = own.table<double>(block, draws);
    for (Index i = from; i < end; i += block) {
      Index const width = std::min(block, end - i);
      columns.topRows(width) = ranks.middleCols(i, width).transpose();
      for (Index c = 0; c < width; ++c) {
        double* const values = columns.row(c).data();
        double& first = to.first(i + c);
        for (Index s = 0; s < draws; ++s) first += values[s] == best(s) ? 1 / (2 * best(s) - 1) : 0;
        first /= static_cast<double>(draws);
        std::nth_element(values, values + low, values + draws);
        if (high > low) std::nth_element(values + low + 1, values + high, values + draws);
        to.low(i + c) = values[low], to.high(i + c) = values[high];
      }
    }
  });
  detail::group_ranks(to);
  return to;
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// What a table of scores says as rankings: each row ranks the columns, the higher score first, equal scores as ties, NaN
// unranked.
#pragma once

#include "../../detail/select/ties.hpp"
#include "../../detail/table/check.hpp"
#include "../../detail/table/output.hpp"
#include "../../detail/table/votes.hpp"
#include "../unranked.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

// One voter: for every item how many items with a score come before it and after it. One without a score has all of them before
// it.
struct ranking {
  double weight = 1;
  Index items = 0, ranked = 0;
  std::int32_t const* before = nullptr;
  std::int32_t const* after = nullptr;
  std::int32_t const* order = nullptr;  // items by rank, those without a score last

  bool has(Index i) const { return before[i] < ranked; }
  // The items that share its rank, itself among them.
  Index tied(Index i, unranked way) const {
    return has(i) ? ranked - before[i] - after[i] : way == unranked::last ? items - ranked : 1;
  }
  // From 1, equal items share the average.
  double average_rank(Index i) const {
    Index const size = has(i) ? ranked - before[i] - after[i] : items - ranked;
    return static_cast<double>(before[i]) + .5 * static_cast<double>(size + 1);
  }
};

inline constexpr int rankings_read = has_weights | skips_nan;

inline std::size_t rankings_scratch(Index d) {
  return workspace::room<double>(d) + detail::order_scratch<double>(d) + 3 * workspace::room<std::int32_t>(d);
}

// Calls visit(ranking) for every row that has a weight, and returns the sum of the weights.
template <class Op, class R, class Visit>
double for_each_ranking(Op const& op, R const& r, workspace& ws, Visit&& visit) {
  using T = wide_of<R>;
  auto const scope = ws.scope();
  auto const& x = detail::plain_of(r);
  Index const d = x.cols();
  auto values = ws.vector<T>(d);
  auto before = ws.vector<std::int32_t>(d), after = ws.vector<std::int32_t>(d), order = ws.vector<std::int32_t>(d);
  double total = 0;
  int exponent = 0;
  if constexpr (weighted_reports<R>) {
    for (Index i = 0; i < x.rows(); ++i) total += static_cast<double>(detail::weights_of(r)[i]);
    if (!std::isfinite(total)) refuse(op, "needs weights with a finite sum", {{"sum", total}});
    exponent = detail::vote_exponent(detail::weights_of(r), x.rows());
    total = 0;
  }
  for (Index i = 0; i < x.rows(); ++i) {
    ranking to{1, d, 0, before.data(), after.data(), order.data()};
    if constexpr (weighted_reports<R>) {
      double const votes = std::nearbyint(detail::times_power(static_cast<double>(detail::weights_of(r)[i]), exponent));
      to.weight = detail::times_power(votes, -exponent);
    }
    if (to.weight == 0) continue;
    total += to.weight;
    detail::read_row(x, i, 0, d, values.data());
    for (Index c = 0; c < d; ++c) to.ranked += values(c) == values(c);
    detail::sort_into_ties(values.data(), d, ws, [&](auto const& number, Index first, Index end) {
      for (Index c = first; c < end; ++c) {
        order(c) = static_cast<std::int32_t>(number(c));
        before(order(c)) = static_cast<std::int32_t>(first);
        after(order(c)) = static_cast<std::int32_t>(std::max<Index>(to.ranked - end, 0));
      }
    });
    visit(static_cast<ranking const&>(to));
  }
  return total;
}

// The door of a rule over rankings: score(reports, scores) fills one double for each item, which become the result.
template <class Op, class R, class Out, class Score>
void score_items(Op const& op, R const& r, Out&& out, workspace& ws, Score&& score) {
  auto&& entered = detail::enter(op, r);
  Index const d = entered.cols();
  if (d > std::numeric_limits<std::int32_t>::max()) refuse(op, "needs d < 2^31", {{"d", d}});
  detail::need(op, op.scratch(entered), ws);
  auto const scope = ws.scope();
  auto scores = ws.vector<double>(d);
  score(entered, scores.data());
  detail::fit_vector(op, out, d);
  detail::store(out, 0, scores.data(), d);
}

}  // namespace robagg::inline ROBAGG_ABI::detail

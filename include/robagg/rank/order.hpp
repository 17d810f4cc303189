// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../pipe.hpp"
#include "../scores.hpp"
#include "../transform/ranks.hpp"

#include <algorithm>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// The ranks of scores, 1 for the highest: `kemeny{} | order{}` is a ranking of the columns.
///
/// Shapes     d scores -> d ranks, 1..d: a vector of doubles, or any vector or span of that size.
/// Errors     an output of another size. No scores give no ranks.
/// Guarantee  a rising transformation of the scores changes nothing.      Cost  O(d log d).
/// NaN        last, and ties among themselves.
/// Ties       as `ties` says (average: level scores share the average of their ranks).   Source  definition.
/// Example    examples/leaderboard.cpp
struct order {
  robagg::ties ties = robagg::ties::average;

  using result_type = std::vector<double>;
  static constexpr void parameters(auto& op, auto visit) { visit("ties", op.ties); }

  template <detail::scores V>
  void into(V const& scores, auto&& out, workspace& ws) const {
    Index const d = static_cast<Index>(scores.size());
    detail::need(*this, scratch(scores), ws);
    auto const scope = ws.scope();
    auto values = ws.table<double>(1, d), ranked = ws.table<double>(1, d);
    auto&& given = detail::readable(scores);
    for (Index j = 0; j < d; ++j) values(0, j) = static_cast<double>(detail::score_at(given, j));
    ranks{ties}.into(values, ranked, ws);
    detail::fit_vector(*this, out, d);
    detail::store(out, 0, ranked.data(), d);
  }
  std::size_t scratch(auto const& scores) const { return 5 * workspace::room<double>(static_cast<Index>(scores.size())); }
  auto operator()(auto const& scores) const { return evaluate_scores(*this, scores); }
};

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/select/positions.hpp"
#include "../detail/select/radix.hpp"
#include "../detail/select/rank.hpp"
#include "../detail/table/output.hpp"
#include "../scores.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// The keys that hold most of the attention and are kept whatever else is asked: the largest ones, strictly before their
/// sum reaches a share of the whole.
///
/// Shapes     d attention weights >= 0 -> indices, ascending: a vector that grows or shrinks.
/// Ranges     mass in [0, 1]; most: no more than that many, the largest; below 0 counts as 0.
/// Errors     mass out of range or NaN; a type of indices that does not hold d - 1.
/// Guarantee  at most `most`; together less than `mass` of the sum. The key that crosses the mark is not among them.
/// Cost       O(d) selection of the `most` largest and a sort of those.
/// NaN        NaN, infinities and negative weights count as 0.   Ties  the lowest position.
/// Source     the first stage of DefensiveKV's code (Feng et al., 2025), mass .9. There a cap below 0, in short contexts,
///            protects nearly everything.      Example  examples/cache_policies.cpp
struct protect {
  double mass = .9;
  Index most = std::numeric_limits<Index>::max();

  using result_type = std::vector<Index>;
  static constexpr void parameters(auto& op, auto visit) { visit("mass", op.mass), visit("most", op.most); }

  template <detail::scores V>
  void into(V const& attention, auto&& out, workspace& ws) const {
    if (!(mass >= 0 && mass <= 1)) detail::refuse(*this, "needs 0 <= mass <= 1", {{"mass", mass}});
    auto const scope = ws.scope();
    auto const* const x = detail::score_values(attention, ws);
    using T = std::remove_cvref_t<decltype(*x)>;
    auto const d = static_cast<Index>(attention.size()), cap = std::clamp<Index>(most, 0, d);
    T* const weights = ws.take<T>(d);
    double total = 0;
    for (Index j = 0; j < d; ++j) {
      weights[j] = x[j] > T(0) && x[j] < std::numeric_limits<T>::infinity() ? x[j] : T(0);
      total += static_cast<double>(weights[j]);
    }
    detail::check_positions<std::remove_cvref_t<decltype(out[0])>>(*this, d);
    out.clear();
    if (cap == 0 || !(total > 0) || mass == 0) return;
    // Only the largest are sorted.
    T const least = cap < d ? detail::from_top(weights, d, cap - 1, ws).value : T(0);
    auto const [sorted, count] =
        detail::sort_scores<true>([&](Index j) { return weights[j]; }, [&](Index j) { return weights[j] >= least; }, d, ws);
    double sum = 0;
    Index protects = 0, above = 0;
    T level = 0;
    for (Index k = 0; k < std::min(count, cap); ++k) {
      T const weight = weights[sorted[k].place];
      sum += static_cast<double>(weight) / total;
      if (sum >= mass) break;
      if (weight != level) {
        level = weight;
        above = k;
      }
      ++protects;
    }
    auto const put = [&](Index, Index j) { out.push_back(static_cast<std::remove_cvref_t<decltype(out[0])>>(j)); };
    if (protects > 0) detail::positions_with_ties(weights, d, level, protects - above, detail::no_tie_break{}, put, ws);
  }
  auto operator()(auto const& attention) const { return evaluate_scores(*this, attention); }
};

}  // namespace robagg::inline ROBAGG_ABI

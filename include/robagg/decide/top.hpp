// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/select/positions.hpp"
#include "../detail/select/rank.hpp"
#include "../detail/table/output.hpp"
#include "../scores.hpp"

#include <algorithm>
#include <span>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// The positions of the k highest scores, in ascending position.
///
/// Shapes     d scores -> min(k, d) indices: a vector that grows or shrinks (std::vector, an Eigen vector)
///            or a std::span of that size, of any integer type.
/// Ranges     k >= 1.
/// Errors     k < 1; all scores NaN; another number of tie_breaks; a type that does not hold d - 1. No scores give no indices.
/// Guarantee  exactly min(k, d) indices; a NaN score is taken only when the others do not suffice.
/// Cost       O(d) selection, no full sort: about two reads of long scores; scratch for 3/2 d scores.
/// NaN        last.                           Ties  the higher tie_break where one is given, then the
///            lowest position.
/// Source     definition.                     Example  examples/cache_eviction.cpp
struct top {
  required<count, "k"> k;

  using result_type = std::vector<Index>;
  static constexpr void parameters(auto& op, auto visit) { visit("k", op.k); }
  void check(Index) const {
    if (k < 1) detail::refuse(*this, "needs k >= 1", {{"k", k}});
  }

  std::size_t scratch(auto const& scores) const {
    return 2 * workspace::room<double>(static_cast<Index>(scores.size())) +
           workspace::room<double>(detail::selection_room(static_cast<Index>(scores.size())));
  }
  template <detail::scores V, detail::scores B>
  void into(V const& scores, B const& tie_break, auto&& out, workspace& ws) const {
    detail::check_tie_breaks(*this, static_cast<Index>(scores.size()), tie_break);
    auto&& t = detail::readable(tie_break);
    keep(detail::readable(scores), ws, out, [&](Index j) { return detail::score_key(t, j); });
  }
  template <detail::scores V>
  void into(V const& scores, auto&& out, workspace& ws) const {
    keep(detail::readable(scores), ws, out, detail::no_tie_break{});
  }
  auto operator()(auto const& scores) const { return evaluate_scores(*this, scores); }

 private:
  // Above the score at rank k all are in; of those that tie with it, the highest tie_breaks; of those
  // that tie again, the first.
  void keep(auto const& scores, workspace& ws, auto&& out, auto tie_key) const {
    Index const d = static_cast<Index>(scores.size()), m = std::min<Index>(k, d);
    check(d);
    detail::check_positions<std::remove_cvref_t<decltype(out[0])>>(*this, d);
    auto const scope = ws.scope();
    auto const* const x = detail::score_values(scores, ws);
    using T = std::remove_cvref_t<decltype(*x)>;
    constexpr bool breaks_ties = !std::is_same_v<decltype(tie_key), detail::no_tie_break>;
    detail::chosen<T> level{};
    if (d > 0) level = detail::from_top(x, d, m - 1, ws);
    bool const numbers = level.value == level.value;
    if (!numbers && level.above == 0) detail::refuse(*this, "needs a score that is not NaN", {{"scores", d}});

    detail::fit_vector(*this, out, m, "min(k, d)");
    Index wanted = m - level.above;
    if constexpr (detail::places_side_by_side<decltype(out)>) {
      if (numbers && (!breaks_ties || level.at_least == m)) {
        // Before some position all ties are in, after it none.
        Index const ties_until = level.at_least == m ? d : detail::past_ties(x, d, level.value, wanted);
        auto *const first = out.data(), *const last = first + m;
        auto* const next = detail::append_positions<true>(x, Index{0}, ties_until, level.value, first, last);
        detail::append_positions<false>(x, ties_until, d, level.value, next, last);
        return;
      }
    }

    auto const put = [&](Index place, Index j) { detail::put_position(out, place, j); };
    detail::positions_with_ties(x, d, level.value, wanted, tie_key, put, ws);
  }
};

}  // namespace robagg::inline ROBAGG_ABI

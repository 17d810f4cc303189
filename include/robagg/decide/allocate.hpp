// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "kept.hpp"
#include "../scores.hpp"
#include "../detail/base/order.hpp"
#include "../detail/select/positions.hpp"
#include "../detail/select/rank.hpp"

#include <algorithm>
#include <span>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

namespace detail {

// Group g of scores: a row of a row-major matrix, or the g-th of a list of vectors in memory.
template <class Scores>
auto group_of(Scores const& scores, Index g) {
  if constexpr (dense<Scores>) {
    static_assert(Scores::IsRowMajor && Scores::InnerStrideAtCompileTime == 1,
                  "robagg: a matrix of scores needs contiguous rows, one a group");
    return std::span(scores.data() + g * scores.outerStride(), static_cast<std::size_t>(scores.cols()));
  } else {
    auto const& one = scores[static_cast<std::size_t>(g)];
    return std::span(one.data(), static_cast<std::size_t>(one.size()));
  }
}
template <class Scores>
Index groups_of(Scores const& scores) {
  if constexpr (dense<Scores>) {
    return scores.rows();
  } else {
    return static_cast<Index>(scores.size());
  }
}

// What has such groups; one vector of scores has none.
template <class Scores>
concept score_groups =
    (dense<Scores> && (!bool(Scores::IsVectorAtCompileTime) || bool(Scores::IsRowMajor))) ||
    (!dense<Scores> && requires(Scores const& scores) { scores.size(), scores[0].data(), scores[0].size(); });

}  // namespace detail

/// One budget over many groups: the highest scores of all groups together, after every group has its floor.
///
/// Shapes     scores of any number of groups, of any lengths: a row-major matrix (a row a group) or a list of vectors (Eigen,
///            std::vector, std::span) of float or double; tie_breaks of the same shape, if wanted -> `kept`, or two spans of
///            integers with room for positions_needed(op, scores) and for one start more than groups, or more.
/// Ranges     budget >= 0, in positions; a budget of all positions or more keeps all. floors: none, one for all groups, or one
///            a group; a group that has fewer positions keeps all that it has. A score of +infinity protects its position.
/// Errors     a floor below 0, or another number of them; floors and protected positions that exceed the budget; another shape
///            of tie_breaks; spans that are too small, overlap, or whose integers do not hold every position.
/// Guarantee  exactly min(budget, positions) are kept; each group keeps its floor, its best first; every protected position is
///            kept; no position that is left out, floors aside, scores above one that is kept.
/// Cost       about two reads of the scores where they are one matrix without gaps; floors or gaps copy them first.
/// NaN        last.             Ties  the higher tie_break, then the lower group, then the lower position.
/// Source     adaptive budgets over heads: Feng et al., Ada-KV, 2024, whose safeguard is the floor.
/// Example    examples/cache_policies.cpp
struct allocate {
  required<count, "budget"> budget;
  list<Index> floors = {};

  using result_type = kept;
  static constexpr void parameters(auto& op, auto visit) { visit("budget", op.budget), visit("floors", op.floors); }

  template <detail::score_groups Scores>
  void into(Scores const& scores, kept& out, workspace& ws) const {
    share(scores, nullptr, detail::kept_to(out), ws);
  }
  template <detail::score_groups Scores, detail::score_groups TieBreaks>
  void into(Scores const& scores, TieBreaks const& tie_breaks, kept& out, workspace& ws) const {
    share(scores, tie_breaks, detail::kept_to(out), ws);
  }
  /// The same into memory of yours: all positions, and where those of each group start.
  template <detail::score_groups Scores>
  void into(Scores const& scores, detail::integers_in_memory auto&& positions, detail::integers_in_memory auto&& starts,
            workspace& ws) const {
    share(scores, nullptr, detail::kept_to(positions, starts), ws);
  }
  template <detail::score_groups Scores, detail::score_groups TieBreaks>
  void into(Scores const& scores, TieBreaks const& tie_breaks, detail::integers_in_memory auto&& positions,
            detail::integers_in_memory auto&& starts, workspace& ws) const {
    share(scores, tie_breaks, detail::kept_to(positions, starts), ws);
  }
  template <detail::score_groups Scores>
  kept operator()(Scores const& scores) const {
    workspace ws;
    kept out;
    into(scores, out, ws);
    return out;
  }
  template <detail::score_groups Scores, detail::score_groups TieBreaks>
  kept operator()(Scores const& scores, TieBreaks const& tie_breaks) const {
    workspace ws;
    kept out;
    into(scores, tie_breaks, out, ws);
    return out;
  }

 private:
  // What a group has above the common level and at it, and what it keeps.
  struct part {
    Index above, tied, keeps;
  };

  Index floor_of(Index g, Index size) const { return std::min(size, floors.empty() ? 0 : floors[floors.size() == 1 ? 0 : g]); }

  template <class Scores, class TieBreaks>
  void share(Scores const& scores, TieBreaks const& tie_breaks, auto const& to, workspace& ws) const {
    using T = std::remove_const_t<typename decltype(detail::group_of(scores, 0))::element_type>;
    static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "robagg: scores to allocate by are float or double");
    constexpr std::bool_constant<!std::is_same_v<TieBreaks, std::nullptr_t>> breaks_ties;
    auto const tie_key = [&](Index g, Index j) {
      if constexpr (breaks_ties) {
        return detail::ordered_key(detail::group_of(tie_breaks, g)[static_cast<std::size_t>(j)]);
      } else {
        return std::int32_t{0};
      }
    };
    auto const scope = ws.scope();
    Index const groups = detail::groups_of(scores);
    if (budget < 0) detail::refuse(*this, "needs budget >= 0", {{"budget", budget}});
    if (floors.size() > 1 && floors.size() != groups) {
      detail::refuse(*this, "needs no floor, one, or one a group", {{"floors", floors.size()}, {"groups", groups}});
    }
    Index total = 0, reserved = 0, longest = 0;
    bool together = true;
    for (Index g = 0; g < groups; ++g) {
      auto const x = detail::group_of(scores, g);
      auto const size = static_cast<Index>(x.size());
      if (Index const floor = floor_of(g, size); floor < 0)
        detail::refuse(*this, "needs floors >= 0", {{"group", g}, {"floor", floor}});
      if (to.overlaps(x)) detail::refuse(*this, "needs an output that does not overlap the scores", {{"group", g}});
      total += size;
      reserved += floor_of(g, size);
      longest = std::max(longest, size);
      together = together && x.data() == detail::group_of(scores, 0).data() + (total - size);
    }
    if constexpr (breaks_ties) check_tie_breaks(scores, tie_breaks, to);
    if (reserved > budget)
      detail::refuse(*this, "needs a budget of at least the floors", {{"budget", budget}, {"floors", reserved}});

    Index const wanted = std::min<Index>(budget, total);
    auto* const parts = ws.take<part>(groups);
    auto const common = common_level<T>(scores, groups, total, reserved, wanted, together, ws);
    T const level = common.value;
    bool const decides = reserved == 0 && common.at_least == wanted;  // no floor, and nobody ties with who is left out
    if (!decides) divide(scores, parts, groups, level, wanted, tie_key, breaks_ties, ws);

    auto const out = to.fit(*this, wanted, groups, longest);
    out.starts[0] = 0;
    auto* next = out.positions;
    for (Index g = 0; g < groups; ++g) {
      auto const x = detail::group_of(scores, g);
      if (decides) {
        next = detail::append_positions<true>(x.data(), Index{0}, static_cast<Index>(x.size()), level, next,
                                              out.positions + wanted);
      } else {
        emit(x, parts[g], level, [&](Index j) { return tie_key(g, j); }, breaks_ties, next, ws);
        next += parts[g].keeps;
      }
      out.starts[g + 1] = static_cast<std::remove_reference_t<decltype(*out.starts)>>(next - out.positions);
    }
  }

  void check_tie_breaks(auto const& scores, auto const& tie_breaks, auto const& to) const {
    Index const groups = detail::groups_of(scores), given = detail::groups_of(tie_breaks);
    if (given != groups) detail::refuse(*this, "needs tie_breaks for every group", {{"groups", groups}, {"tie_breaks", given}});
    for (Index g = 0; g < groups; ++g) {
      auto const ties = detail::group_of(tie_breaks, g);
      detail::check_tie_breaks(*this, static_cast<Index>(detail::group_of(scores, g).size()), ties);
      if (to.overlaps(ties)) detail::refuse(*this, "needs an output that does not overlap the tie_breaks", {{"group", g}});
    }
  }

  // The lowest score that is kept where no floor decides; NaN where NaN are needed. And how many scores are as high.
  template <class T>
  detail::chosen<T> common_level(auto const& scores, Index groups, Index total, Index reserved, Index wanted, bool together,
                                 workspace& ws) const {
    constexpr T infinity = std::numeric_limits<T>::infinity(), no_number = std::numeric_limits<T>::quiet_NaN();
    if (wanted == reserved) return {infinity, infinity, 0, -1};
    if (wanted == total) return {no_number, no_number, 0, -1};
    auto const scope = ws.scope();
    T const* values = together ? detail::group_of(scores, 0).data() : nullptr;
    Index rest = total;
    if (reserved > 0 || !together) {  // without what the floors have
      T* const copy = ws.take<T>(total);
      rest = 0;
      for (Index g = 0; g < groups; ++g) {
        auto const x = detail::group_of(scores, g);
        auto const size = static_cast<Index>(x.size());
        Index const floor = floor_of(g, size);
        if (floor == size) continue;
        Index skips = 0;  // of those at the floor's level
        T own = infinity;
        if (floor > 0) {
          auto const found = detail::from_top(x.data(), size, floor - 1, ws);
          own = found.value;
          skips = floor - found.above;
        }
        for (T const v : x) {
          bool const number = own == own;
          bool const above = number ? v > own : v == v, tied = number ? v == own : v != v;
          copy[rest] = v;
          rest += !(above || (tied && skips-- > 0));
        }
      }
      values = copy;
    }
    auto const found = detail::from_top(values, rest, wanted - reserved - 1, ws);
    return found.value == found.value ? found : detail::chosen<T>{no_number, no_number, 0, -1};
  }

  // How many positions each group keeps.
  template <class T>
  void divide(auto const& scores, part* parts, Index groups, T level, Index wanted, auto const& tie_key, auto breaks_ties,
              workspace& ws) const {
    Index sum = 0, open = 0;
    auto const free_ties = [&](Index g) { return parts[g].above + parts[g].tied - parts[g].keeps; };  // above its floor
    for (Index g = 0; g < groups; ++g) {
      auto const x = detail::group_of(scores, g);
      auto const size = static_cast<Index>(x.size());
      if (level == level) {
        auto const [above, at_least] = detail::count_above(x.data(), size, level);
        parts[g] = {above, at_least - above, 0};
      } else {
        auto const numbers = std::count_if(x.begin(), x.end(), [](T v) { return v == v; });
        parts[g] = {numbers, size - numbers, 0};
      }
      parts[g].keeps = std::max(parts[g].above, floor_of(g, size));
      sum += parts[g].keeps;
      open += std::max<Index>(0, free_ties(g));
    }
    if (level == std::numeric_limits<T>::infinity() && sum + open > wanted) {
      detail::refuse(*this, "needs a budget of at least the floors and the protected positions",
                     {{"budget", budget}, {"needed", sum + open}});
    }
    Index left = wanted - sum;
    using B = decltype(tie_key(0, 0));
    if (breaks_ties && left > 0 && left < open) {
      auto const scope = ws.scope();
      B* const keys = ws.take<B>(open);
      Index count = 0;
      auto const of_group = [&](Index g, auto&& visit) {  // the tie keys that its floor has not taken
        if (free_ties(g) <= 0) return;
        auto const own = ws.scope();
        B* const ties = ws.take<B>(parts[g].tied);
        auto const x = detail::group_of(scores, g);
        Index n = 0;
        for (Index j = 0; j < static_cast<Index>(x.size()); ++j) {
          T const v = x[static_cast<std::size_t>(j)];
          if (level == level ? v == level : v != v) ties[n++] = tie_key(g, j);
        }
        Index const taken = n - free_ties(g);
        if (taken > 0) std::nth_element(ties, ties + taken, ties + n, std::greater<>{});
        for (Index k = taken; k < n; ++k) visit(ties[k]);
      };
      for (Index g = 0; g < groups; ++g) of_group(g, [&](B key) { keys[count++] = key; });
      std::nth_element(keys, keys + (left - 1), keys + count, std::greater<>{});
      B const tie_level = keys[left - 1];
      Index equal = left - std::count_if(keys, keys + (left - 1), [&](B key) { return key > tie_level; });
      for (Index g = 0; g < groups; ++g) {
        Index more = 0;
        of_group(g, [&](B key) { more += key > tie_level || (key == tie_level && equal-- > 0); });
        parts[g].keeps += more;
      }
    } else {
      for (Index g = 0; g < groups && left > 0; ++g) {
        Index const more = std::clamp<Index>(free_ties(g), 0, left);
        parts[g].keeps += more;
        left -= more;
      }
    }
  }

  template <class T>
  static void emit(std::span<T const> x, part const& p, T level, auto const& tie_key, auto breaks_ties, auto* out,
                   workspace& ws) {
    auto const size = static_cast<Index>(x.size());
    if (p.keeps == 0) return;
    bool const numbers = level == level;
    if (numbers && p.keeps == p.above) {
      detail::append_positions<false>(x.data(), Index{0}, size, level, out, out + p.keeps);
    } else if (numbers && p.keeps == p.above + p.tied) {
      detail::append_positions<true>(x.data(), Index{0}, size, level, out, out + p.keeps);
    } else {
      T own = level;
      Index above = p.above;
      if (p.keeps > p.above + p.tied) {  // its floor
        auto const found = detail::from_top(x.data(), size, p.keeps - 1, ws);
        own = found.value;
        above = found.above;
      }
      auto const put = [out](Index place, Index j) { out[place] = static_cast<std::remove_reference_t<decltype(*out)>>(j); };
      if constexpr (breaks_ties.value) {
        detail::positions_with_ties(x.data(), size, own, p.keeps - above, tie_key, put, ws);
      } else {
        detail::positions_with_ties(x.data(), size, own, p.keeps - above, detail::no_tie_break{}, put, ws);
      }
    }
  }
};

/// How many positions are kept of scores of this shape; they are not read.
template <detail::score_groups Scores>
Index positions_needed(allocate const& op, Scores const& scores) {
  if (op.budget < 0) detail::refuse(op, "needs budget >= 0", {{"budget", op.budget}});
  Index total = 0;
  for (Index g = 0; g < detail::groups_of(scores); ++g) total += static_cast<Index>(detail::group_of(scores, g).size());
  return std::min<Index>(op.budget, total);
}

}  // namespace robagg::inline ROBAGG_ABI

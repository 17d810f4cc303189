// SPDX-License-Identifier: BSL-1.0
// What is kept of every group, and where it is written: into a `kept`, which grows, or into memory of the caller's.
#pragma once

#include "../detail/table/output.hpp"

#include <algorithm>
#include <concepts>
#include <span>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// Which positions of every group are kept: kept[g] is ascending.
struct kept {
  std::vector<Index> positions;  ///< of all groups, one after the other
  std::vector<Index> starts{0};  ///< of group g from starts[g] to starts[g + 1]

  Index size() const { return static_cast<Index>(starts.size()) - 1; }
  std::span<Index const> operator[](Index g) const& {
    auto const from = static_cast<std::size_t>(starts[static_cast<std::size_t>(g)]),
               to = static_cast<std::size_t>(starts[static_cast<std::size_t>(g) + 1]);
    return std::span(positions).subspan(from, to - from);
  }
  std::span<Index const> operator[](Index g) && = delete;  // it would outlive the positions
};

namespace detail {

// Contiguous memory of integers: a std::span, std::vector or array.
template <class X>
concept integers_in_memory = requires(X& x) {
  typename decltype(std::span(x))::element_type;
  requires std::integral<typename decltype(std::span(x))::element_type>;  // none is const
};

// Room for all positions, and for one start more than groups.
template <class P, class S>
struct kept_room {
  P* positions;
  S* starts;
};

// Both kinds of memory give room for `count` positions of `groups` groups, all below `end`, or refuse in op's name.
struct kept_to_grow {
  kept& out;
  kept_room<Index, Index> fit(auto const&, Index count, Index groups, Index) const {
    out.positions.resize(static_cast<std::size_t>(count));
    out.starts.resize(static_cast<std::size_t>(groups) + 1);
    return {out.positions.data(), out.starts.data()};
  }
  bool overlaps(auto const&) const { return false; }  // its memory is its own
};
template <class P, class S>
struct kept_to_fill {
  std::span<P> positions;
  std::span<S> starts;
  kept_room<P, S> fit(auto const& op, Index count, Index groups, Index end) const {
    auto const room = static_cast<Index>(positions.size()), start_room = static_cast<Index>(starts.size());
    if (room < count) refuse(op, "needs room for all positions that are kept", {{"room", room}, {"positions", count}});
    if (start_room <= groups) {
      refuse(op, "needs room for a start of every group and the end of the last", {{"room", start_room}, {"groups", groups}});
    }
    if (detail::overlaps(positions, starts)) {
      refuse(op, "needs positions and starts that do not overlap", {{"positions", room}, {"starts", start_room}});
    }
    detail::check_positions<P>(op, end);
    detail::check_positions<S>(op, count + 1);
    return {positions.data(), starts.data()};
  }
  bool overlaps(auto const& memory) const { return detail::overlaps(positions, memory) || detail::overlaps(starts, memory); }
};
template <class T>
std::span<T> span_of(T* first, Index n) {
  return {first, static_cast<std::size_t>(n)};
}
inline kept_to_grow kept_to(kept& out) { return {out}; }
template <integers_in_memory P, integers_in_memory S>
auto kept_to(P& positions, S& starts) {
  using position = typename decltype(std::span(positions))::element_type;
  using start = typename decltype(std::span(starts))::element_type;
  return kept_to_fill<position, start>{positions, starts};
}

template <class To>
void write_kept(auto const& op, To const& to, Index const* positions, Index const* starts, Index groups, Index end) {
  auto const room = to.fit(op, starts[groups], groups, end);
  auto const put = []<class I>(Index const* from, Index n, I* first) {
    std::transform(from, from + n, first, [](Index j) { return static_cast<I>(j); });
  };
  put(positions, starts[groups], room.positions);
  put(starts, groups + 1, room.starts);
}

}  // namespace detail
}  // namespace robagg::inline ROBAGG_ABI

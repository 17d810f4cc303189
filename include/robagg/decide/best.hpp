// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../scores.hpp"

namespace robagg::inline ROBAGG_ABI {

/// The position of the highest score.
///
/// Shapes     d scores -> an index; any integer type as output.
/// Errors     no scores; all scores NaN; another number of tie_breaks; an integer type that does not hold d - 1.
/// Guarantee  a NaN score never wins.         Cost  one read of the scores.
/// NaN        last.                           Ties  the higher tie_break where one is given, then the
///            lowest position.
/// Source     definition.                     Example  examples/best_of_n.cpp
struct best {
  using result_type = Index;

  std::size_t scratch(auto const&) const { return 0; }
  template <detail::scores V, detail::scores B>
  void into(V const& scores, B const& tie_break, std::integral auto& out, workspace&) const {
    auto&& s = detail::readable(scores);
    auto&& t = detail::readable(tie_break);
    Index const d = static_cast<Index>(scores.size());
    detail::check_tie_breaks(*this, d, tie_break);
    if (d == 0) detail::refuse(*this, "needs at least one score");
    using S = std::remove_cvref_t<decltype(out)>;
    detail::check_positions<S>(*this, d);
    Index winner = 0;
    auto highest = detail::score_key(s, 0);
    for (Index j = 1; j < d; ++j) {
      auto const key = detail::score_key(s, j);
      if (key > highest || (key == highest && detail::score_key(t, j) > detail::score_key(t, winner))) {
        highest = key;
        winner = j;
      }
    }
    if (highest == detail::nan_key<decltype(highest)>) {
      detail::refuse(*this, "needs a score that is not NaN", {{"scores", d}});
    }
    out = static_cast<S>(winner);
  }
  template <detail::scores V>
  void into(V const& scores, std::integral auto& out, workspace& ws) const {
    auto&& s = detail::readable(scores);
    into(s, s, out, ws);
  }
  auto operator()(auto const& scores) const { return evaluate_scores(*this, scores); }
};

}  // namespace robagg::inline ROBAGG_ABI

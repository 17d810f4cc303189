// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "best.hpp"

#include <algorithm>
#include <functional>  // std::greater
#include <span>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// The positions of the k highest scores, in ascending position.
///
/// Shapes     d scores -> min(k, d) indices: a vector that grows or shrinks (std::vector, an Eigen vector)
///            or a std::span of that size, of any integer type.
/// Ranges     k >= 1.
/// Errors     k < 1; all scores NaN. No scores give no indices.
/// Guarantee  exactly min(k, d) indices; a NaN score is taken only when the others do not suffice.
/// Cost       O(d) selection, no full sort; scratch for d keys.
/// NaN        last.                           Ties  the higher tie_break where one is given, then the
///            lowest position.
/// Source     definition.                     Example  examples/cache_eviction.cpp
struct top {
  count k;

  using result_type = std::vector<Index>;
  static constexpr void parameters(auto& op, auto visit) { visit("k", op.k); }

  template <detail::scores V, detail::scores B>
  void into(V const& scores, B const& tie_break, auto&& out, workspace& ws) const {
    ROBAGG_ASSERT(tie_break.size() == scores.size() && "robagg: one tie_break per score");
    auto&& t = detail::readable(tie_break);
    keep(detail::readable(scores), ws, out, [&](Index j) { return detail::score_key(t, j); });
  }
  template <detail::scores V>
  void into(V const& scores, auto&& out, workspace& ws) const {
    keep(detail::readable(scores), ws, out, [](Index) { return std::int32_t{0}; });
  }
  auto operator()(detail::scores auto const& scores) const { return evaluate_scores(*this, scores); }

 private:
  static void put(auto& out, Index place, Index j) {
    if constexpr (requires { out.coeffRef(place); }) {
      out.coeffRef(place) = static_cast<typename std::remove_cvref_t<decltype(out)>::Scalar>(j);
    } else {
      auto& to = out[static_cast<std::size_t>(place)];
      to = static_cast<std::remove_cvref_t<decltype(to)>>(j);
    }
  }

  // The m-th largest of n keys and how many are above it. Reorders the keys.
  template <class K>
  static std::pair<K, Index> threshold(K* keys, Index n, Index m) {
    std::nth_element(keys, keys + (m - 1), keys + n, std::greater<>{});
    K const level = keys[m - 1];
    return {level, std::count_if(keys, keys + (m - 1), [&](K key) { return key > level; })};
  }

  // Above the score at rank k all are in; of those that tie with it, the highest tie_breaks; of those
  // that tie again, the first.
  void keep(auto const& scores, workspace& ws, auto&& out, auto tie_key) const {
    using K = decltype(detail::score_key(scores, 0));
    using B = decltype(tie_key(0));
    Index const d = static_cast<Index>(scores.size()), m = std::min<Index>(k, d);
    if (k < 1) detail::refuse(*this, "needs k >= 1", {{"k", k}});
    auto const scope = ws.scope();
    auto keys = ws.vector<K>(d);
    K level = 0;
    B tie_level = 0;
    Index wanted_ties = 0, wanted_last = 0;
    if (d > 0) {
      for (Index j = 0; j < d; ++j) keys(j) = detail::score_key(scores, j);
      if (keys.maxCoeff() == detail::nan_key<K>) detail::refuse(*this, "needs a score that is not NaN", {{"scores", d}});
      auto const [found, above] = threshold(keys.data(), d, m);
      level = found, wanted_ties = m - above;
      auto ties = ws.vector<B>(d);
      Index tied = 0;
      for (Index j = 0; j < d; ++j) {
        if (detail::score_key(scores, j) == level) ties(tied++) = tie_key(j);
      }
      auto const [tie_found, ties_above] = threshold(ties.data(), tied, wanted_ties);
      tie_level = tie_found, wanted_last = wanted_ties - ties_above;
    }
    if constexpr (requires { out.resize(typename std::remove_cvref_t<decltype(out)>::size_type{}); }) {
      out.resize(static_cast<typename std::remove_cvref_t<decltype(out)>::size_type>(m));
    } else if constexpr (requires { out.resize(m); }) {
      out.resize(m);
    }
    ROBAGG_ASSERT(static_cast<Index>(out.size()) == m && "robagg: the output needs min(k, d) places");
    Index place = 0;
    for (Index j = 0; j < d; ++j) {
      K const key = detail::score_key(scores, j);
      bool in = key > level;
      if (key == level) {
        B const tie = tie_key(j);
        in = tie > tie_level || (tie == tie_level && wanted_last-- > 0);
      }
      if (in) put(out, place++, j);
    }
  }
};

}  // namespace robagg::inline ROBAGG_ABI

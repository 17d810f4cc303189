// SPDX-License-Identifier: BSL-1.0
// What a vector of scores is, and how it is read: one number for each candidate, the higher the better.
#pragma once

#include "core.hpp"
#include "detail/base/order.hpp"
#include "detail/table/output.hpp"

#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

// A vector of scores: an Eigen vector expression of a report scalar, or contiguous memory of one.
template <class V>
concept scores =
    (dense<V> && report_scalar<typename V::Scalar> && bool(V::IsVectorAtCompileTime)) || (!dense<V> && requires(V const& v) {
      requires report_scalar<std::remove_cvref_t<decltype(v.data()[0])>>;
      v.size();
    });

// Score j as an ordered key.
template <class V>
auto score_key(V const& v, Index j) {
  if constexpr (dense<V>) {
    return ordered_key(static_cast<wide<typename V::Scalar>>(v.coeff(j)));
  } else {
    return ordered_key(static_cast<wide<std::remove_cvref_t<decltype(v.data()[0])>>>(v.data()[j]));
  }
}

template <class V>
auto score_at(V const& scores, Index j) {
  if constexpr (requires { scores.coeff(j); }) {
    return scores.coeff(j);
  } else {
    return scores.data()[j];
  }
}

// Scores as contiguous numbers: themselves, or widened in scratch.
template <class V>
auto score_values(V const& scores, workspace& ws) {
  auto&& values = detail::readable(scores);
  using S = std::remove_cvref_t<decltype(score_at(values, Index{0}))>;
  using T = wide<S>;
  Index const d = static_cast<Index>(scores.size());
  if constexpr (std::same_as<S, T> && requires { scores.data(); }) {
    bool apart = false;
    if constexpr (requires { scores.innerStride(); }) apart = scores.innerStride() != 1;
    if (!apart) return static_cast<T const*>(scores.data());
  }
  T* const copy = ws.take<T>(d);
  for (Index j = 0; j < d; ++j) copy[j] = static_cast<T>(detail::score_at(values, j));
  return static_cast<T const*>(copy);
}

template <class Op, class B>
void check_tie_breaks(Op const& op, Index d, B const& tie_break) {
  auto const given = static_cast<Index>(tie_break.size());
  if (given != d) refuse(op, "needs one tie_break per score", {{"scores", d}, {"tie_breaks", given}});
}

template <class K>
inline constexpr K nan_key = std::numeric_limits<K>::min();

}  // namespace robagg::inline ROBAGG_ABI::detail

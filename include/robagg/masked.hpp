// SPDX-License-Identifier: BSL-1.0
// Absent entries that a mask beside the table names, for tables without a NaN to spare.
#pragma once

#include "reports.hpp"

#include <cstddef>
#include <limits>

namespace robagg::inline ROBAGG_ABI {
namespace detail {

// One byte an entry, anywhere in memory: entry (i, j) at data[i row_step + j column_step].
struct mask_view {
  unsigned char const* data;
  Index rows, cols, row_step, column_step;
  unsigned char const* row(Index i) const { return data == nullptr ? nullptr : data + i * row_step; }
};

template <class E>
concept mask_entry = sizeof(E) == 1 && (std::integral<E> || std::same_as<E, std::byte>);
template <class M>
concept mask_matrix = dense<std::remove_cvref_t<M>> && mask_entry<typename std::remove_cvref_t<M>::Scalar>;
template <class M>
concept mask_list = !dense<std::remove_cvref_t<M>> && listable<M> && mask_entry<element_of<std::remove_cvref_t<M>>>;

// How it lies over a table of d columns.
inline mask_view view_of(mask_view const& mask, Index) { return mask; }
template <mask_matrix M>
mask_view view_of(M const& mask, Index) {
  Index const inner = mask.innerStride(), outer = mask.outerStride();
  auto const* const data = reinterpret_cast<unsigned char const*>(mask.data());
  return {data, mask.rows(), mask.cols(), M::IsRowMajor ? outer : inner, M::IsRowMajor ? inner : outer};
}
template <mask_list M>
mask_view view_of(M const& mask, Index d) {
  Index const size = static_cast<Index>(std::size(mask)), rows = d > 0 ? size / d : 0;
  return {reinterpret_cast<unsigned char const*>(std::data(mask)), rows, rows * d == size ? d : size, d, 1};
}
// What has a name is looked at, what has none is kept, expressions are evaluated.
template <class M>
auto held_mask(M&& mask, Index d) {
  using V = std::remove_cvref_t<M>;
  if constexpr (mask_list<M>) {
    if constexpr (outlives_temporaries<M>) {
      return detail::view_of(mask, d);
    } else {
      return V(std::forward<M>(mask));
    }
  } else if constexpr (!requires { mask.data(); }) {
    return typename V::PlainObject(mask);
  } else if constexpr (keeps_nothing<M>) {
    return detail::view_of(mask, d);
  } else {
    return V(std::forward<M>(mask));
  }
}

// The plain table `base` with NaN where the mask is not 0.
template <class Base, class Mask>
struct masked_entries {
  using table_type = std::remove_cvref_t<Base>;
  using Scalar = results_over<table_type>;
  static constexpr int ColsAtCompileTime = table_type::ColsAtCompileTime;
  static constexpr bool is_owner = any_owns<Base> || !std::same_as<Mask, mask_view>;
  Base base;
  Mask mask;
  [[no_unique_address]] std::conditional_t<is_owner, moves_only, copies> copying_is = {};
  Index rows() const { return base.rows(); }
  Index cols() const { return base.cols(); }
  mask_view view() const { return detail::view_of(mask, cols()); }
  Scalar operator()(Index i, Index j) const {
    mask_view const v = view();
    return v.row(i)[j * v.column_step] != 0 ? std::numeric_limits<Scalar>::quiet_NaN() : static_cast<Scalar>(base(i, j));
  }
  auto row(Index i) const {
    return Eigen::Matrix<Scalar, 1, Eigen::Dynamic>::NullaryExpr(cols(), [this, i](Index j) { return (*this)(i, j); });
  }
};
template <class B, class M>
inline constexpr int traits_of<masked_entries<B, M>> = plain;

}  // namespace detail

/// The entries of x whose mask is not 0 are absent, as NaN is under skip_nan: NumPy's masked arrays, where true hides. A NaN of
/// the table is absent as well.
///
/// Shapes     n x d reports, n x d bytes (bool, uint8, ...): a matrix, map or expression in either storage order, or a list
///            of n d of them, row by row (std::span, std::vector, ...; not std::vector<bool>).
/// Errors     bad_input when the table is used, for a mask of another shape.
/// Guarantee  the results of skip_nan(x) with NaN in these entries, to the bit.     Cost  that, and a read of the mask.
/// NaN, weights, ties   as skip_nan; wrappers nest in any order.
template <any_reports R, class M>
  requires(detail::mask_matrix<M> || detail::mask_list<M>)
auto masked(R&& x, M&& mask) {
  using X = std::remove_cvref_t<R>;
  static_assert(
      (detail::traits<X> & detail::lacks_rows) == 0,
      "robagg: the columns of this table are computed where they are read: write it into a matrix before it is masked");
  if constexpr (detail::unwrapped<X>) {
    Index const d = x.cols();
    auto held = detail::held_mask(std::forward<M>(mask), d);
    using entries = detail::masked_entries<detail::held<R>, decltype(held)>;
    return detail::skip_nan_table<entries>{{entries{std::forward<R>(x), std::move(held)}}};
  } else if constexpr (weighted_reports<X> || shifted_reports<X>) {
    return std::forward<R>(x).with(robagg::masked(std::forward<R>(x).base, std::forward<M>(mask)));
  } else {
    return robagg::masked(std::forward<R>(x).base, std::forward<M>(mask));
  }
}
template <any_reports R, class M>
  requires(!detail::mask_matrix<M> && !detail::mask_list<M>)
detail::refused masked(R&&, M&&) {
  using V = std::remove_cvref_t<M>;
  static_assert(
      !std::same_as<V, std::vector<bool>>,
      "robagg: std::vector<bool> holds bits: a mask is one byte an entry, std::vector<unsigned char> or a matrix of bool");
  static_assert(std::same_as<V, std::vector<bool>>,
                "robagg: a mask is a matrix of bool or bytes with the shape of the table, or a list of as many bytes");
  return {};
}

}  // namespace robagg::inline ROBAGG_ABI

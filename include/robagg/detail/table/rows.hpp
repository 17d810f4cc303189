// SPDX-License-Identifier: BSL-1.0
// Where rows are and how they are read: addresses, pieces of a row, and whether memory that is written is read as well. Rows of
// any kind of table are widened, and -0 becomes +0, here.
#pragma once

#include "../../masked.hpp"
#include "../../reports.hpp"

#include <cstdint>
#include <iterator>  // std::data, std::size
#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

template <class R>
using wide_of = wide<typename std::remove_cvref_t<R>::Scalar>;

// Columns, and rows, in memory, of any type or of T.
template <class R>
concept stores_columns = dense<R> && requires(R const& r) { r.data(); } && !R::IsRowMajor;
template <class R, class T = typename R::Scalar>
concept stores_rows =
    dense<R> && requires(R const& r) { r.data(); } && bool(R::IsRowMajor) && std::same_as<typename R::Scalar, T>;

// Where row i is in one piece, of whatever type it is stored in, or nullptr.
template <class R>
typename R::Scalar const* stored_row(R const& r, Index i) {
  if constexpr (requires { r.indices; }) {
    return detail::stored_row(r.base, r.indices[i]);
  } else if constexpr (requires { r.pointers; }) {
    return r.pointers[i];
  } else if constexpr (stores_rows<R>) {
    return r.innerStride() == 1 ? r.data() + i * r.outerStride() : nullptr;
  } else {
    return nullptr;
  }
}

// Row i of a plain table, columns [j, j + w), widened, -0 as +0.
template <class R, class T>
void read_row(R const& r, Index i, Index j, Index w, T* to) {
  static_assert(!dense<R> || reads_in_place<R>, "robagg: a costly expression is evaluated once, before it is read");
  if (auto const* const row = detail::stored_row(r, i)) return detail::widen(row + j, w, to);
  if constexpr (requires { r.data(), r.rowStride(); }) {
    auto const* const from = r.data() + i * r.rowStride() + j * r.colStride();
    for (Index c = 0; c < w; ++c) to[c] = static_cast<T>(from[c * r.colStride()]) + T(0);
  } else if constexpr (!requires { r.pointers; }) {
    Eigen::Map<Eigen::Array<T, 1, Eigen::Dynamic>>(to, w) = r.row(i).segment(j, w).template cast<T>().array() + T(0);
  }
}
template <class B, class L, class T>
void read_row(subset_table<B, L> const& r, Index i, Index j, Index w, T* to);
template <class B, class M, class T>
void read_row(masked_entries<B, M> const& r, Index i, Index j, Index w, T* to) {
  detail::read_row(r.base, i, j, w, to);
  mask_view const mask = r.view();
  unsigned char const* const first = mask.row(i) + j * mask.column_step;
  if (mask.column_step == 1) return detail::set_nan(first, w, to);
  for (Index c = 0; c < w; ++c) to[c] = first[c * mask.column_step] != 0 ? std::numeric_limits<T>::quiet_NaN() : to[c];
}

template <class B, class L, class T>
void read_row(subset_table<B, L> const& r, Index i, Index j, Index w, T* to) {
  detail::read_row(r.base, r.indices[i], j, w, to);
}

// A vector given by the user (an origin, scores), columns [j, j + w).
template <class V, class T>
void read_vector(V const& v, Index j, Index w, T* to) {
  for (Index c = 0; c < w; ++c) to[c] = static_cast<T>(v.coeff(j + c)) + T(0);
}

// Row i at an address, contiguous and of the type that kernels compute in.
template <class T, class R>
T const* row_address(R const& r, Index i) {
  if constexpr (requires { r.indices; }) {
    return detail::row_address<T>(r.base, r.indices[i]);
  } else if constexpr (requires { r.pointers; }) {
    return r.pointers[i];
  } else {
    return r.data() + i * r.outerStride();
  }
}
template <class R, class T>
inline constexpr bool has_addresses = false;
template <class T, class L>
inline constexpr bool has_addresses<rows_table<T, L>, T> = true;
template <class B, class L, class T>
inline constexpr bool has_addresses<subset_table<B, L>, T> = has_addresses<std::remove_cvref_t<B>, T>;
template <dense R, class T>
inline constexpr bool has_addresses<R, T> = requires(R const& r) { r.data(); } && R::IsRowMajor &&
                                            R::InnerStrideAtCompileTime == 1 && std::same_as<typename R::Scalar, T>;

// Row i, columns [from, to), of any plain table: where it is, or read into `room`.
template <class R, class T>
T const* row_piece(R const& x, Index i, Index from, Index to, T* room) {
  if constexpr (has_addresses<R, T>) {
    return detail::row_address<T>(x, i) + from;
  } else {
    detail::read_row(x, i, from, to - from, room);
    return room;
  }
}

// --- does memory that is written overlap memory that is read? ------------------------------------

// Where the elements of something in memory are: at begin + i step + j outer_step, in bytes, steps >= 0.
struct footprint {
  std::intptr_t begin = 0, element = 0;
  Index count = 0, outer_count = 0;
  std::intptr_t step = 0, outer_step = 0;

  template <class T>
  footprint(T const* data, Index n, Index stride, Index outer_n = 1, Index outer_stride = 0)
      : begin(reinterpret_cast<std::intptr_t>(data)),
        element(sizeof(T)),
        count(n),
        outer_count(outer_n),
        step(stride * element),
        outer_step(outer_stride * element) {
    if (count <= 0 || outer_count <= 0) {
      count = outer_count = 0;
      return;
    }
    if (step < 0) {
      begin += (count - 1) * step;
      step = -step;
    }
    if (outer_step < 0) {
      begin += (outer_count - 1) * outer_step;
      outer_step = -outer_step;
    }
    if (step == element) {  // no gaps
      element *= count;
      count = 1;
      step = 0;
    }
  }
  std::intptr_t line() const { return (count - 1) * step + element; }  // from the first byte to the last
  std::intptr_t end() const { return count == 0 ? begin : begin + (outer_count - 1) * outer_step + line(); }

  // Is there an element with a byte in [first, last)?
  bool touches(std::intptr_t first, std::intptr_t last) const {
    if (count == 0 || last <= begin || first >= end()) return false;
    // The first line that ends behind `first`, and in each its first element that does.
    Index j = first < begin + line() ? 0 : (first - begin - line()) / outer_step + 1;
    for (; j < outer_count && begin + j * outer_step < last; ++j) {
      std::intptr_t const at = begin + j * outer_step;
      Index const i = first < at + element ? 0 : (first - at - element) / step + 1;
      if (i < count && at + i * step < last) return true;
    }
    return false;
  }
  bool overlaps(footprint const& other) const {
    if (count == 0 || !other.touches(begin, end())) return false;
    for (Index j = 0; j < outer_count; ++j) {
      for (Index i = 0; i < count; ++i) {
        std::intptr_t const at = begin + j * outer_step + i * step;
        if (other.touches(at, at + element)) return true;
      }
    }
    return false;
  }
};

template <class X>
concept in_memory = requires(X const& x) { *x.data(), x.size(); };

template <in_memory X>
footprint footprint_of(X const& x) {
  if constexpr (!dense<X>) {
    return {std::data(x), static_cast<Index>(std::size(x)), 1};
  } else if constexpr (X::IsVectorAtCompileTime) {
    return {x.data(), x.size(), x.innerStride()};
  } else if constexpr (X::IsRowMajor) {
    return {x.data(), x.cols(), x.innerStride(), x.rows(), x.outerStride()};
  } else {
    return {x.data(), x.rows(), x.innerStride(), x.cols(), x.outerStride()};
  }
}

// Only direct access can tell. Exact, strides and all; costs about as much as the output has elements that do not touch, and
// is for assertions.
template <class Out, class R>
bool overlaps(Out const& out, R const& r) {
  if constexpr (!in_memory<Out>) {
    return false;
  } else if constexpr (in_memory<R>) {
    return footprint_of(out).overlaps(footprint_of(r));
  } else if constexpr (requires { r.pointers; }) {
    for (auto const* row : r.pointers) {
      if (footprint_of(out).overlaps({row, r.columns, 1})) return true;
    }
    return false;
  } else if constexpr (requires { r.indices, r.base.row(0); }) {
    for (Index const i : r.indices) {
      if (i >= 0 && i < r.base.rows() && detail::overlaps(out, r.base.row(i))) return true;  // others are refused
    }
    return false;
  } else {
    return false;
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

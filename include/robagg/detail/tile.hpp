// SPDX-License-Identifier: BSL-1.0
// Reading tables: a tile is a few columns of every row, widened and contiguous, in cache. Every kernel
// reads through here, so this is where half and bfloat16 widen, -0 becomes +0, and input kinds end.
#pragma once

#include "../reports.hpp"
#include "../workspace.hpp"
#include "packet.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>  // std::data
#include <limits>
#include <span>
#include <string>

namespace robagg::inline ROBAGG_ABI::detail {

// What kernels compute in.
template <class S>
using wide = std::conditional_t<std::same_as<S, double>, double, float>;
template <class R>
using wide_of = wide<typename std::remove_cvref_t<R>::Scalar>;

// Sums along columns use blocks of this many columns, counted from column 0 (see tree.hpp).
inline constexpr Index block_columns = 512;

template <class T>
struct tile {
  T* data;
  Index rows, width, stride;
  static constexpr Index lane = 16;  // rows are padded to it, narrow ones to whole packets

  tile(workspace& ws, Index n, Index w) : data(ws.take<T>(n * padded(w))), rows(n), width(w), stride(padded(w)) {}
  tile(T* memory, Index n, Index w, Index s) : data(memory), rows(n), width(w), stride(s) {}

  static constexpr Index padded(Index w) {
    Index const unit = w < lane ? lanes<T> : lane;
    return (w + unit - 1) / unit * unit;
  }
  T* row(Index i) const { return data + i * stride; }
  tile first_columns(Index w) const { return {data, rows, w, stride}; }
};

// A tile for n rows of a table of d columns, as wide as stays in the first levels of cache. Its memory
// never shrinks when n or d grow, so that a smaller table needs no more than a larger one did.
template <class T>
inline constexpr Index tile_values = 64 * 1024 / static_cast<Index>(sizeof(T));
template <class T>
constexpr Index working_tile_size(Index n, Index d) {
  return std::min(std::max(tile_values<T>, n * tile<T>::lane), n * tile<T>::padded(d));
}
template <class T>
tile<T> working_tile(workspace& ws, Index n, Index d) {
  Index const lane = tile<T>::lane;
  Index const width = std::min(d, std::clamp(tile_values<T> / n / lane * lane, lane, block_columns));
  return {ws.take<T>(working_tile_size<T>(n, d)), n, width, tile<T>::padded(width)};
}

// Row i of a plain table, columns [j, j + w), widened, -0 as +0.
template <class R, class T>
void read_row(R const& r, Index i, Index j, Index w, T* to) {
  static_assert(!dense<R> || reads_in_place<R>, "robagg: a costly expression is evaluated once, before it is read");
  Eigen::Map<Eigen::Array<T, 1, Eigen::Dynamic>>(to, w) =
      r.row(i).segment(j, w).template cast<T>().array() + T(0);
}
template <class S, class L, class T>
void read_row(rows_table<S, L> const& r, Index i, Index j, Index w, T* to) {
  Eigen::Map<Eigen::Array<T, 1, Eigen::Dynamic>>(to, w) =
      Eigen::Map<Eigen::Array<S, 1, Eigen::Dynamic> const>(r.pointers[i] + j, w).template cast<T>() + T(0);
}
template <class B, class L, class T>
void read_row(subset_table<B, L> const& r, Index i, Index j, Index w, T* to) {
  detail::read_row(r.base, r.indices[i], j, w, to);
}

// Columns in memory, one after the other, of the type that kernels compute in.
template <class R, class T>
concept stores_columns = dense<R> && requires(R const& r) { r.data(); } && !R::IsRowMajor && std::same_as<typename R::Scalar, T>;
template <class R, class T>
concept stores_rows = dense<R> && requires(R const& r) { r.data(); } && bool(R::IsRowMajor) && std::same_as<typename R::Scalar, T>;

// Columns at p, p + step, ... become the rows of a tile.
template <class T>
void transpose(T const* p, Index step, tile<T> const& t) {
  // The processor sees many short strides where there is one long read.
  constexpr Index ahead = 4096, size = static_cast<Index>(sizeof(T));
  bool const dense_columns = step <= 2 * t.rows;
  auto const part = [&](Index c) {
    Index i = 0;
    for (; i + quad<T> <= t.rows; i += quad<T>) transpose_quads(p + c * step + i, step, t.row(i) + c, t.stride);
    // The last rows, if fewer, together with some that are there already.
    if (i < t.rows) i = t.rows - quad<T>, transpose_quads(p + c * step + i, step, t.row(i) + c, t.stride);
  };
  if (t.rows < quad<T> || t.width < lanes<T>) {
    for (Index c = 0; c < t.width; ++c) {
      for (Index i = 0; i < t.rows; ++i) t.row(i)[c] = p[c * step + i];
    }
    return;
  }
  Index c = 0;
  for (; c + lanes<T> <= t.width; c += lanes<T>) {
    if (dense_columns) detail::prefetch(p + c * step, ahead, lanes<T> * step * size);
    part(c);
  }
  if (c < t.width) part(t.width - lanes<T>);  // and so the last columns
}

// Columns [j, j + t.width) of a plain table. A lazy table has a load of its own and may need scratch.
template <class R, class T>
void load(R const& r, Index j, tile<T> const& t, workspace& ws) {
  if constexpr (requires { r.load(j, t, ws); }) {
    r.load(j, t, ws);
  } else {
    if constexpr (stores_columns<R, T>) {
      if (r.innerStride() == 1) return transpose(r.data() + j * r.outerStride(), r.outerStride(), t);
    }
    for (Index i = 0; i < t.rows; ++i) read_row(r, i, j, t.width, t.row(i));
  }
}

// A vector given by the user (an origin, scores), columns [j, j + w).
template <class V, class T>
void read_vector(V const& v, Index j, Index w, T* to) {
  for (Index c = 0; c < w; ++c) to[c] = static_cast<T>(v.coeff(j + c)) + T(0);
}

// --- where results go: any writable Eigen vector, a std::vector or a std::span -------------------

template <class Out>
concept writable_vector = requires(Out& out) { out.coeffRef(Index{0}); out.size(); } ||
                          requires(Out& out) { std::span(out); out[0]; };

// May a plain matrix get this shape? One of fixed or bounded size cannot get every shape.
template <class Out>
constexpr bool may_become(Index rows, Index cols) {
  auto const fits = [](int fixed, int most, Index n) { return fixed == Eigen::Dynamic ? most == Eigen::Dynamic || n <= most : n == fixed; };
  return fits(Out::RowsAtCompileTime, Out::MaxRowsAtCompileTime, rows) && fits(Out::ColsAtCompileTime, Out::MaxColsAtCompileTime, cols);
}

// Makes room for n results, or refuses an output of another size that cannot be resized: after everything else that op
// refuses, before the first result. `wanted` is what op's page calls n.
template <class Op, class Out>
void fit_vector(Op const& op, Out& out, Index n, std::string_view wanted = "d") {
  static_assert(writable_vector<Out>, "robagg: the result needs a writable Eigen vector or a std::span");
  if (static_cast<Index>(out.size()) == n) return;
  if constexpr (owns_memory<Out>) {
    if (detail::may_become<Out>(Out::RowsAtCompileTime == 1 ? 1 : n, Out::RowsAtCompileTime == 1 ? n : 1)) return out.resize(n);
  } else if constexpr (!dense<Out> && requires { out.resize(std::size_t{}); }) {
    return out.resize(static_cast<std::size_t>(n));
  }
  refuse(op, "needs an output of " + std::string(wanted) + " values", {{"size", static_cast<Index>(out.size())}, {wanted, n}});
}
template <class Op, class Out>
void fit_table(Op const& op, Out& out, Index rows, Index cols) {
  if (out.rows() == rows && out.cols() == cols) return;
  if constexpr (owns_memory<Out>) {
    if (detail::may_become<Out>(rows, cols)) return out.resize(rows, cols);
  }
  refuse(op, "needs an output of m x d values", {{"rows", out.rows()}, {"columns", out.cols()}, {"m", rows}, {"d", cols}});
}

// A result as a number of the output's type. Integers, and bool: the nearest one, ties to even, as far as the type goes; 0
// for NaN.
template <class S, class T>
S converted(T x) {
  if constexpr (std::is_integral_v<S>) {
    constexpr S least = std::numeric_limits<S>::min(), most = std::numeric_limits<S>::max();
    double const y = std::nearbyint(static_cast<double>(x));
    if (y >= static_cast<double>(most)) return most;
    return y > static_cast<double>(least) ? static_cast<S>(y) : y == y ? least : S(0);
  } else {
    return static_cast<S>(x);
  }
}

// Positions are never rounded: the output's type has to hold all of 0 .. d - 1.
template <class S, class Op>
void check_positions(Op const& op, Index d) {
  constexpr int digits = std::numeric_limits<S>::digits;
  if constexpr (digits < std::numeric_limits<Index>::digits) {
    constexpr Index largest = (Index{1} << digits) - (std::numeric_limits<S>::is_integer ? 1 : 0);
    if (d - 1 > largest) refuse(op, "needs an output whose numbers hold every position", {{"last position", d - 1}, {"largest number", largest}});
  }
}

// Where a result of contiguous T's goes, or nullptr.
template <class T, class Out>
T* contiguous(Out& out) {
  if constexpr (requires { { out.data() } -> std::same_as<T*>; }) {
    if constexpr (requires { out.innerStride(); }) {
      return out.innerStride() == 1 ? out.data() : nullptr;
    } else {
      return out.data();
    }
  } else {
    return nullptr;
  }
}

template <class Out, class T>
void store(Out& out, Index j, T const* from, Index w) {
  if constexpr (requires { out.coeffRef(j); }) {
    using S = typename Out::Scalar;
    if (S* const to = detail::contiguous<S>(out)) {
      for (Index c = 0; c < w; ++c) to[j + c] = detail::converted<S>(from[c]);
    } else {
      for (Index c = 0; c < w; ++c) out.coeffRef(j + c) = detail::converted<S>(from[c]);
    }
  } else {
    using S = std::remove_cvref_t<decltype(out[0])>;
    for (Index c = 0; c < w; ++c) out[static_cast<std::size_t>(j + c)] = detail::converted<S>(from[c]);
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
      : begin(reinterpret_cast<std::intptr_t>(data)), element(sizeof(T)), count(n), outer_count(outer_n),
        step(stride * element), outer_step(outer_stride * element) {
    if (count <= 0 || outer_count <= 0) {
      count = outer_count = 0;
      return;
    }
    if (step < 0) begin += (count - 1) * step, step = -step;
    if (outer_step < 0) begin += (outer_count - 1) * outer_step, outer_step = -outer_step;
    if (step == element) element *= count, count = 1, step = 0;  // no gaps
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

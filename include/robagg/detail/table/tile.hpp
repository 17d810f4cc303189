// SPDX-License-Identifier: BSL-1.0
// Reading tables: a tile is a few columns of every row, widened and contiguous, in cache. Every kernel
// reads through here, so this is where halves and integers widen, -0 becomes +0, and input kinds end.
#pragma once

#include "../../workspace.hpp"
#include "prefetch.hpp"
#include "rows.hpp"

#include <algorithm>
#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

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
    Index const whole = w < lane ? unit<T> : lane;
    return (w + whole - 1) / whole * whole;
  }
  static constexpr Index whole(Index w) { return (w + unit<T> - 1) / unit<T> * unit<T>; }  // packets
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

// w values, w > 0, followed by zeros up to whole packets: narrow tables spend their time here, and two calls of the C library a
// row take longer than the row.
template <class T>
EIGEN_ALWAYS_INLINE void copy_padded(T const* from, Index w, T* to) {
  using V = packet<T>;
  for (Index j = 0, end = tile<T>::whole(w); j < end; j += lanes<T>) {
    detail::store<V>(
        to + j, w - j >= lanes<T> ? detail::load<V>(from + j) : detail::load_some<V>(from + j, 1, std::max<Index>(w - j, 0)));
  }
}

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
    if (i < t.rows) {
      i = t.rows - quad<T>;
      transpose_quads(p + c * step + i, step, t.row(i) + c, t.stride);
    }
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
template <class T>
  requires compiled_elsewhere<T>
void transpose(T const* p, Index step, tile<T> const& t) {
  dispatch::of<T>().transpose(p, step, t.data, t.rows, t.width, t.stride);
}

// The same of numbers that are widened, a few columns of some rows at a time.
template <class S, class T>
void transpose(S const* p, Index step, tile<T> const& t) {
  constexpr Index most = 64;
  T part[static_cast<std::size_t>(lanes<T> * most)];
  for (Index i = 0; i < t.rows; i += most) {
    Index const rows = std::min(most, t.rows - i);
    for (Index c = 0; c < t.width; c += lanes<T>) {
      Index const width = std::min(lanes<T>, t.width - c);
      for (Index k = 0; k < width; ++k) detail::widen(p + (c + k) * step + i, rows, part + k * rows);
      detail::transpose<T>(part, rows, tile<T>(t.row(i) + c, rows, width, t.stride));
    }
  }
}

// NaN where the mask over columns [j, j + t.width) is not 0.
template <class T>
void hide(mask_view const& mask, Index j, tile<T> const& t) {
  if (mask.data == nullptr) return;  // of no columns
  unsigned char const* const first = mask.data + j * mask.column_step;
  if (mask.column_step == 1) {
    for (Index i = 0; i < t.rows; ++i) detail::set_nan(first + i * mask.row_step, t.width, t.row(i));
    return;
  }
  for (Index c = 0; c < t.width; ++c) {
    for (Index i = 0; i < t.rows; ++i) {
      if (first[i * mask.row_step + c * mask.column_step] != 0) t.row(i)[c] = std::numeric_limits<T>::quiet_NaN();
    }
  }
}

// Columns [j, j + t.width) of a plain table. A lazy table has a load of its own and may need scratch.
template <class R, class T>
void load(R const& r, Index j, tile<T> const& t, workspace& ws) {
  if constexpr (requires { r.load(j, t, ws); }) {
    r.load(j, t, ws);
  } else if constexpr (requires { r.mask; }) {
    detail::load(r.base, j, t, ws);
    detail::hide(r.view(), j, t);
  } else {
    if constexpr (stores_columns<R>) {
      if (r.innerStride() == 1) return detail::transpose(r.data() + j * r.outerStride(), r.outerStride(), t);
    }
    for (Index i = 0; i < t.rows; ++i) read_row(r, i, j, t.width, t.row(i));
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail

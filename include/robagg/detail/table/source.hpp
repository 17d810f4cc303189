// SPDX-License-Identifier: BSL-1.0
// Tables as engines read them, and results as engines write them, whatever their kinds: an engine is compiled once for each
// type of number, not for each kind of table.
#pragma once

#include "output.hpp"
#include "tile.hpp"

#include <algorithm>
#include <concepts>
#include <type_traits>
#include <utility>

namespace robagg::inline ROBAGG_ABI::detail {

// A plain table of any kind.
template <class T>
class table_reader {
 public:
  table_reader(Index rows, Index cols, bool in_place, Index size)
      : rows_(rows), cols_(cols), size_(size), in_place_(in_place) {}
  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  // Do rows have addresses?
  bool in_place() const { return in_place_; }
  virtual T const* address(Index i) const = 0;
  // Where row i is in one piece, of numbers of size() bytes, or nullptr.
  virtual void const* stored_row(Index i) const = 0;
  Index size() const { return size_; }
  // Columns [j, j + t.width) of all rows.
  virtual void load(Index j, tile<T> const& t, workspace& ws) const = 0;
  // Column j where it is contiguous in memory, or nullptr.
  virtual T const* column(Index j) const = 0;
  // Columns [j, j + w), one after the other, of the rows in `chosen` or of all (nullptr), n in number.
  virtual void read_columns(Index const* chosen, Index n, Index j, Index w, T* to, workspace& ws) const = 0;

 protected:
  ~table_reader() = default;

 private:
  Index rows_, cols_, size_;
  bool in_place_;
};

template <class X, class T>
class reader final : public table_reader<T> {
 public:
  explicit reader(X const& x)
      : table_reader<T>(x.rows(), x.cols(), has_addresses<X, T>, static_cast<Index>(sizeof(typename X::Scalar))), table_(x) {}

  T const* address(Index i) const override {
    if constexpr (has_addresses<X, T>) {
      return detail::row_address<T>(table_, i);
    } else {
      return nullptr;
    }
  }
  void const* stored_row(Index i) const override { return detail::stored_row(table_, i); }
  void load(Index j, tile<T> const& t, workspace& ws) const override { detail::load(table_, j, t, ws); }
  T const* column(Index j) const override {
    if constexpr (requires {
                    requires dense<X> && std::same_as<typename X::Scalar, T>;
                    table_.data();
                    table_.innerStride();
                  }) {
      Index const inner = table_.innerStride(), outer = table_.outerStride();
      if ((X::IsRowMajor ? outer : inner) == 1) return table_.data() + j * (X::IsRowMajor ? inner : outer);
    }
    return nullptr;
  }
  void read_columns(Index const* chosen, Index n, Index j, Index w, T* to, workspace& ws) const override {
    if constexpr (stores_columns<X>) {
      if (chosen == nullptr && table_.innerStride() == 1) {
        for (Index c = 0; c < w; ++c) detail::widen(table_.data() + (j + c) * table_.outerStride(), n, to + c * n);
        return;
      }
    }
    auto const scope = ws.scope();
    auto const row = [&](Index i) { return chosen == nullptr ? i : chosen[i]; };
    if constexpr (requires(tile<T> t) { table_.load(j, t, ws); }) {
      tile<T> const t(ws, table_.rows(), w);
      detail::load(table_, j, t, ws);
      for (Index i = 0; i < n; ++i) {
        for (Index c = 0; c < w; ++c) to[c * n + i] = t.row(row(i))[c];
      }
    } else {
      T* const room = ws.take<T>(w);
      for (Index i = 0; i < n; ++i) {
        T const* const values = detail::row_piece(table_, row(i), j, j + w, room);
        for (Index c = 0; c < w; ++c) to[c * n + i] = values[c] + T(0);
      }
    }
  }

 private:
  X const& table_;
};
#ifdef ROBAGG_RULES
ROBAGG_RULES class reader<Eigen::MatrixXf, float>;
ROBAGG_RULES class reader<Eigen::MatrixXd, double>;
ROBAGG_RULES class reader<table<float>, float>;
ROBAGG_RULES class reader<table<double>, double>;
#endif
template <class T, class X>
reader<X, T> reader_of(X const& x) {
  return reader<X, T>(x);
}

// A table of which blocks of columns are read, one after the other: of the rows in `chosen`, or of all (nullptr), `most`
// columns at a time; with most = 0 only single columns are read, and nothing is prepared for the rows.
template <class T>
class table_source {
 public:
  // Row i at rows[i] + offset.
  struct block {
    T const* const* rows;
    Index offset;
  };

  table_source(table_reader<T> const& table, Index const* chosen, Index count, Index most, workspace& ws)
      : table_(table),
        chosen_(chosen),
        ws_(ws),
        rows_(count),
        tile_(ws, table.in_place() ? (most == 0 ? 0 : count) : table.rows(), most) {
    Index const listed = most == 0 ? 0 : count;
    addresses_ = ws.take<T const*>(listed);
    tile_rows_ = ws.take<T const*>(listed);
    stored_ = ws.take<void const*>(listed);
    for (Index i = 0; i < listed; ++i) {
      Index const row = chosen == nullptr ? i : chosen[i];
      if (table.in_place()) addresses_[i] = table.address(row);
      stored_[i] = table.stored_row(row);
      fetches_ = fetches_ && stored_[i] != nullptr;
      tile_rows_[i] = tile_.row(table.in_place() ? i : row);
    }
  }

  Index rows() const { return rows_; }
  // Columns [j, j + w), as whole packets: in place where rows have addresses and w is a number of packets, otherwise
  // through a tile, padded with zeros; those are at most `most` or, if fewer, one packet.
  block at(Index j, Index w) const {
    Index const padded = tile<T>::whole(w);
    if (table_.in_place()) {
      if (w == padded) return {addresses_, j};
      for (Index i = 0; i < rows_; ++i) detail::copy_padded(addresses_[i] + j, w, tile_.row(i));
    } else {
      table_.load(j, tile_.first_columns(w), ws_);
      for (Index i = 0; i < tile_.rows; ++i) std::fill(tile_.row(i) + w, tile_.row(i) + padded, T(0));
    }
    return {tile_rows_, 0};
  }
  // Where the rows begin, or nullptr.
  T const* const* addresses() const { return table_.in_place() ? addresses_ : nullptr; }
  // What brings the next `columns` columns into cache, where the processor does not by itself.
  prefetcher<T> ahead(Index columns) const {
    bool const many = rows_ >= many_streams || !table_.in_place();
    return fetches_ && many ? prefetcher<T>(stored_, rows_, columns, table_.size()) : prefetcher<T>();
  }
  // Column j where it is contiguous in memory, or nullptr.
  T const* column(Index j) const { return chosen_ == nullptr ? table_.column(j) : nullptr; }
  // Columns [j, j + w), one after the other.
  void read_columns(Index j, Index w, T* to) const { table_.read_columns(chosen_, rows_, j, w, to, ws_); }

 private:
  table_reader<T> const& table_;
  Index const* chosen_;
  workspace& ws_;
  Index rows_;
  tile<T> tile_;
  T const **addresses_, **tile_rows_;
  void const** stored_;
  bool fetches_ = true;
};

// What reading w columns of a lazy table takes.
template <class X>
std::size_t load_scratch(X const& x, Index w) {
  if constexpr (requires { x.scratch(w); }) {
    return x.scratch(w);
  } else {
    return 0;
  }
}
// What room engines take depends on this much of a table that they read as T's.
template <class T>
class table_shape {
 public:
  template <class X>
    requires(!std::same_as<X, table_shape>)
  table_shape(X const& x)
      : rows(x.rows()), cols(x.cols()), in_place(has_addresses<X, T>), table_(&x), load_scratch_([](void const* t, Index w) {
          return detail::load_scratch(*static_cast<X const*>(t), w);
        }) {}
  Index rows, cols;
  bool in_place;
  std::size_t load_scratch(Index w) const { return load_scratch_(table_, w); }

 private:
  void const* table_;
  std::size_t (*load_scratch_)(void const* table, Index w);
};
// A table_source of so many rows.
template <class T>
std::size_t source_scratch(table_shape<T> const& x, Index rows, Index most) {
  return workspace::room<T>(rows * tile<T>::padded(most)) + 3 * workspace::room<T const*>(rows) + x.load_scratch(most);
}
template <class T, class X>
std::size_t source_scratch(X const& x, Index rows, Index most) {
  return detail::source_scratch(table_shape<T>(x), rows, most);
}
}  // namespace robagg::inline ROBAGG_ABI::detail

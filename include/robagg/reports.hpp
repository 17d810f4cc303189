// SPDX-License-Identifier: BSL-1.0
// The table that every operator reads: rows report, columns are reported on.
//
// Any Eigen dense expression of float, double, half, bfloat16 or integers of up to 32 bits is a table; integers are read as the
// float (8 and 16 bits) or the double (32) that holds them all, and so are the results. A table of uint16_t holds whole
// numbers; a buffer of the bits of halves is read through as_half or as_bfloat16. The wrappers below say more about one without
// copying it. They nest in one canonical order (subset innermost, then skip_nan, weighted, around), whatever order they are
// written in. As the views of the standard library do, they refer to what has a name and keep what has none: matrices, weights
// and row lists with names must outlive them, temporaries move in, and a wrapper that keeps one can be moved only.
#pragma once

#include "error.hpp"
#include "detail/base/widen.hpp"
#include "detail/table/ownership.hpp"
#include "detail/table/weights.hpp"

#include <concepts>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// The fastest table: row-major, so that each report is contiguous.
template <class Scalar>
using table = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

namespace detail {

// What a table may carry besides its rows, or lack: the columns of some are computed where they are read (load), and no
// row is ever in one piece. A type that is no table has none of these.
enum table_trait : int {
  plain = 0,
  skips_nan = 1,
  has_weights = 2,
  has_origin = 4,
  lacks_rows = 8,
  any_table = 15,
  no_table = 16
};

template <class T>
inline constexpr int traits_of = no_table;
template <dense T>
inline constexpr int traits_of<T> = report_scalar<typename T::Scalar> ? plain : no_table;

template <class R>
inline constexpr int traits = traits_of<std::remove_cvref_t<R>>;

// The table itself, or what a costly expression evaluates to.
template <class R>
decltype(auto) readable(R const& r) {
  if constexpr (dense<R> && !reads_in_place<R>) {
    return typename R::PlainObject(r);
  } else {
    return (r);
  }
}

}  // namespace detail

/// Any table, plain or wrapped.
template <class R>
concept any_reports = detail::traits<R> < detail::no_table;
/// A plain table: rows in one piece, no weights, no absent entries, the origin at zero.
template <class R>
concept reports = detail::traits<R> == detail::plain;
/// A table whose rows have weights.
template <class R>
concept weighted_reports = any_reports<R> && (detail::traits<R> & detail::has_weights) != 0;
/// A table in which NaN means absent.
template <class R>
concept incomplete_reports = any_reports<R> && (detail::traits<R> & detail::skips_nan) != 0;
/// A table seen from another origin.
template <class R>
concept shifted_reports = any_reports<R> && (detail::traits<R> & detail::has_origin) != 0;

namespace detail {

// What `into` is given: a table, or a matrix of other numbers, of which the engines say in a sentence that it is none.
template <class R>
concept given_table = any_reports<R> || dense<R>;

// A table without a wrapper, with rows or without.
template <class R>
concept unwrapped = any_reports<R> && (traits<R> & (skips_nan | has_weights | has_origin)) == 0;

template <class S, class L = list<S const*>>
struct rows_table {
  using Scalar = S;
  static constexpr int ColsAtCompileTime = Eigen::Dynamic;
  static constexpr bool is_owner = any_owns<L>;
  L pointers;
  Index columns;
  [[no_unique_address]] copying<L> copies = {};
  Index rows() const { return pointers.size(); }
  Index cols() const { return columns; }
  auto row(Index i) const { return Eigen::Map<Eigen::Matrix<S, 1, Eigen::Dynamic> const>(pointers[i], columns); }
  S operator()(Index i, Index j) const { return pointers[i][j]; }
};

// Base, Weights and V are as a wrapper holds them: a type, or a reference to it.
template <class Base, class L = list<Index>>
struct subset_table {
  using table_type = std::remove_cvref_t<Base>;
  using Scalar = typename table_type::Scalar;
  static constexpr int ColsAtCompileTime = table_type::ColsAtCompileTime;
  static constexpr bool is_owner = any_owns<Base, L>;
  Base base;
  L indices;
  [[no_unique_address]] copying<Base, L> copies = {};
  Index rows() const { return indices.size(); }
  Index cols() const { return base.cols(); }
  auto row(Index i) const { return base.row(indices[i]); }
  Scalar operator()(Index i, Index j) const { return base(indices[i], j); }
};

// The three wrappers that change the meaning of a table, not its rows. with(y) says of another
// table what this wrapper says of its own.
template <class Base>
struct wrapper {
  using table_type = std::remove_cvref_t<Base>;
  using Scalar = typename table_type::Scalar;
  static constexpr int ColsAtCompileTime = table_type::ColsAtCompileTime;
  Base base;
  [[no_unique_address]] copying<Base> copies = {};
  Index rows() const { return base.rows(); }
  Index cols() const { return base.cols(); }
};
template <class Base>
struct skip_nan_table : wrapper<Base> {
  static constexpr bool is_owner = any_owns<Base>;
  template <class Y>
  auto with(Y&& y) const {
    return skip_nan_table<held<Y>>{{std::forward<Y>(y)}};
  }
};
template <class Base, class Weights>
struct weighted_table : wrapper<Base> {
  static constexpr bool is_owner = any_owns<Base, Weights>;
  Weights weights;
  [[no_unique_address]] copying<Weights> copies_weights = {};
  template <class Y>
  auto with(Y&& y) const& {
    return weighted_table<held<Y>, held<Weights const&>>{{std::forward<Y>(y)}, weights};
  }
  template <class Y>
  auto with(Y&& y) && {
    return weighted_table<held<Y>, Weights>{{std::forward<Y>(y)}, std::forward<Weights>(weights)};
  }
};
template <class Base, class V>
struct around_table : wrapper<Base> {
  static constexpr bool is_owner = any_owns<Base, V>;
  V origin;
  [[no_unique_address]] copying<V> copies_origin = {};
  template <class Y>
  auto with(Y&& y) const& {
    return around_table<held<Y>, held<V const&>>{{std::forward<Y>(y)}, origin};
  }
  template <class Y>
  auto with(Y&& y) && {
    return around_table<held<Y>, V>{{std::forward<Y>(y)}, std::forward<V>(origin)};
  }
};

template <class S, class L>
inline constexpr int traits_of<rows_table<S, L>> = plain;
template <class B, class L>
inline constexpr int traits_of<subset_table<B, L>> = plain;
template <class B>
inline constexpr int traits_of<skip_nan_table<B>> = traits<B> | skips_nan;
template <class B, class W>
inline constexpr int traits_of<weighted_table<B, W>> = traits<B> | has_weights;
template <class B, class V>
inline constexpr int traits_of<around_table<B, V>> = traits<B> | has_origin;

// The view y (a Map, a lazy table) with everything that the table x carries.
template <class X, class Y>
auto rewrap(X const& x, Y const& y) {
  if constexpr (unwrapped<X>) {
    return y;
  } else {
    return x.with(detail::rewrap(x.base, y));
  }
}

// The plain table inside.
template <class X>
auto const& plain_of(X const& x) {
  if constexpr (unwrapped<X>) {
    return x;
  } else {
    return detail::plain_of(x.base);
  }
}

// The weights of a weighted table.
template <class X>
auto const& weights_of(X const& x) {
  if constexpr (requires { x.weights; }) {
    return x.weights;
  } else {
    return weights_of(x.base);
  }
}

// How much each row counts, into w: 1 without weights.
template <class X>
weight_kind read_weights(X const& x, double* w) {
  if constexpr (!weighted_reports<X>) {
    for (Index i = 0; i < x.rows(); ++i) w[i] = 1;
    return weight_kind::equal;
  } else {
    for (Index i = 0; i < x.rows(); ++i) w[i] = static_cast<double>(detail::weights_of(x)[i]);
    return detail::normalise_weights(w, x.rows());
  }
}

// Does anybody but row i weigh something?
template <class R>
bool others_weigh([[maybe_unused]] R const& r, [[maybe_unused]] Index i) {
  if constexpr (weighted_reports<R>) {
    for (Index k = 0; k < r.rows(); ++k) {
      if (k != i && static_cast<double>(detail::weights_of(r)[k]) > 0) return true;
    }
    return false;
  } else {
    return true;
  }
}

template <class X>
double weight_epsilon(X const& x) {
  if constexpr (weighted_reports<X>) {
    return weights_of(x).epsilon();
  } else {
    return Eigen::NumTraits<double>::epsilon();
  }
}

}  // namespace detail

/// n separately allocated rows of d values, one buffer per client, without copying: `buffers` is
/// anything with data() and size() of pointers. A null pointer is `bad_input` when it is used.
template <detail::listable Buffers>
  requires requires(detail::element_of<std::remove_cvref_t<Buffers>> p) {
    { *p } -> std::convertible_to<double>;
  }
auto rows_of(Buffers&& buffers, Index d) {
  using S = std::remove_cvref_t<decltype(*buffers.data()[0])>;
  static_assert(detail::report_scalar<S>,
                "robagg: rows_of takes buffers of float, double, half, bfloat16 or integers of up to 32 bits");
  if constexpr (detail::outlives_temporaries<Buffers>) {
    return detail::rows_table<S>{{static_cast<S const* const*>(buffers.data()), static_cast<Index>(buffers.size())}, d};
  } else {
    using L = detail::held_list<Buffers>;
    return detail::rows_table<S, L>{L{std::forward<Buffers>(buffers)}, d};
  }
}

/// The same of a container of rows, each contiguous and all of one length: `rows_of(std::vector<std::vector<float>>)`. The
/// addresses are listed, the rows stay where they are. Rows of different lengths are `bad_input`.
template <class Rows>
  requires(detail::listable<Rows> && detail::listable<detail::element_of<std::remove_cvref_t<Rows>>>)
auto rows_of(Rows&& rows) {
  using S = detail::element_of<detail::element_of<std::remove_cvref_t<Rows>>>;
  static_assert(detail::report_scalar<S>,
                "robagg: rows_of takes rows of float, double, half, bfloat16 or integers of up to 32 bits");
  static_assert(detail::outlives_temporaries<Rows>,
                "robagg: this table would outlive the temporary rows that it is made from: give them a name");
  Index const d = rows.size() == 0 ? 0 : static_cast<Index>(rows.data()[0].size());
  std::vector<S const*> addresses;
  for (auto const& row : rows) {
    if (static_cast<Index>(row.size()) != d) {
      detail::throw_bad_input(
          "rows_of", "needs rows of one length",
          {{"row", static_cast<Index>(addresses.size())}, {"length", static_cast<Index>(row.size())}, {"d", d}});
    }
    addresses.push_back(row.data());
  }
  return robagg::rows_of(std::move(addresses), d);
}

/// The 16-bit integers of a buffer as the numbers whose bits they are: `Eigen::Map<table<Eigen::half>
/// const>(as_half(span).data(), n, d)`.
inline std::span<Eigen::half const> as_half(std::span<std::uint16_t const> bits) {
  static_assert(sizeof(Eigen::half) == 2 && alignof(Eigen::half) == 2);
  return {reinterpret_cast<Eigen::half const*>(bits.data()), bits.size()};
}
inline std::span<Eigen::bfloat16 const> as_bfloat16(std::span<std::uint16_t const> bits) {
  static_assert(sizeof(Eigen::bfloat16) == 2 && alignof(Eigen::bfloat16) == 2);
  return {reinterpret_cast<Eigen::bfloat16 const*>(bits.data()), bits.size()};
}

/// Only these rows, in this order; an unknown row is `bad_input` when the table is used.
template <any_reports R, detail::listable Rows>
  requires std::integral<detail::element_of<std::remove_cvref_t<Rows>>>
auto subset(R&& x, Rows&& rows) {
  using X = std::remove_cvref_t<R>;
  static_assert(
      (detail::traits<X> & detail::lacks_rows) == 0,
      "robagg: the columns of this table are computed where they are read, it has no rows to choose from: write it into a "
      "matrix first");
  using L = detail::held_list<Rows>;
  if constexpr (reports<X>) {
    return detail::subset_table<detail::held<R>, L>{std::forward<R>(x), L{std::forward<Rows>(rows)}};
  } else if constexpr (weighted_reports<X> && !shifted_reports<X>) {
    auto inner = robagg::subset(std::forward<R>(x).base, Rows(rows));
    using W = detail::picked_weights<detail::held<decltype((std::forward<R>(x).weights))>, L>;
    return detail::weighted_table<decltype(inner), W>{{std::move(inner)},
                                                      {std::forward<R>(x).weights, L{std::forward<Rows>(rows)}}};
  } else {
    return std::forward<R>(x).with(robagg::subset(std::forward<R>(x).base, std::forward<Rows>(rows)));
  }
}

/// NaN means absent, entry by entry: each column is made from the values that are there.
template <any_reports R>
auto skip_nan(R&& x) {
  using X = std::remove_cvref_t<R>;
  if constexpr (detail::unwrapped<X>) {
    return detail::skip_nan_table<detail::held<R>>{{std::forward<R>(x)}};
  } else if constexpr (weighted_reports<X> || shifted_reports<X>) {
    return std::forward<R>(x).with(robagg::skip_nan(std::forward<R>(x).base));
  } else {
    return x.with(std::forward<R>(x).base);
  }
}

/// Row i counts w[i] >= 0 times. Relative: a common factor changes nothing, weight 0 is an absent
/// row, equal weights are none. Whole numbers count exactly, as that many equal rows. Negative,
/// non-finite or all-zero weights and a wrong length are `bad_input` when used.
template <any_reports R, detail::listable W>
auto weighted(R&& x, W&& w) {
  using X = std::remove_cvref_t<R>;
  static_assert(std::is_convertible_v<detail::element_of<std::remove_cvref_t<W>>, double>, "robagg: weights are numbers");
  static_assert(!weighted_reports<X>, "robagg: this table has weights already: multiply them instead");
  if constexpr (shifted_reports<X>) {
    return std::forward<R>(x).with(robagg::weighted(std::forward<R>(x).base, std::forward<W>(w)));
  } else {
    using L = detail::held_list<W>;
    return detail::weighted_table<detail::held<R>, detail::listed_weights<L>>{{std::forward<R>(x)}, {L{std::forward<W>(w)}}};
  }
}

// What is no list of numbers, and what is no table, is refused in a sentence.
template <any_reports R, class W>
  requires(!detail::listable<W>)
detail::refused weighted(R&&, W&&) {
  using V = std::remove_cvref_t<W>;
  static_assert(!std::same_as<V, std::vector<bool>>,
                "robagg: std::vector<bool> holds bits, not weights: use std::vector<double>, or subset(x, rows)");
  static_assert(!detail::dense<V>, "robagg: weights are a vector with one number per row, one after the other in memory");
  static_assert(std::same_as<V, std::vector<bool>> || detail::dense<V>,
                "robagg: weights are a list of numbers: std::vector, std::span, std::array or an Eigen vector");
  return {};
}

/// Moves the origin to the vector v and adds it back to the result: the centre of clip, the start
/// of an iteration. v has one value per column.
template <any_reports R, class V>
  requires detail::dense<std::remove_cvref_t<V>>
auto around(R&& x, V&& v) {
  using X = std::remove_cvref_t<R>;
  static_assert(!shifted_reports<X>, "robagg: this table has an origin already: add the vectors instead");
  static_assert(std::remove_cvref_t<V>::IsVectorAtCompileTime, "robagg: around takes a vector");
  return detail::around_table<detail::held<R>, detail::held<V>>{{std::forward<R>(x)}, std::forward<V>(v)};
}

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
// The table that every operator reads: rows report, columns are reported on.
//
// Any Eigen dense expression of float, double, half or bfloat16 is a table. The wrappers below say
// more about one without copying it. They nest in one canonical order (subset innermost, then
// skip_nan, weighted, around), whatever order they are written in. All of them only look: tables,
// weights and row lists must outlive them, and a temporary matrix is refused at compile time.
#pragma once

#include "error.hpp"

#include <cmath>  // std::ilogb
#include <concepts>
#include <type_traits>
#include <utility>

namespace robagg::inline ROBAGG_ABI {

/// The fastest table: row-major, so that each report is contiguous.
template <class Scalar>
using table = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

namespace detail {

template <class D>
D const& as_dense(Eigen::DenseBase<D> const&);
template <class T>
concept dense = requires(T const& t) { detail::as_dense(t); };

template <class S>
concept report_scalar = std::same_as<S, float> || std::same_as<S, double> ||
                        std::same_as<S, Eigen::half> || std::same_as<S, Eigen::bfloat16>;

// What a table may carry besides its rows. A type that is no table has none of these.
enum table_trait : int { plain = 0, skips_nan = 1, has_weights = 2, has_origin = 4, any_table = 7, no_table = 8 };

template <class T>
inline constexpr int traits_of = no_table;
template <dense T>
inline constexpr int traits_of<T> = report_scalar<typename T::Scalar> ? plain : no_table;

template <class R>
inline constexpr int traits = traits_of<std::remove_cvref_t<R>>;

// Plain matrices are held by reference, expressions, maps and wrappers by value.
template <class T>
inline constexpr bool owns_memory = false;
template <dense T>
inline constexpr bool owns_memory<T> = std::is_base_of_v<Eigen::PlainObjectBase<typename T::PlainObject>, T>;

// Eigen evaluates a product or a reduction inside an expression again for every block that is asked
// of it. Only expressions known to be read coefficient by coefficient are read in place; the others
// are evaluated once, which allocates.
template <class T>
inline constexpr bool reads_in_place = requires(T const& t) { t.data(); };
template <class Op, class X>
inline constexpr bool reads_in_place<Eigen::CwiseUnaryOp<Op, X>> = reads_in_place<std::remove_cv_t<X>>;
template <class Op, class L, class R>
inline constexpr bool reads_in_place<Eigen::CwiseBinaryOp<Op, L, R>> =
    reads_in_place<std::remove_cv_t<L>> && reads_in_place<std::remove_cv_t<R>>;
template <class Op, class X>
inline constexpr bool reads_in_place<Eigen::CwiseNullaryOp<Op, X>> = true;
template <class X, int N, int M, bool Inner>
inline constexpr bool reads_in_place<Eigen::Block<X, N, M, Inner>> = reads_in_place<std::remove_cv_t<X>>;
template <class X, int N>
inline constexpr bool reads_in_place<Eigen::VectorBlock<X, N>> = reads_in_place<std::remove_cv_t<X>>;
template <class X>
inline constexpr bool reads_in_place<Eigen::Transpose<X>> = reads_in_place<std::remove_cv_t<X>>;
template <class X>
inline constexpr bool reads_in_place<Eigen::ArrayWrapper<X>> = reads_in_place<std::remove_cv_t<X>>;
template <class X>
inline constexpr bool reads_in_place<Eigen::MatrixWrapper<X>> = reads_in_place<std::remove_cv_t<X>>;

template <class T>
struct held_as {
  using type = T const;
};
template <dense T>
struct held_as<T> {
  using type = std::conditional_t<owns_memory<T>, T const&, std::conditional_t<reads_in_place<T>, T const, typename T::PlainObject const>>;
};
template <class T>
using held = typename held_as<T>::type;

// The table itself, or what a costly expression evaluates to.
template <class R>
decltype(auto) readable(R const& r) {
  if constexpr (dense<R> && !reads_in_place<R>) {
    return typename R::PlainObject(r);
  } else {
    return (r);
  }
}

template <class R>
concept outlives_the_wrapper =
    std::is_lvalue_reference_v<R> || !owns_memory<std::remove_cvref_t<R>>;

}  // namespace detail

/// Any table, plain or wrapped.
template <class R>
concept any_reports = detail::traits<R> < detail::no_table;
/// A plain table: no weights, no absent entries, the origin at zero.
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

template <class S>
struct rows_table {
  using Scalar = S;
  static constexpr int ColsAtCompileTime = Eigen::Dynamic;
  list<S const*> pointers;
  Index columns;
  Index rows() const { return pointers.size(); }
  Index cols() const { return columns; }
  auto row(Index i) const { return Eigen::Map<Eigen::Matrix<S, 1, Eigen::Dynamic> const>(pointers[i], columns); }
  S operator()(Index i, Index j) const { return pointers[i][j]; }
};

template <class Base>
struct subset_table {
  using Scalar = typename Base::Scalar;
  static constexpr int ColsAtCompileTime = Base::ColsAtCompileTime;
  held<Base> base;
  list<Index> indices;
  Index rows() const { return indices.size(); }
  Index cols() const { return base.cols(); }
  auto row(Index i) const { return base.row(indices[i]); }
  Scalar operator()(Index i, Index j) const { return base(indices[i], j); }
};

// The weights of a subset of a weighted table.
template <class Weights>
struct picked_weights {
  Weights all;
  list<Index> indices;
  using value_type = typename Weights::value_type;
  Index size() const { return indices.size(); }
  // One weight for every row of the table that the subset was taken from? Rows that a pipe has made of it are as many.
  bool fit(auto const& table) const {
    if constexpr (requires { table.indices; }) {
      return table.rows() == size() && all.fit(table.base);
    } else {
      return table.rows() == size();
    }
  }
  double epsilon() const { return all.epsilon(); }
  value_type operator[](Index i) const { return all[indices[i]]; }
};
template <class W>
struct listed_weights {
  list<W> values;
  using value_type = W;
  Index size() const { return values.size(); }
  bool fit(auto const& table) const { return table.rows() == size(); }
  // The rounding unit of the type that carries the weights.
  double epsilon() const {
    using F = std::conditional_t<std::is_integral_v<W>, double, W>;
    return static_cast<double>(Eigen::NumTraits<F>::epsilon());
  }
  value_type operator[](Index i) const { return values[i]; }
};

// The three wrappers that change the meaning of a table, not its rows. with(y) says of another
// table what this wrapper says of its own.
template <class Base>
struct wrapper {
  using Scalar = typename Base::Scalar;
  static constexpr int ColsAtCompileTime = Base::ColsAtCompileTime;
  held<Base> base;
  Index rows() const { return base.rows(); }
  Index cols() const { return base.cols(); }
};
template <class Base>
struct skip_nan_table : wrapper<Base> {
  template <class Y>
  skip_nan_table<Y> with(Y const& y) const {
    return {{y}};
  }
};
template <class Base, class Weights>
struct weighted_table : wrapper<Base> {
  Weights weights;
  template <class Y>
  weighted_table<Y, Weights> with(Y const& y) const {
    return {{y}, weights};
  }
};
template <class Base, class V>
struct around_table : wrapper<Base> {
  held<V> origin;
  template <class Y>
  around_table<Y, V> with(Y const& y) const {
    return {{y}, origin};
  }
};

template <class S>
inline constexpr int traits_of<rows_table<S>> = plain;
template <class B>
inline constexpr int traits_of<subset_table<B>> = plain;
template <class B>
inline constexpr int traits_of<skip_nan_table<B>> = traits<B> | skips_nan;
template <class B, class W>
inline constexpr int traits_of<weighted_table<B, W>> = traits<B> | has_weights;
template <class B, class V>
inline constexpr int traits_of<around_table<B, V>> = traits<B> | has_origin;

// The view y (a Map, a lazy table) with everything that the table x carries.
template <class X, class Y>
auto rewrap(X const& x, Y const& y) {
  if constexpr (reports<X>) {
    return y;
  } else {
    return x.with(detail::rewrap(x.base, y));
  }
}

// The plain table inside.
template <class X>
auto const& plain_of(X const& x) {
  if constexpr (reports<X>) {
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

// Only ratios of weights count, so the largest is scaled to [1, 2) by a power of two, exactly: sums never overflow.
inline void scale_weights(double* w, Index n) {
  double most = 0;
  for (Index i = 0; i < n; ++i) most = w[i] > most ? w[i] : most;
  int const exponent = most > 0 ? std::ilogb(most) : 0;
  for (Index i = 0; i < n; ++i) w[i] = std::ldexp(w[i], -exponent);
}

// How much each row counts, into w: 1 without weights.
template <class X>
void read_weights(X const& x, double* w) {
  if constexpr (!weighted_reports<X>) {
    for (Index i = 0; i < x.rows(); ++i) w[i] = 1;
  } else {
    for (Index i = 0; i < x.rows(); ++i) w[i] = static_cast<double>(detail::weights_of(x)[i]);
    detail::scale_weights(w, x.rows());
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
template <class Buffers>
  requires requires(Buffers const& b) {
    { **b.data() } -> std::convertible_to<double>;
    b.size();
  }
auto rows_of(Buffers const& buffers, Index d) {
  using S = std::remove_cvref_t<decltype(**buffers.data())>;
  static_assert(detail::report_scalar<S>, "robagg: rows_of takes float, double, half or bfloat16 buffers");
  return detail::rows_table<S>{{static_cast<S const* const*>(buffers.data()), static_cast<Index>(buffers.size())}, d};
}

/// Only these rows, in this order; an unknown row is `bad_input` when the table is used.
template <any_reports R>
  requires detail::outlives_the_wrapper<R>
auto subset(R&& x, list<Index> rows) {
  using X = std::remove_cvref_t<R>;
  if constexpr (reports<X>) {
    return detail::subset_table<X>{x, rows};
  } else if constexpr (weighted_reports<X> && !shifted_reports<X>) {
    auto const inner = robagg::subset(x.base, rows);
    using W = detail::picked_weights<std::remove_cvref_t<decltype(x.weights)>>;
    return detail::weighted_table<std::remove_const_t<decltype(inner)>, W>{{inner}, {x.weights, rows}};
  } else {
    return x.with(robagg::subset(x.base, rows));
  }
}

/// NaN means absent, entry by entry: each column is made from the values that are there.
template <any_reports R>
  requires detail::outlives_the_wrapper<R>
auto skip_nan(R&& x) {
  using X = std::remove_cvref_t<R>;
  if constexpr (reports<X>) {
    return detail::skip_nan_table<X>{{x}};
  } else if constexpr (weighted_reports<X> || shifted_reports<X>) {
    return x.with(robagg::skip_nan(x.base));
  } else {
    return x;
  }
}

/// Row i counts w[i] >= 0 times. Relative: a common factor changes nothing, weight 0 is an absent
/// row. Negative, non-finite or all-zero weights and a wrong length are `bad_input` when used.
template <any_reports R, class W>
  requires detail::outlives_the_wrapper<R>
auto weighted(R&& x, list<W> w) {
  using X = std::remove_cvref_t<R>;
  static_assert(std::is_convertible_v<W, double>, "robagg: weights are numbers");
  static_assert(!weighted_reports<X>, "robagg: this table has weights already: multiply them instead");
  if constexpr (shifted_reports<X>) {
    return x.with(robagg::weighted(x.base, w));
  } else {
    return detail::weighted_table<X, detail::listed_weights<W>>{{x}, {w}};
  }
}
template <any_reports R, class W>
  requires(detail::outlives_the_wrapper<R> && requires(W const& w) { list(w); })
auto weighted(R&& x, W const& w) {
  return robagg::weighted(std::forward<R>(x), list(w));
}

/// Moves the origin to the vector v and adds it back to the result: the centre of clip, the start
/// of an iteration. v has one value per column.
template <any_reports R, detail::dense V>
  requires(detail::outlives_the_wrapper<R> && detail::outlives_the_wrapper<V>)
auto around(R&& x, V&& v) {
  using X = std::remove_cvref_t<R>;
  static_assert(!shifted_reports<X>, "robagg: this table has an origin already: add the vectors instead");
  static_assert(std::remove_cvref_t<V>::IsVectorAtCompileTime, "robagg: around takes a vector");
  return detail::around_table<X, std::remove_cvref_t<V>>{{x}, v};
}

}  // namespace robagg::inline ROBAGG_ABI

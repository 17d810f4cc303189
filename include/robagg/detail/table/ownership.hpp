// SPDX-License-Identifier: BSL-1.0
// Who keeps what a wrapper shows: what has a name is referred to, what has none is kept, views are copied, and what is costly
// to read is evaluated once.
#pragma once

#include "../../parameters.hpp"

#include <iterator>  // std::data, std::size
#include <type_traits>

namespace robagg::inline ROBAGG_ABI::detail {

template <class D>
D const& as_dense(Eigen::DenseBase<D> const&);
template <class T>
concept dense = requires(T const& t) { detail::as_dense(t); };

// Plain matrices and arrays; expressions, maps and wrappers show the memory of others.
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

// Does a value of this type keep what it shows, so that a copy would cost, and its end would be theirs?
template <class T>
inline constexpr bool owns = false;
template <class T>
  requires requires { T::is_owner; }
inline constexpr bool owns<T> = T::is_owner;
template <dense T>
inline constexpr bool owns<T> = owns_memory<T>;
template <class T>
inline constexpr bool owns<T&> = false;

// How a wrapper holds what it is given as R&&: by reference what has a name and memory, by value views and temporaries,
// evaluated what is costly.
template <class R, class T = std::remove_cvref_t<R>>
struct held_as {
  using type = std::conditional_t<std::is_lvalue_reference_v<R> && owns<T>, T const&, T>;
};
template <class R, dense T>
  requires(!reads_in_place<T>)
struct held_as<R, T> {
  using type = typename T::PlainObject;
};
template <class R>
using held = typename held_as<R>::type;

// May what is given as R&& be referred to once the call is over?
template <class R>
inline constexpr bool keeps_nothing = std::is_lvalue_reference_v<R> || !owns<std::remove_cvref_t<R>>;

// Lists of row numbers, weights or pointers: a container with a name is referred to, a temporary one is kept.
template <class C>
struct owned_list {
  static constexpr bool is_owner = true;
  C values;
  auto const* data() const { return std::data(values); }
  Index size() const { return static_cast<Index>(std::size(values)); }
  auto const& operator[](Index i) const { return data()[i]; }
  auto const* begin() const { return data(); }
  auto const* end() const { return data() + size(); }
};
template <class L>
concept listable = requires(std::remove_cvref_t<L> const& values) { list(values); };
template <class L>
using element_of = std::remove_cvref_t<decltype(*std::declval<L const&>().data())>;
template <class L>
using held_list =
    std::conditional_t<outlives_temporaries<L>, list<element_of<std::remove_cvref_t<L>>>, owned_list<std::remove_cvref_t<L>>>;

// A wrapper that keeps something can be moved, not copied.
struct copies {};
struct moves_only {
  moves_only() = default;
  moves_only(moves_only&&) = default;
  moves_only& operator=(moves_only&&) = default;
};
template <class... Parts>
inline constexpr bool any_owns = (owns<Parts> || ...);
template <class... Parts>
using copying = std::conditional_t<any_owns<Parts...>, moves_only, copies>;

}  // namespace robagg::inline ROBAGG_ABI::detail

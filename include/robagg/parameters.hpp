// SPDX-License-Identifier: BSL-1.0
// The field types of operators: count, real, required, list.
#pragma once

#include "detail/base/config.hpp"

#include <algorithm>  // std::copy_n
#include <cstddef>
#include <concepts>
#include <ranges>  // std::ranges::borrowed_range
#include <type_traits>

namespace robagg::inline ROBAGG_ABI {

/// A required whole number such as `f` or `k`: made from any integer, no default, so that
/// forgetting it does not compile.
struct count {
  Index value;
  template <std::integral I>
  constexpr count(I v) noexcept : value(static_cast<Index>(v)) {}
  constexpr operator Index() const noexcept { return value; }
};

/// A required real number such as `radius` or `lambda`: made from any arithmetic value, no default.
struct real {
  double value;
  template <class A>
    requires std::is_arithmetic_v<A>
  constexpr real(A v) noexcept : value(static_cast<double>(v)) {}
  constexpr operator double() const noexcept { return value; }
};

namespace detail {

template <std::size_t N>
struct field_name {
  char text[N];
  consteval field_name(char const (&name)[N]) { std::copy_n(name, N, text); }
};

}  // namespace detail

/// A field of this type and name, which must be given a value: `required<count, "f"> f;`.
template <class T, detail::field_name Name>
struct required : T {
  using T::T;
  constexpr required(T v) noexcept : T(v) {}
  // A template, so that it speaks only where it is called.
  template <class Field = required>
  required() : T(0) {
    static_assert(sizeof(Field) == 0, "robagg: a parameter without a default is missing: required<...> names it");
  }
};

namespace detail {

template <class V>
concept whole_field = std::derived_from<V, count>;
template <class V>
concept real_field = std::derived_from<V, real>;

// The result of a call that has been refused at compile time: whatever is done with it, no second error follows.
struct refused {
  constexpr refused operator()(auto const&...) const { return {}; }
  template <class T>
  constexpr operator T() const;
};

// Contiguous memory of T: data() and size(), and unit stride where the type has strides.
template <class C, class T>
concept contiguous_of = requires(C const& c) {
  { c.data() } -> std::convertible_to<T const*>;
  { c.size() } -> std::convertible_to<std::size_t>;
} && (!requires { C::InnerStrideAtCompileTime; } ||
      requires { requires C::InnerStrideAtCompileTime == 1 && bool(C::IsVectorAtCompileTime); });

// May values given as C&& be referred to once the call is over? Those of a container with a name, and what views show.
template <class C, class T = std::remove_cvref_t<C>>
inline constexpr bool outlives_temporaries =
    std::is_lvalue_reference_v<C> || std::ranges::borrowed_range<T> || requires { T::is_view; };
template <class C, class T>
  requires(!std::is_lvalue_reference_v<C> && requires { typename T::PlainObject; })
inline constexpr bool outlives_temporaries<C, T> = !std::is_base_of_v<Eigen::PlainObjectBase<typename T::PlainObject>, T>;

}  // namespace detail

/// A non-owning list of values: a public pointer and length, so that operators that hold one stay
/// structural types. Made from std::vector, std::span, std::array or an Eigen vector with unit
/// stride; the values must outlive the list, so that a temporary container does not compile.
template <class T>
struct list {
  static constexpr bool is_view = true;
  T const* pointer = nullptr;
  Index length = 0;

  constexpr list() noexcept = default;
  constexpr list(T const* first, Index n) noexcept : pointer(first), length(n) {}
  template <class C>
    requires(!std::same_as<std::remove_cvref_t<C>, list> && detail::contiguous_of<std::remove_cvref_t<C>, T>)
  constexpr list(C&& values) : pointer(values.data()), length(static_cast<Index>(values.size())) {
    static_assert(detail::outlives_temporaries<C>,
                  "robagg: this list would outlive the temporary container that it is made from: give the container a name");
  }

  constexpr T const* data() const noexcept { return pointer; }
  constexpr Index size() const noexcept { return length; }
  constexpr bool empty() const noexcept { return length == 0; }
  constexpr T const& operator[](Index i) const noexcept { return pointer[i]; }
  constexpr T const* begin() const noexcept { return pointer; }
  constexpr T const* end() const noexcept { return pointer + length; }
};
template <class C>
list(C&&) -> list<std::remove_cvref_t<decltype(*std::declval<C const&>().data())>>;

}  // namespace robagg::inline ROBAGG_ABI

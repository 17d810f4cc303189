// SPDX-License-Identifier: BSL-1.0
// The field types of operators (count, real, list) and what an operator can say of itself
// (name, describe).
#pragma once

#include "detail/config.hpp"

#include <algorithm>    // std::copy_n
#include <array>
#include <charconv>     // std::to_chars, for describe
#include <concepts>
#include <ranges>       // std::ranges::borrowed_range
#include <string>
#include <string_view>
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

namespace detail {

template <class T>
consteval std::string_view type_name() {
#if defined(_MSC_VER) && !defined(__clang__)
  std::string_view text = __FUNCSIG__;
  text.remove_prefix(text.find("type_name<") + 10);
  text = text.substr(0, text.rfind(">(void)"));
  if (auto const space = text.find(' '); space != text.npos) text.remove_prefix(space + 1);
#else
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_prefix(text.find("T = ") + 4);
  text = text.substr(0, text.find_first_of(";]"));
#endif
  text = text.substr(0, text.find('<'));
  if (auto const colon = text.rfind(':'); colon != text.npos) text.remove_prefix(colon + 1);
  return text;
}

// Shortest text that reads back as the same number.
template <class N>
std::string number_text(N value) {
  std::array<char, 32> buffer{};
  auto const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

template <class V>
std::string parameter_text(V const& value) {
  if constexpr (whole_field<V> || real_field<V>) {
    return number_text(value.value);
  } else if constexpr (std::is_enum_v<V>) {
    return std::string(enumerators(value)[static_cast<std::size_t>(value)]);
  } else if constexpr (std::same_as<V, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_arithmetic_v<V>) {
    return number_text(value);
  } else {
    std::string text = "{";
    for (auto const& v : value) text += (text.size() > 1 ? ", " : "") + number_text(v);
    return text + "}";
  }
}

// An operator with its defaults, its required parameters still to be set.
struct to_be_set {
  template <class V>
    requires(whole_field<V> || real_field<V>)
  constexpr operator V() const {
    return V(0);
  }
};
template <class Op>
Op blank() {
  if constexpr (requires { Op{to_be_set{}, to_be_set{}}; }) {
    return Op{to_be_set{}, to_be_set{}};
  } else if constexpr (requires { Op{to_be_set{}}; }) {
    return Op{to_be_set{}};
  } else {
    return Op{};
  }
}

}  // namespace detail

/// The operator's name: its type's, without namespaces; `clip | median` for a pipe.
template <class Op>
std::string name(Op const& op) {
  if constexpr (requires { Op::is_pipe; }) {
    return robagg::name(op.first) + " | " + robagg::name(op.second);
  } else if constexpr (requires { { op.name() } -> std::convertible_to<std::string>; }) {
    return op.name();
  } else {
    return std::string(detail::type_name<Op>());
  }
}

/// The name with the parameters that are not defaults, as one would write it: `trimmed_mean{.f = 2}`.
template <class Op>
std::string describe(Op const& op) {
  if constexpr (requires { Op::is_pipe; }) {
    return robagg::describe(op.first) + " | " + robagg::describe(op.second);
  } else if constexpr (requires { { op.describe() } -> std::convertible_to<std::string>; }) {
    return op.describe();
  } else {
    std::string text, defaults;
    if constexpr (requires { Op::parameters(op, [](auto, auto const&) {}); }) {
      auto const print = [](Op const& from, bool required, auto&& keep) {
        Op::parameters(from, [&]<class V>(std::string_view field, V const& value) {
          if (required || !(detail::whole_field<V> || detail::real_field<V>)) {
            keep(std::string(".").append(field).append(" = ").append(detail::parameter_text(value)));
          }
        });
      };
      print(detail::blank<Op>(), false, [&](std::string const& field) { defaults += field + "\n"; });
      print(op, true, [&](std::string const& field) {
        if (defaults.find(field + "\n") == defaults.npos) text += (text.empty() ? "" : ", ") + field;
      });
    }
    std::string described(robagg::name(op));
    return described.append("{").append(text).append("}");
  }
}

}  // namespace robagg::inline ROBAGG_ABI

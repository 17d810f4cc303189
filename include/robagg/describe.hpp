// SPDX-License-Identifier: BSL-1.0
// What an operator says of itself: its name, and its name with its parameters.
#pragma once

#include "parameters.hpp"

#include <array>
#include <charconv>  // std::to_chars
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

namespace robagg::inline ROBAGG_ABI {
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
  } else if constexpr (requires {
                         { op.name() } -> std::convertible_to<std::string>;
                       }) {
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
  } else if constexpr (requires {
                         { op.describe() } -> std::convertible_to<std::string>;
                       }) {
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

// SPDX-License-Identifier: BSL-1.0
// One error policy: bad_input for what running data can get wrong, thrown from one cold function.
#pragma once

#include "describe.hpp"

#include <cstdio>   // std::fputs, without exceptions
#include <cstdlib>  // std::abort, without exceptions
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

namespace robagg::inline ROBAGG_ABI {

/// Thrown when the data does not fit the operator: too few rows for f, a wrong weight, an unknown
/// row. `what()` reads `trimmed_mean: needs n > 2f (n = 4, f = 2)`. Nothing has been written.
class bad_input : public std::invalid_argument {
 public:
  bad_input(std::string_view who, std::string_view rule, std::string_view values = {})
      : std::invalid_argument(std::string(who) + ": " + std::string(rule) +
                              (values.empty() ? std::string() : " (" + std::string(values) + ")")) {}
};

namespace detail {

struct named_value {
  std::string_view name;
  double number = 0;
  Index integer = 0;
  bool whole = false;
  template <class V>
    requires std::is_arithmetic_v<V>
  constexpr named_value(std::string_view field, V v)
      : name(field), number(static_cast<double>(v)), integer(0), whole(std::integral<V>) {
    if constexpr (std::integral<V>) integer = static_cast<Index>(v);
  }
  constexpr named_value(std::string_view field, count v) : named_value(field, v.value) {}
  constexpr named_value(std::string_view field, real v) : named_value(field, v.value) {}
};

[[noreturn, gnu::cold, gnu::noinline]] inline void throw_bad_input(std::string const& who, std::string_view rule,
                                                                   std::initializer_list<named_value> values = {}) {
  std::string text;
  for (auto const& v : values) {
    text += (text.empty() ? "" : ", ") + std::string(v.name) + " = ";
    text += v.whole ? number_text(v.integer) : number_text(v.number);
  }
  bad_input error(who, rule, text);
#if defined(__cpp_exceptions)
  throw error;
#else
  std::fputs(error.what(), stderr);
  std::fputs("\n", stderr);
  std::abort();
#endif
}

// Who refuses: an operator without its type, so that what checks tables is compiled once for all of them.
class refuser {
 public:
  template <class Op>
  refuser(Op const& op) noexcept : op_(&op), name_(&name_of<Op>) {}
  std::string name() const { return name_(op_); }

 private:
  template <class Op>
  static std::string name_of(void const* op) {
    return robagg::name(*static_cast<Op const*>(op));
  }

  void const* op_;
  std::string (*name_)(void const*);
};

/// Says in one sentence what an operator refuses, with the values.
[[noreturn, gnu::cold, gnu::noinline]] inline void refuse(refuser const& who, std::string_view rule,
                                                          std::initializer_list<named_value> values = {}) {
  detail::throw_bad_input(who.name(), rule, values);
}

}  // namespace detail
}  // namespace robagg::inline ROBAGG_ABI

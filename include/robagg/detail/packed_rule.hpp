// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../describe.hpp"
#include "bytes.hpp"

#include <span>
#include <string_view>

namespace robagg::inline ROBAGG_ABI::detail {

// Fields of a rule as bytes.
template <class Rule>
void put_parameters(byte_writer& out, Rule const& rule) {
  Rule::parameters(rule, [&]<class V>(auto, V const& v) {
    if constexpr (std::is_enum_v<V> || std::is_same_v<V, bool>) {
      out.put(static_cast<std::uint8_t>(v));
    } else if constexpr (std::is_integral_v<V>) {
      out.put(static_cast<std::uint64_t>(v));
    } else {
      out.put(static_cast<double>(v));
    }
  });
}
template <class Rule>
Rule get_parameters(byte_reader& in) {
  Rule rule = detail::blank<Rule>();
  Rule::parameters(rule, [&]<class V>(auto, V& v) {
    if constexpr (std::is_same_v<V, bool>) {
      v = in.get_flag();
    } else if constexpr (std::is_enum_v<V>) {
      auto const number = in.get<std::uint8_t>();
      in.demand(number < enumerators(v).size());
      v = static_cast<V>(number);
    } else if constexpr (std::is_integral_v<V>) {
      v = static_cast<V>(in.get<std::uint64_t>());
    } else {
      v = in.get<double>();
    }
  });
  return rule;
}

// A rule as bytes: its name, and its fields.
inline std::uint64_t name_sum(std::string_view name) { return checksum(std::as_bytes(std::span(name.data(), name.size()))); }
template <class Rule>
void put_rule(byte_writer& out, Rule const& rule) {
  out.put(detail::name_sum(type_name<Rule>()));
  detail::put_parameters(out, rule);
}
template <class Rule>
Rule get_rule(byte_reader& in) {
  in.demand(in.get<std::uint64_t>() == detail::name_sum(type_name<Rule>()));
  Rule const rule = detail::get_parameters<Rule>(in);
  return rule.check(), rule;
}
// Are all fields the same?
template <class Rule>
bool same_rule(Rule const& a, Rule const& b) {
  return robagg::describe(a) == robagg::describe(b);
}

}  // namespace robagg::inline ROBAGG_ABI::detail

// SPDX-License-Identifier: BSL-1.0
// The parameters of an operator by their names, at run time.
#pragma once

#include "../../error.hpp"

#include <cmath>
#include <limits>
#include <memory>
#include <variant>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// A named parameter, a number or a text: the name of a choice, or a number or a list as it is written:
/// `{"f", 2}`, `{"start", "origin"}`, `{"levels", "{.25, .75}"}`.
struct parameter {
  std::string name;
  std::variant<double, std::string> value;

  template <class A>
    requires std::is_arithmetic_v<A>
  parameter(std::string_view n, A v) : name(n), value(static_cast<double>(v)) {}
  parameter(std::string_view n, std::string_view v) : name(n), value(std::string(v)) {}
};

namespace detail {

// Lists that an operator made at run time refers to.
struct owned_lists {
  std::vector<std::shared_ptr<void const>> all;
  template <class T>
  list<T> keep(std::vector<T> values) {
    auto const kept = std::make_shared<std::vector<T> const>(std::move(values));
    all.push_back(kept);
    return *kept;
  }
};

// How many letters must be changed, added or left out.
inline std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t const above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}
// "; did you mean median?", where one of the names is near.
inline std::string nearest_name(std::string_view name, std::vector<std::string_view> const& names) {
  std::string_view nearest;
  auto const alike = [&](std::string_view known) {
    return std::mismatch(name.begin(), name.end(), known.begin(), known.end()).first - name.begin();
  };
  std::size_t least = 1 + name.size() / 3;
  for (auto const known : names) {
    std::size_t const n = detail::edits(name, known);
    bool const nearer = nearest.empty() ? n <= least : n < least || (n == least && alike(known) > alike(nearest));
    if (nearer) {
      least = n;
      nearest = known;
    }
  }
  return nearest.empty() ? std::string() : "; did you mean " + std::string(nearest) + "?";
}
inline std::string listed(std::vector<std::string_view> const& names) {
  std::string text;
  for (auto const name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text.empty() ? "none" : text;
}

// A number as it is written, read whole.
template <class N>
bool read_number(std::string_view text, N& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// One field, with what is known of its type.
struct field {
  std::string_view name;
  void* where;
  bool required;
  std::vector<std::string_view> choices;
  // From a number or a text; says what does not fit.
  void (*set)(std::string const& who, field const&, parameter const&, owned_lists&);
};

template <class N>
[[noreturn]] void refuse_range(std::string const& who, field const& f, double value) {
  using limits = std::numeric_limits<N>;
  throw_bad_input(
      who, "needs " + std::string(f.name) + " from " + number_text(limits::lowest()) + " to " + number_text(limits::max()),
      {{f.name, value}});
}
template <class N>
void set_whole(std::string const& who, field const& f, parameter const& p, N& to) {
  double number = 0;
  if (auto const* const text = std::get_if<std::string>(&p.value)) {
    if (read_number(*text, to)) return;
    if (!read_number(*text, number)) throw_bad_input(who, "needs a number for " + p.name + ", not '" + *text + "'");
  } else {
    number = std::get<double>(p.value);
  }
  if (!(number == std::floor(number))) throw_bad_input(who, "needs a whole number for " + p.name, {{f.name, number}});
  constexpr double most = sizeof(N) < 8 ? static_cast<double>(std::numeric_limits<N>::max()) : 0x1p63;
  if (!(number >= static_cast<double>(std::numeric_limits<N>::lowest()) && (sizeof(N) < 8 ? number <= most : number < most)))
    refuse_range<N>(who, f, number);
  to = static_cast<N>(number);
}
inline void set_real(std::string const& who, field const&, parameter const& p, double& to) {
  if (auto const* const number = std::get_if<double>(&p.value)) {
    to = *number;
  } else if (auto const& text = std::get<std::string>(p.value); !read_number(text, to)) {
    throw_bad_input(who, "needs a number for " + p.name + ", not '" + text + "'");
  }
}
// The place of the chosen name; of `start::origin` the last part counts.
inline std::size_t place_of_choice(std::string const& who, field const& f, parameter const& p) {
  if (auto const* const text = std::get_if<std::string>(&p.value)) {
    auto const colon = text->rfind("::");
    std::string_view const name = std::string_view(*text).substr(colon == text->npos ? 0 : colon + 2);
    for (std::size_t k = 0; k < f.choices.size(); ++k) {
      if (f.choices[k] == name) return k;
    }
    throw_bad_input(who, "needs " + p.name + " to be one of " + listed(f.choices) + nearest_name(name, f.choices));
  }
  throw_bad_input(who, "needs " + p.name + " to be one of " + listed(f.choices));
}
template <class T>
list<T> listed_numbers(std::string const& who, field const& f, parameter const& p, owned_lists& lists) {
  auto const* const text = std::get_if<std::string>(&p.value);
  if (text == nullptr || !text->starts_with('{') || !text->ends_with('}')) {
    throw_bad_input(who, "needs a list for " + p.name + ", written {1, 2, 3}");
  }
  std::vector<T> values;
  std::string_view rest = std::string_view(*text).substr(1, text->size() - 2);
  constexpr std::string_view blank = " \t\r\n";
  while (rest.find_first_not_of(blank) != rest.npos) {
    auto const comma = std::min(rest.find(','), rest.size());
    std::string_view item = rest.substr(0, comma);
    item = item.substr(std::min(item.find_first_not_of(blank), item.size()));
    item = item.substr(0, item.find_last_not_of(blank) + 1);
    parameter const one(p.name, item);
    T value{};
    if constexpr (std::is_integral_v<T>) {
      set_whole(who, f, one, value);
    } else {
      set_real(who, f, one, value);
    }
    values.push_back(value);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return lists.keep(std::move(values));
}

template <class V>
void set_field(std::string const& who, field const& f, parameter const& p, owned_lists& lists) {
  V& to = *static_cast<V*>(f.where);
  if constexpr (std::is_enum_v<V> || std::same_as<V, bool>) {
    to = static_cast<V>(detail::place_of_choice(who, f, p));
  } else if constexpr (requires { to.pointer; }) {
    using T = std::remove_cvref_t<decltype(to[0])>;
    to = detail::listed_numbers<T>(who, f, p, lists);
  } else if constexpr (std::is_integral_v<V>) {
    detail::set_whole(who, f, p, to);
  } else {
    detail::set_real(who, f, p, to);
  }
}
template <class V>
field field_of(std::string_view name, V& v) {
  field f{name, &v, whole_field<V> || real_field<V>, {}, nullptr};
  if constexpr (whole_field<V> || real_field<V>) {
    f.where = &v.value;
    f.set = set_field<decltype(v.value)>;
  } else {
    f.set = set_field<V>;
    if constexpr (std::same_as<V, bool>) f.choices = {"false", "true"};
    if constexpr (std::is_enum_v<V>) {
      for (auto const choice : enumerators(v)) f.choices.push_back(choice);
    }
  }
  return f;
}
template <class Op>
std::vector<field> fields_of([[maybe_unused]] Op& op) {
  std::vector<field> fields;
  if constexpr (requires { Op::parameters(op, [](auto, auto&) {}); }) {
    Op::parameters(op, [&fields](std::string_view name, auto& value) { fields.push_back(detail::field_of(name, value)); });
  }
  return fields;
}

// Refuses unknown, repeated and missing parameters, before anything is set.
inline void set_fields(std::string const& who, std::vector<field> const& fields, std::vector<parameter> const& given,
                       owned_lists& lists) {
  std::vector<std::string_view> names;
  for (auto const& f : fields) names.push_back(f.name);
  for (auto const& p : given) {
    if (std::find(names.begin(), names.end(), p.name) == names.end()) {
      throw_bad_input(who,
                      "is given an unknown parameter '" + p.name + "'; it has " + listed(names) + nearest_name(p.name, names));
    }
  }
  for (auto const& f : fields) {
    auto const is_this = [&](parameter const& p) { return p.name == f.name; };
    auto const times = std::count_if(given.begin(), given.end(), is_this);
    if (times > 1) throw_bad_input(who, "is given " + std::string(f.name) + " twice");
    if (times == 0 && f.required) throw_bad_input(who, "needs " + std::string(f.name));
    if (times == 1) f.set(who, f, *std::find_if(given.begin(), given.end(), is_this), lists);
  }
}

}  // namespace detail
}  // namespace robagg::inline ROBAGG_ABI

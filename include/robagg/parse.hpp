// SPDX-License-Identifier: BSL-1.0
// Operators and pipes from text, as `describe` prints them. Optional: it compiles the whole catalogue, once in a program is
// enough.
#pragma once

#include "any_operator.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace robagg::inline ROBAGG_ABI {
namespace detail {

// What has a name, and why it is not read from text.
inline std::string_view why_not_parsed(std::string_view name) {
  auto const any_of = [&](auto... names) { return ((name == names) || ...); };
  if (any_of("sliced", "each", "gated", "threads", "openmp"))
    return "is put around an operator in C++, as in any_aggregator(sliced(...))";
  if (any_of("weighted", "skip_nan", "around", "subset", "rows_of", "cube")) return "is said of a table, not of an operator";
  if (any_of("plurality", "run_off")) return "is an election, whose result is none of an aggregator's: call it in C++";
  if (any_of("state", "state_of", "running")) return "is a state, which lives in C++";
  return {};
}

// Reads one pipe: name{.field = value, ...} | ... A template, so that catalogues are compiled only where one is read.
template <class... Catalogues>
class pipe_reader {
 public:
  explicit pipe_reader(std::string_view text) : text_(text) {}

  erased_pointer read() {
    std::vector<erased_pointer> stages = {stage()};
    for (blank(); at_ < text_.size(); blank()) {
      if (!take('|')) refuse_here("needs | between stages");
      stages.push_back(stage());
    }
    for (std::size_t k = 1; k < stages.size(); ++k) check_order(*stages[k - 1], *stages[k]);
    return stages.size() == 1 ? stages.front() : std::make_shared<erased_pipe<>>(std::move(stages));
  }

 private:
  erased_pointer stage() {
    std::string const name = word("an operator's name");
    if (auto const why = why_not_parsed(name); !why.empty()) throw_bad_input("parse", name + " " + std::string(why));
    std::vector<parameter> given;
    if (blank(); take('{')) {
      for (blank(); !take('}'); blank()) {
        take('.');
        std::string const field = word("a field, as in {.f = 2}");
        if (blank(); !take('=')) refuse_here("needs = after the field " + field);
        given.emplace_back(field, value());
        if (blank(); !take(',') && peek() != '}') refuse_here("needs , or } after the value of " + field);
      }
    }
    erased_pointer made;
    static_cast<void>(((made = detail::look_up(Catalogues{}, name, given)) || ...));
    if (made) return made;
    std::vector<std::string_view> known;
    for (auto const& names : {detail::names_of(Catalogues{})...}) known.insert(known.end(), names.begin(), names.end());
    detail::refuse_name("parse", "operator", name, known);
  }

  static void check_order(erased_operator const& a, erased_operator const& b) {
    bool const fits = a.facts.verb == verb::transform ? b.facts.verb != verb::decide
                                                      : a.facts.verb == verb::aggregate && b.facts.verb == verb::decide;
    if (!fits) {
      throw_bad_input("parse", "'" + a.describe() + " | " + b.describe() +
                                   "' does not fit: a pipe goes transform | ... | aggregate | decision");
    }
  }

  // A number, a name, or a list in braces, as it is written.
  std::string value() {
    blank();
    std::size_t const begin = at_;
    if (take('{')) {
      at_ = std::min(text_.find('}', at_), text_.size());
      if (!take('}')) refuse_here("needs } at the end of a list");
    } else {
      at_ = std::min(text_.find_first_of(",}| \t\r\n", at_), text_.size());
    }
    if (at_ == begin) refuse_here("needs a value");
    return std::string(text_.substr(begin, at_ - begin));
  }
  std::string word(std::string_view wanted) {
    blank();
    if (text_.substr(at_).starts_with("robagg::")) at_ += 8;
    std::size_t const begin = at_;
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    at_ = std::min(text_.find_first_not_of(letters, at_), text_.size());
    if (at_ == begin) refuse_here("needs " + std::string(wanted));
    return std::string(text_.substr(begin, at_ - begin));
  }
  void blank() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) { return peek() == c && at_ < text_.size() ? (++at_, true) : false; }
  [[noreturn]] void refuse_here(std::string const& rule) const {
    std::string const rest(text_.substr(at_, 20));
    throw_bad_input("parse", rule + (rest.empty() ? ", where the text ends" : ", at '" + rest + "'"));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace detail

/// The operator or pipe that a text says, as `describe` prints it: `parse("nearest_neighbour_mixing{.f = 2} | median{}")`.
/// Aggregates, transforms and decisions, with their parameters: numbers, names of choices, and lists in braces, which the
/// result owns. Braces may be left out where there is nothing in them, and the dot before a field.
///
/// Errors     bad_input for what is not written like that (with the place), for an unknown name or choice (with the nearest
///            one), an unknown, missing or repeated field, a number that its type does not hold, and stages that do not fit.
///            Elections, attacks, policies, states, wrappers, sliced, each and gated are not read.
/// Guarantee  parse(describe(op)) does what op does, to the same bits.        Cost  that of any_aggregator.
/// Example    examples/rules_by_name.cpp
template <class Aggregates = detail::aggregates>
any_operator parse(std::string_view text) {
  return any_operator(detail::pipe_reader<Aggregates, detail::transforms, detail::decisions>(text).read());
}

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../parameters.hpp"

#include <array>
#include <concepts>
#include <functional>  // std::hash
#include <string_view>
#include <type_traits>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// An answer that a rule proposes.
template <class Label>
struct candidate {
  Label label{};
  Index representative = -1;  ///< the sample with this answer that scores best, the first of equals
  double total = 0;           ///< what the rule has added up for it
  Index count = 0;            ///< the samples with this answer whose votes counted
};

/// What a rule says about N sampled answers: a plurality of (weighted) votes and its margin.
///
/// Source     definition; `changes` is half the margin of votes, rounded up, as a plurality's certificate has it (Levine and
///            Feizi, Deep partition aggregation, 2021). Each rule's page names its own.
template <class Label>
struct verdict {
  std::vector<candidate<Label>> answers;  ///< the best first, at most k; none where nobody is eligible
  double margin = 0;                      ///< total of the first less that of the second; its own if it is alone
  Index changes = -1;  ///< majority: so many samples must change their answer to alter the first; -1: not defined
  Index valid = 0;     ///< samples with a valid answer

  explicit operator bool() const { return !answers.empty(); }
  Label const& label() const { return answers.front().label; }
  Index representative() const { return answers.front().representative; }
};

/// The score of an answer: the mean, the highest or the sum of its samples'.      Source  definition.
enum class class_score { mean, max, sum };
constexpr std::array<std::string_view, 3> enumerators(class_score) { return {"mean", "max", "sum"}; }

/// Is this an answer at all? Not: a negative integer, an empty string, an empty optional, a NaN.
template <class Label>
bool is_answer(Label const& label) {
  if constexpr (std::signed_integral<Label>) {
    return label >= 0;
  } else if constexpr (requires { label.has_value(); }) {
    return label.has_value();
  } else if constexpr (requires { label.empty(); }) {
    return !label.empty();
  } else {
    return label == label;
  }
}

namespace detail {

template <class Ls>
using label_of = std::remove_cvref_t<decltype(*std::declval<Ls const&>().data())>;

}  // namespace detail

/// N answers side by side in memory (std::vector, std::span, std::array, Eigen's integer vectors): integers, or a type
/// with == and std::hash.
template <class Ls>
concept answers = detail::contiguous_of<Ls, detail::label_of<Ls>> &&
                  (std::integral<detail::label_of<Ls>> || requires(detail::label_of<Ls> const& label) {
                    { std::hash<detail::label_of<Ls>>{}(label) } -> std::convertible_to<std::size_t>;
                    { label == label } -> std::convertible_to<bool>;
                  });

}  // namespace robagg::inline ROBAGG_ABI

// SPDX-License-Identifier: BSL-1.0
// The aggregation rules that are compared. The operators are compiled in rules.cpp only; everywhere
// else they are any_aggregator objects.
#pragma once

#include <robagg/any_aggregator.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace robagg_compare {

using robagg::any_aggregator;
using robagg::Index;

/// What the parameters of a rule are made from.
struct rule_setting {
  Index f = 0;             ///< how many rows may lie
  double radius = 1;       ///< for clip and its kin
  std::uint64_t seed = 0;  ///< for bucketing
  Index rows = 0;          ///< of the table, if known: rules that try subsets refuse more than a million of them
};

struct rule {
  std::string label;  ///< at most 20 characters: the row head
  std::string name;   ///< robagg::name of the operator
  std::function<any_aggregator(rule_setting const&)> make;
  bool coordinatewise = false;
};

/// Those that are compared unless others are named, and those that were added.
std::vector<rule> gradient_rules();
/// Every rule that any_aggregator knows, the pipes, and those that were added.
std::vector<rule> all_rules();

/// A rule of yours joins every comparison of rules; `label` has at most 20 characters and is not taken. Before run_program:
///   robagg_compare::add("mine", my_rule{});
///   robagg_compare::add("mine", [](robagg_compare::rule_setting const& s) { return my_rule{s.f}; });
void add(rule own);
std::vector<rule> added_rules();
template <robagg::aggregate Op>
void add(std::string label, Op const& op) {
  any_aggregator const own = op;
  add(rule{std::move(label), own.describe(), [own](rule_setting const&) { return own; }, own.coordinatewise()});
}
template <std::invocable<rule_setting const&> Make>
  requires(!robagg::aggregate<Make>)
void add(std::string label, Make make) {
  any_aggregator const own = make(rule_setting{});
  add(rule{std::move(label), own.describe(), [make](rule_setting const& s) { return any_aggregator(make(s)); },
           own.coordinatewise()});
}
/// Those with these labels or names, blanks ignored; all of them for an empty list. Throws
/// usage_error for a name that is not there.
std::vector<rule> chosen(std::vector<rule> const& all, std::vector<std::string> const& names);

}  // namespace robagg_compare

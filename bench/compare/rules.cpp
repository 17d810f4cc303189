// SPDX-License-Identifier: BSL-1.0
#include "rules.hpp"

#include "error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

namespace robagg_compare {
namespace {

// Operators with required parameters other than f alone: values that are fit to look at a table with.
std::optional<std::vector<robagg::parameter>> usual_parameters(std::string const& name, rule_setting const& s) {
  std::map<std::string, std::vector<robagg::parameter>> const usual = {
      {"quantile", {{"p", 0.25}}},
      {"interior_trimmed_mean", {{"share", 0.5}}},
      {"uncertainty_weighted", {{"lambda", 0.5}}},
      {"veto", {{"threshold", 0}}},
      {"soft_min", {{"beta", 1.}}},
      {"centered_clipping", {{"radius", s.radius}, {"iterations", 3}}},
      {"norm_bounded_mean", {{"radius", s.radius}}},
      {"nearest_to", {{"row", 0}, {"f", s.f}}},
      {"trust_weighted", {{"row", 0}}},
      {"median_of_means", {{"groups", 2 * s.f + 1}}},
      {"asymmetric_trimmed_mean", {{"low", 0}, {"high", s.f}}},
      {"trimmed_mean_by_share", {{"low", .1}, {"high", .1}}},
      {"winsorized_mean_by_share", {{"low", .1}, {"high", .1}}},
  };
  auto const found = usual.find(name);
  return found == usual.end() ? std::nullopt : std::optional(found->second);
}

// By name: with f where the operator has one, without where it has none.
any_aggregator by_name(std::string const& name, rule_setting const& s) {
  if (auto const parameters = usual_parameters(name, s)) return any_aggregator(name, *parameters);
  try {
    return any_aggregator(name, {{"f", s.f}});
  } catch (robagg::bad_input const&) { return any_aggregator(name); }
}

// How many ways there are to leave out f of n rows.
double subsets(Index n, Index f) {
  double ways = 1;
  for (Index k = 1; k <= f; ++k) ways *= static_cast<double>(n - f + k) / static_cast<double>(k);
  return ways;
}

// Row heads of long names: what the literature calls them.
std::string label_of(std::string const& name) {
  std::map<std::string, std::string> const labels = {{"interior_trimmed_mean", "interior_trimmed"},
                                                     {"minimum_diameter_averaging", "min_diameter (MDA)"},
                                                     {"smallest_max_eigenvalue_averaging", "min_eigenvalue(SMEA)"},
                                                     {"comparative_gradient_elimination", "CGE"},
                                                     {"asymmetric_trimmed_mean", "asymmetric_trimmed"},
                                                     {"trimmed_mean_by_share", "trimmed_by_share"},
                                                     {"winsorized_mean_by_share", "winsorized_by_share"}};
  auto const found = labels.find(name);
  return found == labels.end() ? name : found->second;
}

rule named(std::string const& name) {
  auto const make = [name](rule_setting const& s) {
    if (name == "smallest_max_eigenvalue_averaging" && subsets(s.rows, s.f) > 1e6) {
      std::array<char, 32> digits{};  // as the library writes numbers
      auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), subsets(s.rows, s.f)).ptr;
      throw robagg::bad_input(name, "may try every subset, too many to wait for",
                              "subsets = " + std::string(digits.data(), end));
    }
    return by_name(name, s);
  };
  return {label_of(name), name, make, by_name(name, {}).coordinatewise()};
}

std::vector<rule> pipes() {
  using namespace robagg;
  auto const pipe = [](std::string label, auto make) {
    return rule{std::move(label), name(make(rule_setting{})),
                [make](rule_setting const& s) { return any_aggregator(make(s)); }};
  };
  return {
      pipe("clip | mean", [](rule_setting const& s) { return clip{s.radius} | mean{}; }),
      pipe("bucketing | median", [](rule_setting const& s) { return bucketing{.size = 2, .seed = s.seed} | median{}; }),
      pipe("nnm | trimmed_mean", [](rule_setting const& s) { return nearest_neighbour_mixing{s.f} | trimmed_mean{s.f}; }),
      pipe("nnm | krum", [](rule_setting const& s) { return nearest_neighbour_mixing{s.f} | krum{.f = s.f}; }),
      pipe("nnm | geo_median", [](rule_setting const& s) { return nearest_neighbour_mixing{s.f} | geometric_median{}; }),
  };
}

std::string without_blanks(std::string text) {
  std::erase(text, ' ');
  return text;
}

std::vector<rule>& added() {
  static std::vector<rule> rules;
  return rules;
}
std::vector<rule> with_added(std::vector<rule> rules) {
  rules.insert(rules.end(), added().begin(), added().end());
  return rules;
}

}  // namespace

std::vector<rule> gradient_rules() {
  std::vector<rule> rules;
  for (auto const* const name : {"mean", "median", "trimmed_mean", "krum", "geometric_median"}) rules.push_back(named(name));
  for (auto& pipe : pipes()) rules.push_back(std::move(pipe));
  return with_added(std::move(rules));
}

std::vector<rule> all_rules() {
  std::vector<rule> rules;
  for (auto const& name : any_aggregator::names()) {
    bool const of_forecasts = name == "linear_pool" || name == "gated_averaging";  // which need levels, or a logit for each
    bool const phantoms =
        name == "moulin_median" || name == "uniform_phantom" || name == "independent_markets";  // or a range, or shares
    bool const spread = name == "median_absolute_deviation" || name == "quantile_range";
    if (!of_forecasts && !phantoms && !spread) rules.push_back(named(name));
  }
  for (auto& pipe : pipes()) rules.push_back(std::move(pipe));
  return with_added(std::move(rules));
}

void add(rule own) {
  if (own.label.empty() || own.label.size() > 20) {
    throw usage_error(fmt::format("the label '{}' of a rule must have 1 to 20 characters", own.label));
  }
  for (auto const& r : all_rules()) {
    if (without_blanks(r.label) == without_blanks(own.label)) {
      throw usage_error(fmt::format("there is a rule named '{}' already", own.label));
    }
  }
  added().push_back(std::move(own));
}

std::vector<rule> added_rules() { return added(); }

std::vector<rule> chosen(std::vector<rule> const& all, std::vector<std::string> const& names) {
  if (names.empty()) return all;
  std::vector<bool> wanted(all.size());
  for (auto const& name : names) {
    std::string const key = without_blanks(name);
    auto const found = std::find_if(
        all.begin(), all.end(), [&](rule const& r) { return without_blanks(r.label) == key || without_blanks(r.name) == key; });
    if (found == all.end()) {
      std::string known;
      for (auto const& r : all) known += (known.empty() ? "" : ", ") + without_blanks(r.label);
      throw usage_error(fmt::format("--rules knows no rule named '{}'; there are {}", name, known));
    }
    wanted[static_cast<std::size_t>(found - all.begin())] = true;
  }
  std::vector<rule> picked;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (wanted[i]) picked.push_back(all[i]);
  }
  return picked;
}

}  // namespace robagg_compare

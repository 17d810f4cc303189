// SPDX-License-Identifier: BSL-1.0
#include "attacks.hpp"

#include "error.hpp"

#include <robagg/attack/anti_cge.hpp>
#include <robagg/attack/constant_coordinate.hpp>
#include <robagg/attack/gaussian.hpp>
#include <robagg/attack/mimic.hpp>
#include <robagg/attack/min_max.hpp>
#include <robagg/attack/not_finite.hpp>
#include <robagg/attack/optimal.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace robagg_compare {
namespace {

namespace attacks = robagg::attack;

// make(setting, n) is the attack of the library on n honest reports.
template <class Make>
auto crafted(Make make) {
  return [make](table<float> const& honest, attack_setting const& setting, Eigen::VectorXf& row) {
    robagg::workspace ws;
    make(setting, honest.rows()).into(honest, row, ws);
  };
}
template <class Attack>
auto always(Attack attack) {
  return crafted([attack](attack_setting const&, Index) { return attack; });
}

}  // namespace

std::vector<attack> usual_attacks(attack_strength const& strength) {
  return {
      {"none", "nobody lies"},
      {"flip", fmt::format("sign flipping, -{:g} x the honest mean", strength.flip), always(attacks::sign_flip{strength.flip})},
      {"ipm", fmt::format("inner product manipulation, -{:g} x the honest mean", strength.ipm),
       always(attacks::inner_product_manipulation{strength.ipm})},
      {"alie", fmt::format("a little is enough, mean + {:g} standard deviations", strength.alie),
       always(attacks::little_is_enough{strength.alie})},
      {"inf", "every value +infinity", always(attacks::infinity{})},
      {"nan", "every value NaN", always(attacks::not_a_number{})},
      {"label", "label flipping, liars train on 9 - y", {}, true},
      {"mimic", "all liars copy one honest report", always(attacks::mimic{0})},
  };
}

std::vector<attack> all_attacks(attack_strength const& strength) {
  auto all = usual_attacks(strength);
  all.push_back(
      {"alie-z", "a little is enough, the paper's deviations for n and f", crafted([](attack_setting const& s, Index n) {
         return attacks::little_is_enough{attacks::little_is_enough::strongest(n + s.liars, s.liars)};
       })});
  all.push_back({"ipm-opt", "inner product manipulation, tuned against the rule", crafted([](attack_setting const& s, Index) {
                   return attacks::optimal{attacks::inner_product_manipulation{}, s.rule, s.liars};
                 })});
  all.push_back({"alie-opt", "a little is enough, tuned against the rule", crafted([](attack_setting const& s, Index) {
                   return attacks::optimal{attacks::little_is_enough{}, s.rule, s.liars};
                 })});
  all.push_back({"minmax", "min-max, mean - deviations within the honest diameter", always(attacks::min_max{})});
  all.push_back({"noise", "normal noise of deviation 1",
                 crafted([](attack_setting const& s, Index) { return attacks::gaussian{.seed = s.seed}; })});
  all.push_back({"coord", "the honest mean, one column 16 lower", always(attacks::constant_coordinate{})});
  all.push_back({"anticge", "against the sum of the shortest reports, and short",
                 crafted([](attack_setting const& s, Index) { return attacks::anti_cge{s.liars}; })});
  return all;
}

std::vector<attack> chosen_attacks(std::vector<std::string> const& names, attack_strength const& strength) {
  if (names.empty()) return usual_attacks(strength);
  auto const all = all_attacks(strength);
  auto const position = [&](std::string const& name) {
    return std::find_if(all.begin(), all.end(), [&](attack const& a) { return a.label == name; });
  };
  for (auto const& name : names) {
    if (position(name) != all.end()) continue;
    std::string known;
    for (auto const& a : all) known += (known.empty() ? "" : ", ") + a.label;
    throw usage_error(fmt::format("--attacks knows no attack named '{}'; there are {}", name, known));
  }
  std::vector<attack> picked;
  for (auto const& a : all) {
    if (a.label == "none" || std::find(names.begin(), names.end(), a.label) != names.end()) picked.push_back(a);
  }
  return picked;
}

}  // namespace robagg_compare

// SPDX-License-Identifier: BSL-1.0
#include "attacks.hpp"

#include <fmt/format.h>

namespace robagg_compare {
namespace {

template <class Craft>
auto crafted(Craft craft) {
  return [craft](table<float> const& honest, Eigen::VectorXf& row) { craft.into(honest, row); };
}

}  // namespace

std::vector<attack> all_attacks(attack_strength const& strength) {
  constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  return {
      {"none", "nobody lies"},
      {"flip", fmt::format("sign flipping, -{:g} x the honest mean", strength.flip), crafted(sign_flipping{strength.flip})},
      {"ipm", fmt::format("inner product manipulation, -{:g} x the honest mean", strength.ipm),
       crafted(inner_product_manipulation{strength.ipm})},
      {"alie", fmt::format("a little is enough, mean + {:g} standard deviations", strength.alie),
       crafted(a_little_is_enough{strength.alie})},
      {"inf", "every value +infinity", crafted(constant{infinity})},
      {"nan", "every value NaN", crafted(constant{nan})},
      {"label", "label flipping, liars train on 9 - y", {}, true},
      {"mimic", "all liars copy one honest report", crafted(mimic{0})},
  };
}

}  // namespace robagg_compare

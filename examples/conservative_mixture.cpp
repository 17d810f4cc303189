// SPDX-License-Identifier: BSL-1.0
// A safe policy and two that may be better. How often may the promising one act if the guarantee is to hold?
#include <robagg/core.hpp>
#include <robagg/decide/conservative_mixture.hpp>
#include <robagg/decide/gated_pick.hpp>
#include <robagg/decide/soft_argmax.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

int main() {
  using namespace robagg;
  std::vector<double> const guaranteed = {.8, .3, .65}, hoped = {.8, 1.2, 1.};
  auto const mix = conservative_mixture{.threshold = .7}(guaranteed, hoped);
  fmt::print("policy {} with {:.3f}, policy {} with {:.3f}: worth {:.3f}, guaranteed {:.3f}\n", mix.first, mix.first_weight,
             mix.second, mix.second_weight, mix.value, mix.lower_bound);
  auto const hopeless = conservative_mixture{.threshold = .9}(guaranteed, hoped);
  fmt::print("0.9 cannot be guaranteed; the most is {} by policy {}\n", hopeless.lower_bound, hopeless.first);

  // Two nearly equal scores: the best position jumps, the soft choice hardly moves.
  std::vector<double> const before = {1, 1, .2}, after = {.99, 1.01, .2};
  fmt::print("best {} -> {}, soft {:.3f} -> {:.3f}\n", best{}(before), best{}(after),
             fmt::join(soft_argmax{.temperature = 1}(before), " "), fmt::join(soft_argmax{.temperature = 1}(after), " "));

  auto const picks = gated_pick{}(std::vector<double>{.3, -.2, -.1}, std::vector<double>{.1, .4, -.3});
  for (auto const& p : picks)
    fmt::print("pick {}{}\n", p.choice, p.counts ? "" : ", which does not count: neither is an advantage");
  return mix && mix.lower_bound >= .7 && !hopeless && !picks[2].counts ? 0 : 1;
}

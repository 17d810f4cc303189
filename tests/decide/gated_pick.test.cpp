// SPDX-License-Identifier: BSL-1.0
#include "laws.hpp"

using namespace robagg_test;

TEST_CASE("gated picks take the better advantage, if there is one") {
  std::vector<double> const first = {.3, -.2, -.1, 0, -1, not_a_number, .1, not_a_number, 2};
  std::vector<float> const second = {.1f, .4f, -.3f, 0, 0, .5f, std::nanf(""), std::nanf(""), 2};
  auto const picks = robagg::gated_pick{}(first, second);
  std::vector<Index> const choices = {0, 1, 0, 0, 1, 1, 0, 0, 0};
  std::vector<bool> const counts = {true, true, false, true, false, true, true, false, true};
  auto const open = robagg::gated_pick{.gate = false}(first, second);
  REQUIRE(picks.size() == 9);
  for (std::size_t i = 0; i < 9; ++i) {
    INFO(i);
    CHECK((picks[i].choice == choices[i] && picks[i].counts == counts[i]));
    CHECK((open[i].choice == choices[i] && open[i].counts == (i != 7)));
  }
  CHECK_THROWS_AS(robagg::gated_pick{}(first, std::vector<double>{1}), robagg::bad_input);
  CHECK(robagg::gated_pick{}(std::vector<double>{}, std::vector<double>{}).empty());
}

// SPDX-License-Identifier: BSL-1.0
// Operators and elections print with fmt.
#include "pch.hpp"

#include <robagg/format.hpp>

TEST_CASE("operators print as one would write them, pipes too") {
  CHECK(fmt::format("{}", robagg::trimmed_mean{.f = 2}) == "trimmed_mean{.f = 2}");
  CHECK(fmt::format("{}", robagg::best{}) == "best{}");
  CHECK(fmt::format("{}", robagg::clip{.5} | robagg::median{} | robagg::best{}) == "clip{.radius = 0.5} | median{} | best{}");
  CHECK(fmt::format("{}", robagg::plurality{}) == "plurality{}");
  CHECK(fmt::format("[{:>10}]", robagg::mean{}) == "[    mean{}]");
}

TEST_CASE("an election prints its winner and its certificate") {
  robagg::election const e = {
      .winner = 2, .runner_up = 0, .votes = 9, .runner_up_votes = 4, .margin = 5, .certified_radius = 2, .challenger = 1};
  CHECK(fmt::format("{}", e) ==
        "class 2 with 9 votes, class 0 with 4; certified against 2 poisoned points, the challenger is class 1");
  robagg::election both = e;
  both.second_challenger = 3, both.votes = 4.5;
  CHECK(fmt::format("{}", both) ==
        "class 2 with 4.5 votes, class 0 with 4; certified against 2 poisoned points, the challenger is class 1 with class 3");
}

TEST_CASE("a verdict prints its answers, what holds it and its rule") {
  std::vector<std::string> const answers = {"a", "b", "a", ""};
  CHECK(fmt::format("{}", robagg::majority{.k = 2}(answers)) ==
        "a (2 from 2 of 3 samples), then b (1 from 1 of 3 samples); ahead by 1, 1 changed answers alter it");
  CHECK(fmt::format("{}", robagg::best_of_n{}(answers, std::vector<double>{.25, .5, .125, 1})) ==
        "b (0.5 from 1 of 3 samples); ahead by 0.25");
  CHECK(fmt::format("{}", robagg::majority{}(std::vector<int>{-1})) == "no answer is eligible");
  CHECK(fmt::format("{}", robagg::best_of_majority{.alpha = .5, .k = 2}) == "best_of_majority{.alpha = 0.5, .k = 2}");
  CHECK(fmt::format("{}", robagg::draws_for_hits{.safety = .5}) == "draws_for_hits{.safety = 0.5}");
}

// SPDX-License-Identifier: BSL-1.0
// The confidence of tokens from their log-probabilities.
#include "laws.hpp"

using namespace robagg_test;
using robagg::token_confidence;

TEST_CASE("the confidence of a token") {
  std::vector<double> const logs = {-.5, -3, -1, -9, -2, -1};
  CHECK(token_confidence{.top_k = 1}(logs) == .5);
  CHECK(token_confidence{.top_k = 2}(logs) == .75);
  CHECK(token_confidence{.top_k = 4}(logs) == 4.5 / 4);
  CHECK(token_confidence{}(logs) == 16.5 / 6);
  std::vector<float> many;
  for (int v = 0; v < 5000; ++v) many.push_back(-1 - static_cast<float>(v * 7 % 5000) / 64);
  CHECK(std::abs(token_confidence{}(many) - (1 + 9.5 / 64)) < 1e-12);
  CHECK(token_confidence{.top_k = 1}(std::vector<double>{not_a_number, -4}) == 4);
  CHECK_THROWS_AS(token_confidence{}(std::vector<double>{}), robagg::bad_input);
  CHECK_THROWS_AS(token_confidence{.top_k = 0}(logs), robagg::bad_input);
}

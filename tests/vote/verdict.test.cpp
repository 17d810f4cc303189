// SPDX-License-Identifier: BSL-1.0
// What counts as an answer, and what a verdict says.
#include "laws.hpp"

#include <robagg/vote/verdict.hpp>

#include <optional>
#include <string>

using namespace robagg_test;
using robagg::is_answer, robagg::verdict;

TEST_CASE("what is an answer") {
  CHECK((is_answer(0) && is_answer(7) && !is_answer(-1) && !is_answer(std::int8_t{-7})));
  CHECK((is_answer(0u) && is_answer(~0ull)));
  CHECK((is_answer(std::string("a")) && !is_answer(std::string())));
  CHECK((is_answer(std::optional<int>(-1)) && !is_answer(std::optional<int>())));  // present is enough
  CHECK((is_answer(-.5) && is_answer(infinity) && !is_answer(not_a_number)));
}

TEST_CASE("a verdict is its first answer") {
  verdict<int> v;
  CHECK((!v && v.changes == -1 && v.margin == 0 && v.valid == 0));
  v.answers = {{.label = 4, .representative = 2, .total = 3, .count = 3},
               {.label = 1, .representative = 0, .total = 1, .count = 1}};
  CHECK((v && v.label() == 4 && v.representative() == 2));
}

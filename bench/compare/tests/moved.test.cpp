// SPDX-License-Identifier: BSL-1.0
// Two results of one command beside each other.
#include "support.hpp"

#include "../moved.hpp"

using namespace robagg_compare;

TEST_CASE("what has moved between two results") {
  folder const here;
  put(here / "a.json", R"({"command": "federated", "settings": {"rounds": 5}, "rules": [
    {"rule": "mean", "accuracy": {"flip": 0.5}, "microseconds_per_round": 10}, {"rule": "gone", "accuracy": {"flip": 1}}],
    "ways": [{"way": "w", "accuracy": {"none": {"mean": 0.9, "spread": 0.02, "runs": [0.88, 0.92]}}}]})");
  put(here / "b.json", R"({"command": "federated", "settings": {"rounds": 9}, "rules": [
    {"rule": "new", "accuracy": {"flip": 1}}, {"rule": "mean", "accuracy": {"flip": 0.6}, "microseconds_per_round": 90}],
    "ways": [{"way": "w", "accuracy": {"none": {"mean": 0.92, "spread": 0.02, "runs": [0.9, 0.94]}}}]})");
  auto const result = compare_results(here / "a.json", here / "b.json", {});
  CHECK(result.compared == 2);
  REQUIRE(result.moved.size() == 1);  // 0.9 to 0.92 is within a deviation of 0.028, times and settings are not compared
  CHECK(result.moved[0].where == "rules[mean].accuracy.flip");
  CHECK(result.moved[0].spread < 0);
  CHECK(result.only_before == std::vector<std::string>{"rules[gone]"});
  CHECK(result.only_after == std::vector<std::string>{"rules[new]"});
  CHECK(as_text(result).find("1 of 2 numbers moved") != std::string::npos);
  CHECK(compare_results(here / "a.json", here / "b.json", {.tolerance = .5}).moved.empty());
  CHECK(compare_results(here / "a.json", here / "b.json", {.times = true}).moved.size() == 2);
  CHECK(compare_results(here / "a.json", here / "a.json", {.times = true}).moved.empty());
  put(here / "c.json", R"({"command": "ranks"})");
  put(here / "d.json", "[1]");
  CHECK(complaint([&] { compare_results(here / "a.json", here / "c.json", {}); }).find("of \"ranks\"") != std::string::npos);
  CHECK(complaint([&] { compare_results(here / "d.json", here / "a.json", {}); }) ==
        (here / "d.json").string() + ": is no result of --json");
}

// SPDX-License-Identifier: BSL-1.0
// Votes of one's own, from files of several layouts.
#include "support.hpp"

#include "../elections.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

using namespace robagg_compare;

namespace {

elections_result elected(folder const& here, std::string const& text, elections_options const& options = {}) {
  put(here / "v.csv", text);
  return compare_elections(read_votes(here / "v.csv", {}), "v.csv", options);
}
std::string vote_complaint(folder const& here, std::string const& text) {
  return complaint([&] { elected(here, text); });
}

}  // namespace

TEST_CASE("votes in lines and in columns are the same votes") {
  folder const here;
  std::string const wide = "input,label,m1,m2,m3,m4,m5\nx,cat,cat,cat,cat,cat,dog\ny,dog,dog,cat,dog,,cat\nz,,1,cat,1.0,1,1\n";
  std::string lines = "model,input,class,label\n";
  for (auto const* line : {"m1,x,cat,cat", "m2,x,cat,cat", "m3,x,cat,", "m4,x,cat,", "m5,x,dog,", "m1,y,dog,dog", "m2,y,cat,",
                           "m3,y,dog,", "m5,y,cat,", "m1,z,1,", "m2,z,cat,", "m3,z,1.0,", "m4,z,1,", "m5,z,1,"})
    lines += std::string(line) + "\n";
  auto const a = elected(here, wide), b = elected(here, lines);
  CHECK(as_csv(a) == as_csv(b));
  CHECK(a.classes == std::vector<std::string>{"1", "cat", "dog"});
  REQUIRE(a.lines.size() == 1);
  auto const& votes = a.lines[0].votes;
  CHECK((votes[0].votes == 4 && votes[0].runner_up_votes == 1 && votes[0].certified_radius == 1));
  CHECK(a.classes[static_cast<std::size_t>(votes[1].winner)] == "cat");  // two each: the lower class
  CHECK(a.lines[0].ties == 1);
  CHECK(a.labelled == 2);
  CHECK(a.lines[0].accuracy == .5);
  CHECK(a.lines[0].certified(1) == .5);
  CHECK(a.lines[0].certified(2) == 0);
  CHECK(as_text(a).find("4 of 5 on the one with fewest") != std::string::npos);
  auto const weighted = elected(here, wide, {.weights = {{"m5", 10}, {"m1", 1}, {"m2", 1}, {"m3", 1}, {"m4", 1}}});
  CHECK(weighted.classes[static_cast<std::size_t>(weighted.lines[0].votes[0].winner)] == "dog");
  CHECK(complaint([&] { elected(here, wide, {.weights = {{"m9", 1}}}); }).find("--weights: there is no model 'm9'") == 0);
}

TEST_CASE("scores give a run-off") {
  folder const here;
  // Two for a, two for c, three for b, whom the others put last.
  std::string text = "input,model,class,score\n";
  int m = 0;
  for (auto const* order : {"acb", "acb", "cab", "cab", "bac", "bac", "bac"}) {
    for (int k = 0; k < 3; ++k) text += "i," + std::to_string(m) + "," + order[k] + "," + std::to_string(3 - k) + "\n";
    ++m;
  }
  auto const result = elected(here, text);
  REQUIRE(result.lines.size() == 2);
  CHECK(result.classes[static_cast<std::size_t>(result.lines[0].votes[0].winner)] == "b");
  CHECK(result.classes[static_cast<std::size_t>(result.lines[1].votes[0].winner)] == "a");
  CHECK(as_json(result)["rules"][1]["elections"][0]["winner"] == "a");
}

TEST_CASE("what is wrong with votes, and where") {
  folder const here;
  CHECK(vote_complaint(here, "input,model,class\nx,m,a\nx,m,b\n").find("line 3: model 'm' votes twice on input 'x'") !=
        std::string::npos);
  CHECK(vote_complaint(here, "input,model,class,label\nx,m,a,a\nx,n,b,b\n")
            .find("line 3: the label of input 'x' is 'b', but 'a' before") != std::string::npos);
  CHECK(vote_complaint(here, "input,model,class,score\nx,m,a,NA\n").find("line 2: a vote has no score") != std::string::npos);
  CHECK(vote_complaint(here, "input,model,class\nx,m,a\n").find("one class alone, 'a'") != std::string::npos);
  CHECK(vote_complaint(here, "label,m\na,a\n").find("has neither the columns input, model and class") != std::string::npos);
  CHECK(vote_complaint(here, "input,m,n\nx,a,b\nx,a,b\n").find("line 3: input 'x' is there twice") != std::string::npos);
}

TEST_CASE("classes and labels that are too large for any class are refused") {
  folder const here;
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }";
  header.resize(117, ' ');
  for (float const highest : {std::numeric_limits<float>::infinity(), 1e30f, 1e5f}) {
    float const values[] = {0, highest};
    put(here / "v.npy", std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "\n" +
                            std::string(reinterpret_cast<char const*>(values), sizeof values));
    CHECK(complaint([&] { read_votes(here / "v.npy", {}); }).find(std::isinf(highest) ? "infinite" : "too many classes") !=
          std::string::npos);
  }
  put(here / "v.csv", "input,m,n\nx,a,b\ny,a,a\n"), put(here / "labels", "inf\n1\n");
  CHECK(complaint([&] { read_votes(here / "v.csv", here / "labels"); }).find("the label inf is no whole number") !=
        std::string::npos);
}

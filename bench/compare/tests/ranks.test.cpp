// SPDX-License-Identifier: BSL-1.0
// Leaderboards from scores, in files of both layouts.
#include "support.hpp"

#include "../ranks.hpp"

#include <nlohmann/json.hpp>

#include <limits>
#include <variant>

using namespace robagg_compare;

namespace {

ranks_result ranked(folder const& here, std::string const& text, std::vector<std::string> const& lower = {},
                    ranks_options const& options = {}) {
  put(here / "s.csv", text);
  return compare_ranks(std::get<score_file>(read_ranks(here / "s.csv", {.lower = lower})), options);
}
std::string ranks_complaint(folder const& here, std::string const& text, std::vector<std::string> const& lower = {}) {
  return complaint([&] { ranked(here, text, lower); });
}

}  // namespace

TEST_CASE("leaderboards in lines and in columns are the same") {
  folder const here;
  auto const wide = ranked(here, "Model;easy;hard;seconds;url\na;.9;.3;4;x\nb;.8;.4;5;y\nc;.7;;1;z\n", {"seconds"});
  auto const lines =
      ranked(here,
             "task,system,score\neasy,a,.9\neasy,b,.8\neasy,c,.7\nhard,a,.3\nhard,b,.4\nseconds,a,4\nseconds,b,5\n"
             "seconds,c,1\nhard,c,NA\n",
             {"seconds"});
  CHECK(as_csv(wide) == as_csv(lines));
  CHECK(wide.tasks == std::vector<std::string>{"easy", "hard", "seconds"});
  CHECK(wide.missing == 1);
  CHECK(wide.said.size() == 1);  // url is no task
  // Points of easy 2, 1, 0, of hard 0, 1, of seconds 1, 0, 2; means over the tasks that rank the system.
  CHECK(wide.lines[0].scores.isApprox(Eigen::Vector3d(1, 2. / 3, 1)));
  CHECK(wide.lines[0].ranks == Eigen::Vector3d(1.5, 3, 1.5));
  CHECK(ranked(here, "name,t,u\na,2,1\nb,1,\n", {}, {.unranked = robagg::unranked::last}).lines[0].scores ==
        Eigen::Vector2d(2, 0));
  auto const text = as_text(wide);
  CHECK(text.find((here / "s.csv").string() + ": 3 systems x 3 tasks, 1 score missing") == 0);
  CHECK(text.find("Kemeny's order contradicts the tasks on") != std::string::npos);
  auto const json = as_json(wide);
  CHECK(json["systems"][0]["rules"]["borda"]["rank"] == 1.5);
  CHECK(json["systems"].size() == 3);
}

TEST_CASE("leaderboards say which task decides") {
  folder const here;
  auto const result = ranked(here, "model,t1,t2,t3\na,3,2,1\nb,2,3,3\nc,1,1,2\n");
  CHECK(result.lines[0].ranks == Eigen::Vector3d(2, 1, 3));
  // Without t3 a and b are level: nobody else is first.
  CHECK(result.decisive.empty());
  // t2 alone would have y first.
  auto const one = ranked(here, "model,t1,t2\nx,3,2\ny,1,3\nz,2,1\n");
  CHECK(one.lines[0].scores.isApprox(Eigen::Vector3d(1.5, 1, .5)));
  REQUIRE(one.decisive.size() == 1);
  CHECK((one.decisive[0].first == "t1" && one.decisive[0].second == "y"));
  CHECK(as_text(one).find("Without 't1' y would be first.") != std::string::npos);
}

TEST_CASE("leaderboards that cannot be right are refused with the line") {
  folder const here;
  auto const file = (here / "s.csv").string();
  CHECK(ranks_complaint(here, "model,task,score\na,t,1\na,t,2\nb,t,1\n") ==
        file + ": line 3: 'a' has a score for 't' already, on line 2");
  CHECK(ranks_complaint(here, "model,t\na,1\na,2\n") == file + ": line 3: 'a' has a line already, line 2");
  CHECK(ranks_complaint(here, "model,t\na,1\n") == file + ": holds 1 system, and a ranking needs two");
  CHECK(ranks_complaint(here, "model,t\na,x\nb,y\n") == file + ": holds no column of numbers beside the names");
  CHECK(ranks_complaint(here, "model,t\na,1\nb,fast\n") == file + ": line 3: 'fast' in the column 't' is not a number");
  CHECK(ranks_complaint(here, "model,speed\na,1\nb,2\n", {"sped"}) ==
        "--lower: there is no task 'sped'; the nearest is 'speed'");
  CHECK(ranks_complaint(here, "model,task,score\na,t,1\nb,t,abc\n").find("line 3: the score 'abc' is not a number") !=
        std::string::npos);
  auto const lonely = ranked(here, "model,t,u\na,1,1\nb,,2\nc,,\n");
  CHECK(lonely.said.size() == 2);
}

TEST_CASE("leaderboards as dots and bars") {
  folder const here;
  auto const spec = as_plot(ranked(here, "model,t1,t2,t3\na,3,2,1\nb,2,3,3\nc,1,1,2\n"));
  REQUIRE(spec.lines.size() == 3);
  CHECK((spec.lines[0].name == "b" && spec.lines[0].value == 1));
  CHECK((spec.lines[0].low <= 1 && spec.lines[0].high >= 1));
  interval_spec many{"T", "x", {}};
  for (int i = 0; i < 70; ++i) many.lines.push_back({"it's " + std::to_string(i), 1. * i, i - 1., i + 1., i / 7});
  many.lines[3].low = std::numeric_limits<double>::quiet_NaN();
  auto const svg = drawn(many);
  CHECK(svg.find("T: the first 60 of 70") != std::string::npos);
  CHECK(svg.find("it's 59") != std::string::npos);
  CHECK(svg.find("it's 60") == std::string::npos);
  CHECK_THROWS_AS(drawn(interval_spec{"T", "x", {{"a", std::numeric_limits<double>::quiet_NaN(), 0, 0, 0}}}), usage_error);
}

// SPDX-License-Identifier: BSL-1.0
// Leaderboards from the marks of judges.
#include "support.hpp"

#include "../judges.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <variant>

using namespace robagg_compare;

namespace {

judgement_file marks_of(folder const& here, std::string const& text) {
  put(here / "j.csv", text);
  return std::get<judgement_file>(read_ranks(here / "j.csv", {}));
}
std::string marks_complaint(folder const& here, std::string const& text) {
  return complaint([&] { marks_of(here, text); });
}

}  // namespace

TEST_CASE("judges of one axis: medians, who failed and who decides") {
  folder const here;
  auto const file =
      marks_of(here, "judge,item,score\nj1,a,9\nj1,b,5\nj1,c,1\nj2,a,8\nj2,b,6\nj2,c,2\nj3,a,1\nj3,b,7\nj3,c,NA\n");
  auto const result = compare_judges(file, 1, {});
  CHECK(result.missing == 1);
  CHECK(result.panel.scores(0, 0) == 8);
  CHECK(result.panel.scores(0, 1) == 6);
  CHECK(result.panel.scores(0, 2) == 1.5);
  CHECK(result.panel.judges == std::vector<Index>{3, 3, 2});
  CHECK(result.panel.failed == std::vector<Index>{0, 0, 1});
  CHECK(result.lines.back().rule == "panel: score");
  CHECK(result.lines.back().ranks == Eigen::Vector3d(1, 2, 3));
  auto const text = as_text(result);
  CHECK(text.find("j.csv: 3 judges x 1 axis x 3 items, 1 mark missing") != std::string::npos);
  CHECK(text.find("j3 has no mark on some axis for 1 item.") != std::string::npos);
  CHECK(text.find("score: the panel's best is a") != std::string::npos);
  auto const json = as_json(result);
  CHECK(json["systems"][2]["panel"]["score"]["score"] == 1.5);
  CHECK(json["judges"][2]["failed"] == 1);
  // Fewer judges than asked for: no score, and said.
  auto const strict = compare_judges(file, 3, {});
  CHECK(std::isnan(strict.panel.scores(0, 2)));
  CHECK(as_text(strict).find("Without a quorum: c.") != std::string::npos);
  CHECK(complaint([&] { compare_judges(file, 4, {}); }) == "--quorum is 4, and there are 3 judges");
}

TEST_CASE("judges of several axes, level items and a judge who fails everywhere") {
  folder const here;
  std::string text = "rater,model,criterion,score\n";
  for (auto const* judge : {"p", "q", "r"}) {
    text += std::string(judge) + ",a,style,3\n" + judge + ",b,style,3\n";
    text += std::string(judge) + ",a,truth,1\n" + judge + ",b,truth,2\n";
  }
  text += "broken,a,style,nan\nbroken,b,style,\nbroken,a,truth,\nbroken,b,truth,\n";
  auto const result = compare_judges(marks_of(here, text), 2, {});
  CHECK(result.axes == std::vector<std::string>{"style", "truth"});
  CHECK(result.panel.best == std::vector<Index>{-1, 1});
  CHECK(result.panel.scores.allFinite());
  CHECK(result.panel.failed[3] == 2);
  auto const shown = as_text(result);
  CHECK(shown.find("style: the panel has no best, for these are level: a, b") != std::string::npos);
  CHECK(shown.find("truth: the panel's best is b") != std::string::npos);
  CHECK(shown.find("broken has no mark on some axis for 2 items.") != std::string::npos);
}

TEST_CASE("marks that cannot be right are refused with the line") {
  folder const here;
  auto const file = (here / "j.csv").string();
  CHECK(marks_complaint(here, "judge,item,score\nj,a,1\nj,a,2\n") == file + ": line 3: 'j' has marked 'a' already, on line 2");
  CHECK(marks_complaint(here, "judge,item,score\nj,a,1\n") == file + ": holds marks of 1 item, and a ranking needs two");
  CHECK(marks_complaint(here, "judge,item,score\nj,,1\n") == file + ": line 2: a mark needs a judge and an item");
  CHECK(marks_complaint(here, "judge,item,score\nj,a,good\n") == file + ": line 2: the score 'good' is not a number");
}

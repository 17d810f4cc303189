// SPDX-License-Identifier: BSL-1.0
// Experts weighed round after round, from files and from the series.
#include "support.hpp"

#include "../experts.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

using namespace robagg_compare;

namespace {

expert_file experts_in(folder const& here, std::string const& text) {
  put(here / "e.csv", text);
  return read_experts(here / "e.csv");
}
std::string experts_complaint(folder const& here, std::string const& text) {
  return complaint([&] { experts_in(here, text); });
}

}  // namespace

TEST_CASE("experts: who is right takes the weight, and regret stays below its bound") {
  folder const here;
  std::string text = "date,good,bad,truth\n";
  for (int t = 0; t < 60; ++t) {
    double const y = std::sin(t * .7);
    text += std::to_string(t + 1) + "," + std::to_string(y + .01) + "," + std::to_string(y + (t % 2 ? 1 : -1)) + "," +
            std::to_string(y) + "\n";
  }
  auto const result = compare_experts(experts_in(here, text), {});
  CHECK(result.rounds == 60);
  CHECK(result.experts[0].name == "good");
  CHECK(result.best == 0);
  CHECK(result.experts[0].loss == Approx(1e-4).epsilon(.01));
  CHECK(result.experts[1].loss == Approx(1).epsilon(.01));
  CHECK(result.lines.size() == 8);
  for (auto const& line : result.lines) {
    INFO(line.rule);
    REQUIRE(line.regrets.size() == 60);
    CHECK(line.regrets.back() == Approx(line.regret));
    CHECK(line.loss * 60 == Approx(line.regret + 60 * result.experts[0].loss).margin(1e-9));
    if (line.bound) CHECK(line.regret <= *line.bound);
    if (line.weights.size() > 0) CHECK(line.weights(0) > .9);
  }
  // The mean of the two is off by (.01 + 1) / 2 or (.01 - 1) / 2.
  CHECK(result.lines[0].loss == Approx((.505 * .505 + .495 * .495) / 2).epsilon(1e-3));
  auto const shown = as_text(result);
  CHECK(shown.find("e.csv: 2 experts, 60 rounds, square loss") != std::string::npos);
  auto const json = as_json(result);
  CHECK(json["best"] == "good");
  CHECK(json["rules"].size() == 8);
  CHECK(as_csv(result).find("rule,loss,regret,bound,weight of good,weight of bad\n") == 0);
  CHECK(as_plot(result).series.size() == 8);
}

TEST_CASE("experts may sleep, and rounds in which nobody is awake teach nothing") {
  folder const here;
  auto const file = experts_in(here, "truth,a,b\n1,1,\n2,2,3\n3,,\n4,4,3\n,1,1\n");
  CHECK(file.forecasts.rows() == 4);
  CHECK(file.said.size() == 1);
  auto const result = compare_experts(file, {.loss = robagg::forecast_loss::absolute});
  CHECK(result.experts[0].awake == 3);
  CHECK(result.experts[1].awake == 2);
  CHECK(result.experts[1].loss == 1);
  CHECK(result.best == 0);
  CHECK(result.lines[0].regret == Approx(1));  // the mean is half off twice
  CHECK(as_text(result).find("absolute loss") != std::string::npos);
  CHECK(complaint([&] { compare_experts(experts_in(here, "truth,a,b\n1,,\n"), {}); }).find("nobody has forecast anything") !=
        std::string::npos);
}

TEST_CASE("files of experts that cannot be right are refused with the line") {
  folder const here;
  auto const file = (here / "e.csv").string();
  CHECK(experts_complaint(here, "a,b\n1,2\n").find("no column is named 'outcome'") != std::string::npos);
  CHECK(experts_complaint(here, "truth,a\n1,2\n") == file + ": holds 1 expert, and two are needed");
  CHECK(experts_complaint(here, "truth,a,b\n1,2,x\n") == file + ": line 2: the forecast 'x' is not a number");
  CHECK(experts_complaint(here, "truth,a,b\n1,2,inf\n").find("line 2") != std::string::npos);
  CHECK(experts_complaint(here, "t,truth,a,b\n2,1,2,3\n1,1,2,3\n") ==
        file + ": line 3: '1' does not come after the line before");
  CHECK(experts_complaint(here, "t,truth,a,b\n2,,2,3\n") == file + ": holds no outcome");
}

// SPDX-License-Identifier: BSL-1.0
// Leaderboards from battles of two.
#include "support.hpp"

#include "../battles.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <variant>

using namespace robagg_compare;

namespace {

battle_file battles_of(folder const& here, std::string const& text, ranks_reading const& reading = {}) {
  put(here / "b.csv", text);
  return std::get<battle_file>(read_ranks(here / "b.csv", reading));
}
std::string battles_complaint(folder const& here, std::string const& text, ranks_reading const& reading = {}) {
  return complaint([&] { battles_of(here, text, reading); });
}
// So many lines of a against b, and of b against a, that a wins so often, and with so many ties.
std::string lines_of(std::string const& a, std::string const& b, int wins, int losses, int ties = 0) {
  std::string text;
  for (int i = 0; i < wins; ++i) text += (i % 2 ? a + "," + b + ",model_a\n" : b + "," + a + ",model_b\n");
  for (int i = 0; i < losses; ++i) text += (i % 2 ? a + "," + b + ",model_b\n" : b + "," + a + ",model_a\n");
  for (int i = 0; i < ties; ++i) text += a + "," + b + ",tie\n";
  return text;
}

}  // namespace

TEST_CASE("battles of two have the ratings of their odds") {
  folder const here;
  battles_options options;
  options.resamples = 300;
  auto const result = compare_battles(battles_of(here, "model_a,model_b,winner\n" + lines_of("x", "y", 29, 9, 2)), options);
  CHECK(result.battles == 40);
  CHECK(result.tied == 2);
  // 30 to 10, for a tie is half a win: odds of 3.
  double const gap = 400 * std::log10(3.);
  Index const x = result.systems[0] == "x" ? 0 : 1, y = 1 - x;
  CHECK(result.rating(x) == Approx(1000 + gap / 2));
  CHECK(result.rating(y) == Approx(1000 - gap / 2));
  CHECK(result.lines[0].ranks(x) == 1);
  CHECK(result.win_rate[static_cast<std::size_t>(x)] == Approx(.75));
  // The error of log odds is about sqrt(1/30 + 1/10), four of which are the interval's width in log odds.
  double const width = result.high(x) - result.low(x), expected = 2 * 1.96 * std::sqrt(1. / 30 + 1. / 10) * 200 / std::log(10.);
  CHECK((width > .7 * expected && width < 1.4 * expected));
  auto const text = as_text(result);
  CHECK(text.find("b.csv: 40 battles of 2 systems, 2 ties") != std::string::npos);
  CHECK(text.find("75.0 %") != std::string::npos);
  auto const json = as_json(result);
  CHECK(json["systems"][static_cast<std::size_t>(x)]["rating"].get<double>() == Approx(1000 + gap / 2));
  CHECK(as_plot(result).lines[0].name == "x");
}

TEST_CASE("battles are read however outcomes are written") {
  folder const here;
  auto const plain = battles_of(here, "winner,loser\na,b\nb,c\na,c\n");
  CHECK(plain.winners == std::vector<Index>{0, 1, 0});
  CHECK(plain.losers == std::vector<Index>{1, 2, 2});
  auto const named = battles_of(here, "model_a;model_b;winner\na;b;a\nc;b;b\nc;a;model_b\na;b;\na;c;tie (bothbad)\nb;c;0.5\n");
  CHECK(named.winners.size() == 5);
  CHECK(named.ties == 2);
  CHECK(named.said.size() == 1);                           // the battle without an outcome
  CHECK((named.winners[1] == 1 && named.losers[1] == 2));  // a, b, c
  put(here / "b.jsonl", "{\"model_a\":\"a\",\"model_b\":\"b\",\"winner\":\"model_b\",\"text\":{\"x\":[1]}}\n");
  auto const json = std::get<battle_file>(read_ranks(here / "b.jsonl", {}));
  CHECK((json.systems[static_cast<std::size_t>(json.winners[0])] == "b"));
}

TEST_CASE("what sways battles is taken out") {
  folder const here;
  // Two equals; who is named first wins three of four.
  std::string text = "model_a,model_b,winner,tokens_a,tokens_b,bias\n";
  for (int i = 0; i < 40; ++i)
    text += std::string(i % 2 ? "x,y," : "y,x,") + (i % 8 < 6 ? "model_a" : "model_b") + (i % 3 ? ",5,3,2\n" : ",3,5,-2\n");
  battles_options options;
  options.resamples = 20;
  auto const result = compare_battles(battles_of(here, text, {.lower = {}, .covariates = {}, .position = true}), options);
  REQUIRE(result.coefficients.size() == 1);
  CHECK(result.coefficients[0].name == "position");
  CHECK(result.coefficients[0].value == Approx(std::log(3.)).epsilon(1e-6));
  CHECK(result.coefficients[0].error == Approx(std::sqrt(1. / 30 + 1. / 10)).epsilon(.05));
  CHECK(result.rating(0) == Approx(1000).margin(1e-6));
  CHECK(as_text(result).find("position: log odds 1.1 for a unit") != std::string::npos);
  // A column of differences is the same as two columns.
  auto const two = battles_of(here, text, {.lower = {}, .covariates = {"tokens"}, .position = false});
  auto const one = battles_of(here, text, {.lower = {}, .covariates = {"bias"}, .position = false});
  CHECK(two.z == one.z);
  CHECK(battles_complaint(here, text, {.lower = {}, .covariates = {"tokns"}, .position = false})
            .find("no column is named 'tokns'") != std::string::npos);
  CHECK(battles_complaint(here, "model_a,model_b,winner,z\na,b,a,\n", {.lower = {}, .covariates = {"z"}, .position = false})
            .find("line 2: the battle has no finite 'z'") != std::string::npos);
}

TEST_CASE("systems that always win, and islands, are said") {
  folder const here;
  battles_options options;
  options.resamples = 50;
  auto const text =
      "model_a,model_b,winner\n" + lines_of("best", "a", 5, 0) + lines_of("a", "b", 3, 3) + lines_of("p", "q", 2, 2);
  auto const result = compare_battles(battles_of(here, text), options);
  auto const of = [&](std::string const& name) {
    return static_cast<Index>(std::find(result.systems.begin(), result.systems.end(), name) - result.systems.begin());
  };
  CHECK(result.strengths.components == 3);
  CHECK(result.rating.array().isNaN().all());
  // Above a and b; p and q cannot be compared with the others.
  CHECK(result.sure.rank(of("best")) == 2);
  CHECK(result.sure.rank(of("a")) == 1 + 1 + .5 + 1);
  CHECK(result.sure.rank(of("p")) == 1 + .5 + 1.5);
  auto const shown = as_text(result);
  CHECK(shown.find("--ridge 0.1 has all on one scale") != std::string::npos);
  CHECK(shown.find(": q, p") != std::string::npos);
  CHECK(as_json(result)["systems"][0]["rating"].is_null());
  CHECK(as_plot(result).x_label == "rank");
  options.ridge = .1;
  auto const one_scale = compare_battles(battles_of(here, text), options);
  CHECK(one_scale.rating.allFinite());
  CHECK(one_scale.lines[0].ranks(of("best")) == 1);
  // Few battles: some draws have a system that won all, and those are left out and said.
  options.ridge = 0;
  auto const few = compare_battles(battles_of(here, "model_a,model_b,winner\n" + lines_of("a", "b", 2, 2)), options);
  CHECK(few.lost_draws > 0);
  CHECK(few.lost_draws < 50);
  CHECK(as_text(few).find("had no finite strengths and were left out") != std::string::npos);
}

TEST_CASE("battles that cannot be right are refused with the line") {
  folder const here;
  auto const file = (here / "b.csv").string();
  CHECK(battles_complaint(here, "model_a,model_b,winner\na,b,a\na,b,maybe\n") ==
        file + ": line 3: 'maybe' in the column 'winner' is no outcome: the name of either, model_a, model_b, tie, 1, 0.5, 0");
  CHECK(battles_complaint(here, "model_a,model_b,winner\na,a,a\n") == file + ": line 2: 'a' against itself");
  CHECK(battles_complaint(here, "model_a,model_b,winner\na,,a\n") == file + ": line 2: a battle needs two names");
  CHECK(battles_complaint(here, "model_a,model_b,winner\na,b,\n") == file + ": holds no battle with an outcome");
  CHECK(battles_complaint(here, "model_a,model_b,winner\na,b\n").find("line 2 has 2 fields, the header has 3") !=
        std::string::npos);
  CHECK(battles_complaint(here, "model_a,model_b,x\na,b,c\n").find("no column is named 'winner'") != std::string::npos);
  CHECK(battles_complaint(here, "winner,loser\na,b\n", {.lower = {}, .covariates = {}, .position = true})
            .find("--position needs") == 0);
  CHECK(battles_complaint(here, "model_a,model_b,winner\na,b,a\n", {.lower = {"x"}, .covariates = {}, .position = false})
            .find("--lower needs scores") != std::string::npos);
  CHECK(battles_complaint(here, "model,t\na,1\nb,2\n", {.lower = {}, .covariates = {"x"}, .position = false})
            .find("need battles") != std::string::npos);
}

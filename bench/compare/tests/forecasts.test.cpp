// SPDX-License-Identifier: BSL-1.0
// Forecasts from hubs' files and from series, and what ensembles of them are worth.
#include "support.hpp"

#include "../forecasts.hpp"

#include <robagg/quantile/pinball.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

using namespace robagg_compare;

namespace {

forecast_set read_text(folder const& here, std::string const& forecasts, std::string const& truth = "",
                       std::vector<std::string> const& where = {}) {
  put(here / "f.csv", forecasts);
  if (truth.empty()) return read_forecasts({here / "f.csv"}, {}, where);
  put(here / "t.csv", truth);
  return read_forecasts({here / "f.csv"}, {here / "t.csv"}, where);
}
std::string forecast_complaint(folder const& here, std::string const& forecasts, std::string const& truth = "",
                               std::vector<std::string> const& where = {}) {
  return complaint([&] { read_text(here, forecasts, truth, where); });
}

// Rounds 0, 1, ... of one forecast each, of the round itself, by a model that is right and one that is 3 above.
forecast_set right_and_wrong(Index rounds) {
  forecast_set set;
  set.columns = {"series"}, set.models = {"right", "wrong"}, set.levels = {.25, .5, .75};
  set.quantiles.resize(2 * rounds, 3);
  for (Index t = 0; t < rounds; ++t) {
    double const y = static_cast<double>(t * 7 % 5);
    set.tasks.push_back({{"s"}, static_cast<double>(t), static_cast<double>(t) + .5, y});
    set.quantiles.row(2 * t).setConstant(y);
    set.quantiles.row(2 * t + 1) << y + 2, y + 3, y + 4;
  }
  return set;
}

std::map<std::string, forecast_result::line> lines_of(forecast_result const& result) {
  std::map<std::string, forecast_result::line> lines;
  for (auto const& line : result.lines) lines[line.name] = line;
  return lines;
}

}  // namespace

TEST_CASE("dates and numbers are times") {
  CHECK(as_time("1970-01-01") == 0);
  CHECK(as_time("2024-02-29") == 19782);
  CHECK(as_time("2024-02-29T12:00:00Z") == 19782);
  CHECK(as_time("-3.5") == -3.5);
  for (auto const* text : {"", "2023-02-29", "2024-13-01", "2024-01-011", "week 3", "nan"}) CHECK_FALSE(as_time(text));
}

TEST_CASE("a hub's folder of forecasts, with the truth by version") {
  folder const here;
  std::string const head = "reference_date,target,horizon,location,target_end_date,output_type,output_type_id,value\n";
  auto const rows = [&](std::string const& date, double off) {
    std::string text = head;
    for (auto const& place : {"US", "01"}) {
      text += fmt::format("{},hosp,1,{},2024-01-13,mean,NA,5\n", date, place);
      for (double const tau : {.9, .1, .5})
        text += fmt::format("{},\"hosp\",1,{},2024-01-13,quantile,{},{}\r\n", date, place, tau, 10 * tau + off);
      text += fmt::format("{},hosp,1,{},2024-01-13,pmf,large,.5\n", date, place);
    }
    return text;
  };
  for (std::string const team : {"a-one", "b-two"}) {
    std::filesystem::create_directories(here / ("model-output/" + team));
    put(here / ("model-output/" + team + "/2024-01-06-" + team + ".csv"), rows("2024-01-06", team == "a-one" ? 0 : 1));
  }
  put(here / "truth.csv",
      "as_of,location,location_name,target_end_date,target,observation\n"
      "2024-02-01,US,Everywhere,2024-01-13,hosp,7\n2024-01-20,US,Everywhere,2024-01-13,hosp,6\n"
      "2024-02-01,US,Everywhere,2024-01-13,deaths,1\n2024-02-01,02,Alaska,2024-01-13,hosp,3\n2024-02-01,01,Alabama,2024-01-13,hosp,NA\n");
  auto const set = read_forecasts({here / "model-output"}, {here / "truth.csv"}, {});
  CHECK(set.columns == std::vector<std::string>{"target", "horizon", "location"});
  CHECK(set.models == std::vector<std::string>{"a-one", "b-two"});
  CHECK(set.levels == std::vector<double>{.1, .5, .9});
  REQUIRE(set.tasks.size() == 2);
  CHECK(set.dates);
  CHECK(set.tasks[0].id == std::vector<std::string>{"hosp", "1", "US"});
  CHECK(set.tasks[0].made == *as_time("2024-01-06"));
  CHECK(set.tasks[0].due == *as_time("2024-01-13"));
  CHECK(set.tasks[0].outcome == 7);
  CHECK(std::isnan(set.tasks[1].outcome));
  CHECK(set.of(0).row(1).isApprox(Eigen::RowVector3d(2, 6, 10)));
  CHECK(read_forecasts({here / "model-output"}, {here / "truth.csv"}, {"location=US", "reference_date=2024-01-06"})
            .tasks.size() == 1);
  CHECK(
      read_forecasts({here / "model-output"}, {here / "truth.csv"}, {"location=US", "location=01", "target~os"}).tasks.size() ==
      2);
}

TEST_CASE("the older format: dates and models in file names, points beside quantiles") {
  folder const here;
  std::filesystem::create_directories(here / "data-processed/Team-M");
  put(here / "data-processed/Team-M/2020-05-04-Team-M.csv",
      "target,target_end_date,location,type,quantile,value\n"
      "1 wk ahead inc death,2020-05-09,US,point,NA,100\n"
      "1 wk ahead inc death,2020-05-09,US,quantile,0.025,80\n1 wk ahead inc death,2020-05-09,US,quantile,0.975,70\n");
  put(here / "truth.csv", ",date,location,location_name,value\n1,2020-05-09,US,Everywhere,90\n");
  auto const set = read_forecasts({here / "data-processed"}, {here / "truth.csv"}, {});
  CHECK(set.models == std::vector<std::string>{"Team-M"});
  REQUIRE(set.tasks.size() == 1);
  CHECK(set.tasks[0].made == *as_time("2020-05-04"));
  CHECK(set.tasks[0].outcome == 90);
  CHECK(set.crossing == 1);
  CHECK(set.quantiles.row(0) == Eigen::RowVector2d(70, 80));
}

TEST_CASE("one long table of everything; levels that are not common, forecasts that are not complete") {
  folder const here;
  auto const set = read_text(here,
                             "model,origin,horizon,quantile_level,predicted,observed\n"
                             "a,1,1,.25,1,2\na,1,1,.75,3,2\na,1,1,.9,9,2\n"
                             "b,1,1,.25,1,2\nb,1,1,.75,,2\n"
                             "a,2,2,.25,1,NA\na,2,2,.75,4,\n");
  CHECK(set.levels == std::vector<double>{.25, .75});
  CHECK(set.incomplete == 1);
  REQUIRE(set.tasks.size() == 2);
  CHECK(std::isnan(set.of(0)(1, 0)));
  CHECK(std::isnan(set.of(1)(1, 0)));
  CHECK(set.tasks[0].outcome == 2);
  CHECK(std::isnan(set.tasks[1].outcome));
  CHECK(set.tasks[1].due == 4);  // two rounds of 1 after 2
  // A target without a date, as the peak of a season.
  auto const peak = read_text(here, "model,target_end_date,quantile,value\na,NA,.25,1\na,NA,.75,3\na,2,.25,1\na,2,.75,3\n",
                              "target_end_date,value\n2,5\n");
  CHECK(std::isnan(peak.tasks[0].outcome));
  CHECK(peak.tasks[1].outcome == 5);
}

TEST_CASE("what is wrong with forecasts, and where") {
  folder const here;
  auto const says = [&](std::string const& part, std::string const& forecasts, std::string const& truth = "",
                        std::vector<std::string> const& where = {}) {
    auto const sentence = forecast_complaint(here, forecasts, truth, where);
    CAPTURE(sentence, part);
    CHECK(sentence.find(part) != std::string::npos);
  };
  std::string const head = "model,date,quantile,value,observed\n", two = "a,1,.25,1,2\na,1,.75,3,2\n";
  says("f.csv: is empty", "");
  says("f.csv: line 1: no column is named 'value' or 'predicted' or 'prediction'; there are model, quantile",
       "model,quantile\n");
  says("the files hold no quantile forecasts", head);
  says("line 2: the level '1.5' is not between 0 and 1", head + "a,1,1.5,1,2\n");
  says("line 2: the value 'many' is not a number", head + "a,1,.5,many,2\n");
  says("line 2: the target date 'June' is neither a date (YYYY-MM-DD) nor a number", head + "a,June,.5,1,2\n");
  says("line 3 has 2 fields, the header has 5", head + "a,1,.5,1,2\na,1\n");
  says("line 3: the outcome is 3, but 2 in another line", head + "a,1,.25,1,2\na,1,.75,1,3\n");
  says("model 'a' gives the level 0.25 twice for : ", head + two + "a,1,.25,1,2\n");
  says("f.csv: line 2 and ", head + two + "a,1,.25,1,2\n");
  says("no two levels", head + "a,1,.25,1,2\n");
  says("--where 'x': column=value or column~text is needed", head + two, "", {"x"});
  says("--where model=c: no row is so; the column has a", head + two, "", {"model=c"});
  says("have no outcomes: --truth", "model,date,quantile,value\na,1,.25,1\na,1,.75,3\n");
  says("the first forecast is about '1', the first outcome about '7'", "model,date,quantile,value\na,1,.25,1\na,1,.75,3\n",
       "date,value\n7,1\n");
  says("t.csv: shares no column", "model,date,quantile,value\na,1,.25,1\na,1,.75,3\n", "place,value\n7,1\n");
  says("line 3: the outcome for 1 is 2, but 1 before, on line 2", "model,date,quantile,value\na,1,.25,1\na,1,.75,3\n",
       "date,value\n1,1\n1,2\n");
  CHECK(complaint([&] { read_forecasts({here / "missing.csv"}, {}, {}); }).find("there is no such file") != std::string::npos);
  CHECK(complaint([] { check(forecast_options{.rounds = 0}); }) == "--rounds must be at least 1");
  CHECK(complaint([] { check(forecast_options{.rounds = 5, .window = 4}); }) == "--window must not be below --rounds");
}

TEST_CASE("ensembles are scored by hand") {
  auto const result = compare_forecasts(right_and_wrong(12), "test", {.rounds = 5});
  CHECK(result.rounds == 12);
  CHECK(result.tasks == 12);
  CHECK(result.unscored == 0);
  CHECK(result.unfitted == 5);
  auto lines = lines_of(result);
  // Twice the mean pinball loss of y + 2, y + 3, y + 4 is 2 (.75 2 + .5 3 + .25 4) / 3, and of half of it half.
  CHECK(std::abs(lines["wrong"].all.wis - 8. / 3) < 1e-12);
  CHECK(std::abs(lines["mean"].all.wis - 4. / 3) < 1e-12);
  CHECK(std::abs(lines["wrong"].all.relative - 2) < 1e-12);
  CHECK(lines["wrong"].all.over > 0);
  CHECK(lines["wrong"].all.under == 0);
  CHECK(lines["wrong"].all.coverage == std::vector<double>{0});
  CHECK(lines["right"].all.wis == 0);
  CHECK(lines["right"].all.coverage == std::vector<double>{1});
  CHECK(lines["quantile_averaging"].all.tasks == 7);
  CHECK(lines["quantile_averaging"].all.wis < 1e-6);
  CHECK(lines["quantile_averaging per level"].all.wis < 1e-6);
  REQUIRE(result.weights.size() == 3);
  CHECK(result.weights[1].weights[0] > 1 - 1e-6);
  CHECK(result.unsolved == 0);
  CHECK(result.fits == 14);
}

TEST_CASE("weights know the past alone") {
  auto const at_end = [](forecast_set const& set) { return compare_forecasts(set, "test", {.rounds = 5}).weights[1].weights; };
  auto set = right_and_wrong(12);
  for (Index t = 0; t < 12; ++t) set.quantiles.row(2 * t).array() += t % 3 == 0 ? 4 : -1;  // neither is right
  auto const weights = at_end(set);
  set.tasks[11].outcome += 1000;  // the last round's own outcome
  CHECK(at_end(set) == weights);
  set.tasks[10].due = 11;  // due when the last round was made, and not before
  auto const without = at_end(set);
  set.tasks[10].outcome += 1000;
  CHECK(at_end(set) == without);
  set.tasks[10].due = 10.5;
  CHECK(at_end(set) != weights);
}

TEST_CASE("models that are missing leave their weight to the others") {
  auto set = right_and_wrong(12);
  set.quantiles.row(2 * 11).setConstant(std::numeric_limits<double>::quiet_NaN());  // in the last round
  auto const result = compare_forecasts(set, "test", {.rounds = 5});
  auto lines = lines_of(result);
  CHECK(lines["right"].all.tasks == 11);
  CHECK(std::abs(lines["quantile_averaging"].all.wis - 8. / 3 / 7) < 1e-6);
  // Half of the weight each; where one is missing the other's forecast, 1 above, not half of it. A second task of the last
  // round.
  auto even = right_and_wrong(13);
  even.tasks[12].made = 11;
  for (Index t = 0; t < 13; ++t) {
    double const y = even.tasks[static_cast<std::size_t>(t)].outcome;
    even.quantiles.row(2 * t).setConstant(t == 12 ? std::numeric_limits<double>::quiet_NaN() : y - 1),
        even.quantiles.row(2 * t + 1).setConstant(y + 1);
  }
  for (auto const* rule : {"quantile_averaging", "quantile_averaging per level", "inverse score"}) {
    CHECK(std::abs(lines_of(compare_forecasts(even, "test", {.rounds = 5}))[rule].all.wis - 1. / 8) < 1e-6);
  }
  // One that seldom forecasts has no weight.
  for (Index t = 0; t < 12; t += 1 + (t % 6 == 0))
    set.quantiles.row(2 * t).setConstant(std::numeric_limits<double>::quiet_NaN());
  CHECK(compare_forecasts(set, "test", {.rounds = 5}).weights[1].weights[0] == 0);
}

TEST_CASE("too few rounds fit nothing, and say so; scores by a column") {
  auto const few = compare_forecasts(right_and_wrong(4), "test", {.rounds = 5});
  CHECK(few.weights.empty());
  CHECK(few.tasks == 4);
  CHECK(as_text(few).find("(--rounds)") != std::string::npos);
  CHECK(complaint([] {
          compare_forecasts(right_and_wrong(4), "test", {.by = "place"});
        }).find("--by place: there is no such column; there are series") == 0);
  auto const by = compare_forecasts(right_and_wrong(4), "test", {.by = "series"});
  CHECK(by.parts == std::vector<std::string>{"s"});
  CHECK(by.lines[0].parts[0] == by.lines[0].all.wis);
  auto const json = as_json(by);
  CHECK(json["results"][0]["wis_by"]["s"] == by.lines[0].all.wis);
  CHECK(as_csv(by).find("wrong,model,wis,s,") != std::string::npos);
  CHECK(as_plot(by).bands.size() == 1);
  CHECK(as_plot(by).series[1].y == std::vector<double>{0, 2, 4, 1});
}

TEST_CASE("forecasters that a series suits are right, and know nothing of the future") {
  folder const here;
  auto const write = [&](auto value, Index n) {
    std::string text = "date,value\n";
    for (Index t = 0; t < n; ++t) text += fmt::format("{},{}\n", t, value(t));
    put(here / "series.csv", text);
  };
  series_options const o{.name = "s", .season = 4, .order = 2, .train = 40, .differences = false, .horizons = {1, 3}};
  auto const scores = [&](forecast_set const& set, Index model) {
    double worst = 0;
    for (std::size_t t = 0; t < set.tasks.size(); ++t) {
      auto const row = set.of(static_cast<Index>(t)).row(model);
      worst = std::max(worst, (row.array() - set.tasks[t].outcome).abs().maxCoeff());
    }
    return worst;
  };
  // Always 2 more: the naive forecast has an error that it knows.
  write([](Index t) { return 2 * t; }, 60);
  auto const rising = forecast_series(here / "series.csv", o);
  CHECK(rising.tasks.size() == 20 + 18);
  CHECK(scores(rising, 0) < 1e-9);
  CHECK(scores(rising, 3) < 1e-6);  // a trend is what smoothing is for
  CHECK(scores(rising, 4) > 1);     // too_sure
  CHECK(scores(rising, 5) > 50);    // wrong_unit
  write([](Index t) { return t % 4 == 0 ? 5 : t % 4; }, 60);
  CHECK(scores(forecast_series(here / "series.csv", o), 1) < 1e-9);
  double now = 1, before = 0;  // x(t) = 1.2 x(t - 1) - .9 x(t - 2) + 3
  write([&](Index) { return std::exchange(before, std::exchange(now, 1.2 * now - .9 * before + 3)); }, 60);
  CHECK(scores(forecast_series(here / "series.csv", o), 2) < .05);
  // The first rounds stay what they are when the end of the series changes.
  write([](Index t) { return (t * t) % 17; }, 60);
  auto const first = forecast_series(here / "series.csv", o);
  write([](Index t) { return t < 50 ? (t * t) % 17 : 1000; }, 60);
  auto const second = forecast_series(here / "series.csv", o);
  for (std::size_t t = 0; t < first.tasks.size(); ++t) {
    if (first.tasks[t].made < 50) CHECK(first.of(static_cast<Index>(t)) == second.of(static_cast<Index>(t)));
  }
  CHECK(first.of(static_cast<Index>(first.tasks.size()) - 1) != second.of(static_cast<Index>(second.tasks.size()) - 1));
  auto const with_season = [&](Index season) {
    auto other = o;
    other.season = season;
    return forecast_series(here / "series.csv", other);
  };
  CHECK(with_season(12).tasks.size() == 12 + 10);  // the first round after four seasons
  CHECK(complaint([&] { with_season(0); }) == "--season must be at least 1");
  CHECK(complaint([&] { with_season(1'000'000'000'000'000'000); }).find("60 values are too few") != std::string::npos);
  CHECK(complaint([&] {
          put(here / "series.csv", "date,value\n1,2\n"), forecast_series(here / "series.csv", o);
        }).find("1 value is too few") != std::string::npos);
}

namespace {

std::string const hub_head = "reference_date,location,horizon,target_end_date,output_type,output_type_id,value";

// Three models, two rounds of three horizons; `change` makes what team B writes different.
void put_hub(folder const& here, auto change) {
  for (std::string const team : {"A", "B", "C"}) {
    std::filesystem::create_directories(here / ("hub/" + team));
    for (int round = 0; round < 2; ++round) {
      std::string text;
      for (int h = 1; h <= 3; ++h) {
        for (auto const& [tau, off] : {std::pair{".25", -2}, {".5", 0}, {".75", 2}}) {
          std::vector<std::string> row{round == 0 ? "2024-01-06" : "2024-02-03",
                                       "01",
                                       std::to_string(h),
                                       "",
                                       "quantile",
                                       tau,
                                       std::to_string(100 + off +
                                                      (team == "B"   ? 5
                                                       : team == "C" ? -60
                                                                     : 0))};
          row[3] = fmt::format("2024-0{}-{:02}", round + 1, (round == 0 ? 6 : 3) + 7 * h);
          auto head = hub_head;
          if (team == "B") change(head, row);
          if (text.empty()) text = head + "\n";
          text += fmt::format("{}\n", fmt::join(row, ","));
        }
      }
      put(here / fmt::format("hub/{0}/2024-0{1}-{2}-{0}.csv", team, round + 1, round == 0 ? "06" : "03"), text);
    }
  }
  put(here / "truth.csv",
      "target_end_date,location,observation\n2024-01-13,01,101\n2024-01-20,01,101\n2024-01-27,01,101\n"
      "2024-02-10,01,101\n2024-02-17,01,101\n2024-02-24,01,101\n");
}
forecast_result of_hub(folder const& here, reading_options const& options = {}, forecast_options const& scores = {}) {
  return compare_forecasts(read_forecasts({here / "hub"}, {here / "truth.csv"}, {}, options), "hub", scores);
}
bool said(forecast_result const& result, std::string const& part) {
  return std::any_of(result.said.begin(), result.said.end(), [&](auto const& s) { return s.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("levels that differ in the last bits are one level") {
  folder const here;
  std::string text = "model,date,quantile,value,observed\n";
  for (auto const& [model, levels] : {std::pair{"A", std::array{".05", ".15", ".5", ".85", ".95"}},
                                      {"B", std::array{"0.05", "0.15000000000000002", "0.5", "0.8500000000000001", "0.95"}}}) {
    for (std::size_t k = 0; k < 5; ++k)
      text += fmt::format("{},1,{},{},10\n", model, levels[k], std::array{1, 3, 10, 17, 19}[k]);
  }
  auto const set = read_text(here, text);
  CHECK(set.levels == std::vector<double>{.05, .15, .5, .85, .95});
  CHECK(std::abs(compare_forecasts(set, "f", {}).lines[0].all.wis - 1.2) < 1e-12);
  // The two spellings are a duplicate where one model gives both.
  CHECK(forecast_complaint(here, text + "A,1,0.15000000000000002,3,10\n").find("gives the level 0.15 twice") !=
        std::string::npos);
  // The ends say nothing, and are counted.
  auto const ends = read_text(here, text + "A,1,0,0,10\nA,1,1,99,10\n");
  CHECK(ends.levels.size() == 5);
  CHECK(ends.said[0] == "Left out: 2 rows of the levels 0 and 1.");
}

TEST_CASE("one forecast in many spellings is one") {
  folder const here;
  using row = std::vector<std::string>;
  auto const same = [&](auto change, reading_options const& options = {}) {
    put_hub(here, change);
    auto const result = of_hub(here, options);
    CHECK(result.tasks == 6);
    CHECK(std::abs(result.lines[0].all.wis - 1) < 1e-12);  // the median is A: 2 (.25 3 + .5 1 + .25 1) / 3
    CHECK(said(result, "Models per forecast: 3, of 3."));
    return result;
  };
  same([](std::string&, row&) {});
  auto const extra = same([](std::string& head, row& r) { head += ",note", r.push_back("x"); });
  CHECK(std::any_of(extra.explained.begin(), extra.explained.end(),
                    [](auto const& s) { return s.find("note (always 'x')") != std::string::npos; }));
  auto const varying = same([](std::string& head, row& r) { head += ",note", r.push_back(r[2] + r[0]); });
  CHECK(said(varying, "not by note, which the files of some models lack"));
  same([](std::string&, row& r) { r[2] += ".0"; });
  same([](std::string&, row& r) { r[2] = "+" + r[2] + "e0"; });
  same([](std::string&, row& r) { r[3] += "T00:00:00Z"; });
  same([](std::string&, row& r) { r[0] += " 00:00:00"; });
  same([](std::string&, row& r) { std::replace(r[0].begin(), r[0].end(), '-', '/'); });
  same([](std::string&, row& r) { r[3].erase(7, 1).erase(4, 1); });
  // Made a day earlier: other forecasts, unless rounds are weeks, or the date does not count.
  auto const earlier = [](std::string&, row& r) { r[0] = r[0] == "2024-01-06" ? "2024-01-05" : "2024-02-02"; };
  put_hub(here, earlier);
  auto const apart = of_hub(here);
  CHECK(apart.tasks == 12);
  CHECK(said(apart, "Models per forecast: 1 to 2, median 1, of 3."));
  same(earlier, {.every = 7});
  same(earlier, {.key = {"location", "horizon", "target_end_date"}});
  // A code is not a number.
  put_hub(here, [](std::string&, row& r) { r[1] = "1"; });
  auto const codes = of_hub(here);
  CHECK(codes.tasks == 6);
  CHECK(codes.unscored == 6);
  CHECK(said(codes, "In location '01' and the same without its zero are different values."));
}

TEST_CASE("a column that is left out may not make two forecasts one") {
  folder const here;
  // B says for two ages what others say for all.
  for (std::string const team : {"A", "B"}) {
    std::string text = team == "B" ? "model,age,date,quantile,value,observed\n" : "model,date,quantile,value,observed\n";
    for (auto const* age : {"old,", "young,"}) {
      if (team == "A" && age[0] == 'y') continue;
      for (auto const* rest : {"1,.25,1,2\n", "1,.75,3,2\n"}) text += team + "," + (team == "B" ? age : "") + rest;
    }
    put(here / (team + ".csv"), text);
  }
  auto const read = [&](reading_options const& options) {
    return read_forecasts({here / "A.csv", here / "B.csv"}, {}, {}, options);
  };
  auto const sentence = complaint([&] { read({}); });
  CHECK(sentence.find("two forecasts of model 'B' differ in age alone") == 0);
  CHECK(sentence.find("B.csv: line 2 and ") != std::string::npos);
  CHECK(read({.key = {"age"}}).tasks.size() == 3);
  CHECK(read({.without = {"B"}}).tasks.size() == 1);
  CHECK(complaint([&] { read({.key = {"aeg"}}); }).find("did you mean 'age'?") != std::string::npos);
  CHECK(complaint([&] { read({.models = {"D"}}); }).find("--models: there is no model 'D'") == 0);
  CHECK(read_forecasts({here / "B.csv"}, {}, {"age=old"}).tasks.size() == 1);
  CHECK(complaint([&] {
          read_forecasts({here / "B.csv"}, {}, {"agee=old"});
        }).find("there is no column 'agee' (did you mean 'age'?)") != std::string::npos);
}

TEST_CASE("the last forecast of a round counts") {
  folder const here;
  std::string text = "model,forecast_date,target_date,quantile,value,observed\n";
  for (auto const& [date, off] : {std::pair{"2024-01-05", 50}, {"2024-01-06", 0}}) {
    for (auto const& [tau, q] : {std::pair{".25", 1}, {".75", 3}})
      text += fmt::format("a,{},2024-01-13,{},{},2\n", date, tau, q + off);
  }
  put(here / "f.csv", text);
  auto const set = read_forecasts({here / "f.csv"}, {}, {}, {.every = 7});
  REQUIRE(set.tasks.size() == 1);
  CHECK(set.quantiles.row(0) == Eigen::RowVector2d(1, 3));
  CHECK(std::find(set.said.begin(), set.said.end(), "1 forecast gave way to later ones of the same model and round.") !=
        set.said.end());
}

TEST_CASE("models are files, or the folders of files with one name") {
  folder const here;
  std::string const text = "target_date,quantile,value,observed\n1,.25,1,2\n1,.75,3,2\n";
  auto const models = [&](std::vector<std::string> const& files) {
    std::filesystem::remove_all(here / "hub");
    for (auto const& file : files) {
      std::filesystem::create_directories((here / ("hub/" + file)).parent_path());
      put(here / ("hub/" + file), text);
    }
    auto found = read_forecasts({here / "hub"}, {}, {}).models;
    std::sort(found.begin(), found.end());
    return found;
  };
  using list = std::vector<std::string>;
  CHECK(models({"A/forecast.csv", "B/forecast.csv"}) == list{"A", "B"});
  CHECK(models({"A/csv/forecast.csv", "B/csv/forecast.csv"}) == list{"A", "B"});
  CHECK(models({"A.csv", "B.csv"}) == list{"A", "B"});
  CHECK(models({"20240106-A.csv", "B_2024-01-06.csv"}) == list{"A", "B"});
  CHECK(models({"2023/A.csv"}) == list{"A"});
  CHECK(models({"T-1/2024-01-06.csv", "T-2/2024-01-06.csv"}) == list{"T-1", "T-2"});
}

TEST_CASE("truth: files that disagree, versions, and truth that is finer") {
  folder const here;
  put_hub(here, [](std::string&, auto&) {});
  auto const with = [&](std::string const& a, std::string const& b = "", Index sum = 0) {
    put(here / "a.csv", a);
    std::vector<std::filesystem::path> files{here / "a.csv"};
    if (!b.empty()) put(here / "b.csv", b), files.push_back(here / "b.csv");
    return read_forecasts({here / "hub"}, files, {}, {.sum = sum});
  };
  std::string const head = "target_end_date,location,observation\n";
  auto const sentence = complaint([&] { with(head + "2024-01-13,01,7\n", head + "2024-01-13,01,8\n"); });
  CHECK(sentence.find("b.csv: line 2: the outcome for") != std::string::npos);
  CHECK(sentence.find("is 8, but 7 in ") != std::string::npos);
  CHECK(sentence.find("a.csv: line 2") != std::string::npos);
  CHECK(with(head + "2024-01-13,01,7\n", head + "2024-01-13T00:00:00,01,7.0\n").tasks[0].outcome == 7);
  std::string const versions = "as_of,target_end_date,location,observation\n";
  CHECK(with(versions + "2024-3-1,2024-01-13,01,8\n2024-02-28,2024-01-13,01,7\n").tasks[0].outcome == 8);
  CHECK(with(versions + "2024-02-28,2024-01-13,01,7\n", versions + "2024-03-01,2024-01-13,01,8\n").tasks[0].outcome == 8);
  std::string daily = head;
  for (int day = 1; day <= 31; ++day) daily += fmt::format("2024-01-{:02},01,{}\n", day, day);
  CHECK(complaint([&] { with(daily); }).find("has a value every 1 day, the forecasts are about 7: --sum 7") !=
        std::string::npos);
  CHECK(with(daily, "", 7).tasks[0].outcome == 7 + 8 + 9 + 10 + 11 + 12 + 13);
  CHECK(with(daily, "", 1).tasks[0].outcome == 13);
}

TEST_CASE("samples become quantiles, probabilities are pooled, the rest is said") {
  folder const here;
  std::string text = "model_id,target_end_date,output_type,output_type_id,value\n";
  for (int s = 0; s < 21; ++s) text += fmt::format("a,2024-01-13,sample,{},{}\n", s, s * 8 % 21);
  text += "b,2024-01-13,quantile,0.25,4\nb,2024-01-13,quantile,0.5,10\nb,2024-01-13,quantile,0.75,16\nb,2024-01-13,mean,NA,9\n";
  text += "a,2024-01-13,pmf,low,.5\na,2024-01-13,pmf,high,.5\nb,2024-01-13,pmf,low,.2\nb,2024-01-13,pmf,high,.8\n";
  auto const set = read_text(here, text,
                             "target_end_date,output_type,output_type_id,oracle_value\n2024-01-13,quantile,NA,11\n"
                             "2024-01-13,pmf,low,0\n2024-01-13,pmf,high,1\n2024-01-13,cdf,5,0\n");
  CHECK(set.levels == std::vector<double>{.25, .5, .75});
  CHECK(set.of(0).row(0).isApprox(Eigen::RowVector3d(5, 10, 15)));  // of 0, 1, ..., 20
  CHECK(set.tasks[0].outcome == 11);
  CHECK(std::find(set.said.begin(), set.said.end(), "Rows that are not read: 1 mean.") != set.said.end());
  auto const result = compare_forecasts(set, "f", {});
  REQUIRE(result.pmf.size() == 4);
  CHECK(std::abs(result.pmf[0].logarithmic + std::log(.65)) < 1e-12);
  CHECK(std::abs(result.pmf[1].logarithmic + std::log(2. / 3)) < 1e-12);  // sqrt(.4) / (sqrt(.4) + sqrt(.1))
  CHECK(std::abs(result.pmf[3].brier - 2 * .04) < 1e-12);
  CHECK(forecast_complaint(here, text + "b,2024-01-13,pmf,none,1.5\n").find("the probability '1.5' is not between 0 and 1") !=
        std::string::npos);
}

TEST_CASE("skill, logarithms, given weights, bias") {
  folder const here;
  put_hub(here, [](std::string&, auto&) {});
  auto const result = of_hub(here, {}, {.baseline = "C", .weights = {{"A", 3}, {"B", 1}}});
  auto lines = lines_of(result);
  // With all forecasts there, skill is the ratio of scores.
  CHECK(std::abs(lines["A"].all.wis - 1) < 1e-12);
  CHECK(std::abs(lines["B"].all.wis - 10. / 3) < 1e-12);
  CHECK(std::abs(lines["A"].skill - lines["A"].all.wis / lines["C"].all.wis) < 1e-12);
  CHECK(std::abs(result.pairwise(1, 2) - lines["B"].all.wis / lines["C"].all.wis) < 1e-12);
  CHECK(std::abs(lines["A"].all.absolute - 1) < 1e-12);
  CHECK(std::abs(lines["A"].all.bias + .5) < 1e-12);  // 101 is between 100 and 102: 1 - 2 * .75
  CHECK(std::abs(lines["C"].all.bias + 1) < 1e-12);
  CHECK(lines["weighted median"].all.wis == lines["A"].all.wis);
  CHECK(std::abs(lines["weighted mean"].all.absolute - .25) < 1e-12);  // 101.25
  CHECK(complaint([&] { of_hub(here, {}, {.baseline = "D"}); }).find("--baseline: there is no model 'D'") == 0);
  auto logs = lines_of(of_hub(here, {}, {.log = true}));
  CHECK(std::abs(logs["A"].all.absolute - std::log(102. / 101)) < 1e-12);
}

TEST_CASE("where nothing can be fitted, no weights are shown") {
  folder const here;
  put_hub(here, [](std::string&, auto&) {});
  auto const few = of_hub(here, {}, {.rounds = 1});
  CHECK(few.weights.empty());
  CHECK(few.tasks == 6);
  CHECK(lines_of(few).count("quantile_averaging") == 0);
  CHECK(as_text(few).find("in the last round") == std::string::npos);
}

TEST_CASE("a series in any order is the same series; gaps are said, and repeated dates refused") {
  folder const here;
  series_options const o{
      .name = "s", .season = 4, .order = 2, .train = 40, .differences = false, .made_up = false, .horizons = {1}};
  std::vector<std::string> lines;
  for (int t = 0; t < 60; ++t) lines.push_back(fmt::format("{:04}-{:02}-01,{}\n", 2000 + t / 12, 1 + t % 12, t * t % 17));
  auto const read = [&](std::vector<std::string> const& some, std::string const& head = "date,value\n") {
    put(here / "s.csv", head + fmt::format("{}", fmt::join(some, "")));
    return forecast_series(here / "s.csv", o);
  };
  auto const plain = read(lines);
  CHECK(plain.said.empty());
  CHECK(plain.models.size() == 4);
  auto shuffled = lines;
  std::reverse(shuffled.begin(), shuffled.end());
  std::swap(shuffled[3], shuffled[30]);
  auto const again = read(shuffled);
  CHECK(again.quantiles == plain.quantiles);
  CHECK(again.said.size() == 1);
  auto gap = lines;
  gap.erase(gap.begin() + 10);
  CHECK(read(gap).said[0].find("The series has 1 gap, the first before line 12") == 0);
  lines.push_back(lines[7]);
  CHECK(complaint([&] { read(lines); }).find("line 62: has the date of line 9 again") != std::string::npos);
}

TEST_CASE("an excerpt of a public hub has the scores that were computed elsewhere") {
  std::filesystem::path const hub = ROBAGG_HUB;
  auto const set = read_forecasts({hub / "model-output"}, {hub / "target-data/time-series.csv"}, {});
  CHECK(set.models == std::vector<std::string>{"Flusight-baseline", "MOBS-GLEAM_FLUH", "PSI-DICE"});
  CHECK(set.levels.size() == 23);
  auto lines = lines_of(compare_forecasts(set, "hub", {}));
  for (auto const& [name, wis] : {std::pair{"Flusight-baseline", 6511.912608695652},
                                  {"MOBS-GLEAM_FLUH", 2523.549347826087},
                                  {"PSI-DICE", 3271.15241847826},
                                  {"median", 3367.6280978260866}}) {
    CHECK(lines[name].all.tasks == 16);
    CHECK(std::abs(lines[name].all.wis - wis) < 1e-9 * wis);
  }
  CHECK(set.pmf.categories.size() == 4);
}

TEST_CASE("headers and line ends of hubs") {
  folder const here;
  std::string const truth = "target_end_date,location,observation\n2024-01-13,US,11\n";
  double first = 0;
  for (
      auto const* text :
      {"reference_date,location,target_end_date,output_type,output_type_id,value,model_id\n2024-01-06,US,2024-01-13,quantile,0.25,9,m\n2024-01-06,US,2024-01-13,quantile,0.75,14,m\n"
       "2024-01-06,US,2024-01-13,mean,NA,9,m\n2024-01-06,US,2024-01-13,median,NA,9,m\n2024-01-06,US,2024-01-13,cdf,20,.9,m\n",
       "forecast_date,target,target_end_date,location,type,quantile,value,model\n2024-01-06,inc,2024-01-13,US,point,NA,10,m\n"
       "2024-01-06,inc,2024-01-13,US,quantile,0.25,9,m\n2024-01-06,inc,2024-01-13,US,quantile,0.75,14,m",
       "\"Reference_Date\",\"LOCATION\",\"target_end_date\",\"output_type\",\"output_type_id\",\"value\"\r\n\"2024-01-06\",\"US\",\"2024-01-13\",\"quantile\",\"0.25\",\"9\"\r\n"
       "\"2024-01-06\",\"US\",\"2024-01-13\",\"quantile\",\"0.75\",\"14\"\r\n",
       "origin_date;location;target_end_date;quantile;value\n2024-01-06;US;2024-01-13;0.25;9\n2024-01-06;US;2024-01-13;0.75;14\n",
       "{\"reference_date\": \"2024-01-06\", \"location\": \"US\", \"target_end_date\": \"2024-01-13\", \"quantile\": 0.25, \"value\": 9}\n"
       "{\"reference_date\": \"2024-01-06\", \"location\": \"US\", \"target_end_date\": \"2024-01-13\", \"quantile\": 0.75, \"value\": 14}\n"}) {
    CAPTURE(text);
    auto const wis = compare_forecasts(read_text(here, text, truth), "f", {}).lines[0].all.wis;
    if (first == 0) first = wis;
    CHECK(wis == first);
  }
  CHECK(std::abs(first - (.25 * 2 + .25 * 3)) < 1e-12);
}

// SPDX-License-Identifier: BSL-1.0
// Forecasts from hubs' files and from series, and what ensembles of them are worth.
#include "support.hpp"

#include "../forecasts.hpp"

#include <robagg/quantile/pinball.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

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
  says("f.csv: needs a column named value or predicted or prediction", "model,quantile\n");
  says("the files hold no quantile forecasts", head);
  says("line 2: the level '1.5' is not between 0 and 1", head + "a,1,1.5,1,2\n");
  says("line 2: the value 'many' is not a number", head + "a,1,.5,many,2\n");
  says("line 2: the target date 'June' is neither a date (YYYY-MM-DD) nor a number", head + "a,June,.5,1,2\n");
  says("line 3 has 2 fields, the header has 5", head + "a,1,.5,1,2\na,1\n");
  says("line 3: the outcome is 3, but 2 in another line", head + "a,1,.25,1,2\na,1,.75,1,3\n");
  says("model 'a' gives the level 0.25 twice", head + two + "a,1,.25,1,2\n");
  says("no two levels", head + "a,1,.25,1,2\n");
  says("--where 'x': column=value or column~text is needed", head + two, "", {"x"});
  says("--where model=c: no row is so", head + two, "", {"model=c"});
  says("have no outcomes: --truth", "model,date,quantile,value\na,1,.25,1\na,1,.75,3\n");
  says("the first forecast is about '1', the first outcome about '7'", "model,date,quantile,value\na,1,.25,1\na,1,.75,3\n",
       "date,value\n7,1\n");
  says("t.csv: shares no column", "model,date,quantile,value\na,1,.25,1\na,1,.75,3\n", "place,value\n7,1\n");
  says("the outcome for 1 is 2, but 1 before", "model,date,quantile,value\na,1,.25,1\na,1,.75,3\n", "date,value\n1,1\n1,2\n");
  CHECK(complaint([&] { read_forecasts({here / "missing.csv"}, {}, {}); }).find("there is no such file") != std::string::npos);
  CHECK(complaint([] { check(forecast_options{.rounds = 0}); }) == "--rounds must be at least 1");
  CHECK(complaint([] { check(forecast_options{.rounds = 5, .window = 4}); }) == "--window must not be below --rounds");
}

TEST_CASE("ensembles are scored by hand") {
  auto const result = compare_forecasts(right_and_wrong(12), "test", {.rounds = 5});
  CHECK(result.rounds == 7);
  CHECK(result.tasks == 7);
  CHECK(result.unscored == 5);
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
  CHECK(lines["right"].all.tasks == 6);
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
  for (Index t = 0; t < 12; t += 2) set.quantiles.row(2 * t).setConstant(std::numeric_limits<double>::quiet_NaN());
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
        }).find("1 values are too few") != std::string::npos);
}

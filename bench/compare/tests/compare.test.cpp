// SPDX-License-Identifier: BSL-1.0
#include "support.hpp"

#include "../federated.hpp"
#include "../inspect.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

using namespace robagg_compare;

namespace {

bool near(double a, double b) { return std::abs(a - b) <= 1e-12 * std::abs(b); }

attack const& attack_named(std::vector<attack> const& all, std::string const& label) {
  for (auto const& a : all) {
    if (a.label == label) return a;
  }
  throw std::logic_error(label);
}

Eigen::Vector2d sent(std::string const& label, attack_setting const& setting = {}) {
  table<float> honest(3, 2);
  honest << 1, -2, 3, -2, 8, 4;  // means 4 and 0; squared deviations 9 + 1 + 16 and 4 + 4 + 16
  Eigen::VectorXf row(2);
  auto const all = all_attacks({.ipm = 0.5});
  attack_named(all, label).craft(honest, setting, row);
  return row.cast<double>();
}

rule rule_named(std::string const& name) { return chosen(all_rules(), {name}).front(); }

loaded_table ten_rows() {
  table<double> x(10, 3);
  for (Index i = 0; i < 10; ++i) {
    for (Index c = 0; c < 3; ++c) x(i, c) = std::sin(static_cast<double>(7 * i + 3 * c));
  }
  x.row(4).setConstant(1e6);
  return {x, "text"};
}

}  // namespace

TEST_CASE("attacks by hand") {
  CHECK(sent("flip") == Eigen::Vector2d(-40, 0));
  CHECK(sent("ipm") == Eigen::Vector2d(-2, 0));
  CHECK((sent("alie") - Eigen::Vector2d(4 + 1.5 * std::sqrt(13.), 1.5 * std::sqrt(12.))).norm() < 1e-6);
  CHECK(sent("inf") == Eigen::Vector2d(infinity, infinity));
  CHECK(std::isnan(sent("nan")(1)));
  CHECK(sent("mimic") == Eigen::Vector2d(1, -2));
  CHECK(sent("coord") == Eigen::Vector2d(-12, 0));
  CHECK(sent("ipm-opt", {.liars = 1}) == Eigen::Vector2d(-4. * 5242870, 0));  // against the mean: as far as it goes
  CHECK(sent("noise", {.seed = 1}) != sent("noise", {.seed = 2}));
  CHECK(std::abs(sent("anticge", {.liars = 2}).norm() - .999 * std::sqrt(13.)) < 1e-5);  // shorter than (3, -2)
  CHECK(usual_attacks().front().label == "none");
  auto const usual = usual_attacks();
  CHECK(attack_named(usual, "label").flips_labels);
}

TEST_CASE("attacks by name") {
  CHECK(chosen_attacks({}).size() == 8);
  auto const picked = chosen_attacks({"minmax", "flip", "flip"});
  REQUIRE(picked.size() == 3);
  CHECK(picked[0].label == "none");
  CHECK(picked[1].label == "flip");
  CHECK(
      complaint([] { chosen_attacks({"flop"}); }).starts_with("--attacks knows no attack named 'flop'; there are none, flip,"));
}

TEST_CASE("rules by name") {
  CHECK(chosen(gradient_rules(), {}).size() == gradient_rules().size());
  auto const picked = chosen(gradient_rules(), {"nnm|krum", "mean", "bucketing | median", "mean"});
  REQUIRE(picked.size() == 3);
  CHECK(picked[0].label == "mean");
  CHECK(picked[2].name == "nearest_neighbour_mixing | krum");
  CHECK(picked[2].make({.f = 3}).describe() == "nearest_neighbour_mixing{.f = 3} | krum{.f = 3}");
  CHECK(
      complaint([] { chosen(gradient_rules(), {"meen"}); }).starts_with("--rules knows no rule named 'meen'; there are mean,"));
  CHECK(rule_named("median").coordinatewise);
  CHECK(!rule_named("krum").coordinatewise);
  for (auto const& r : all_rules()) {
    CAPTURE(r.label);
    CHECK(r.label.size() <= 20);
    CHECK(r.make({.f = 1}).name() == r.name);
  }
}

TEST_CASE("the digits") {
  auto const data = read_digits(ROBAGG_DIGITS, 1), again = read_digits(ROBAGG_DIGITS, 1), other = read_digits(ROBAGG_DIGITS, 2);
  CHECK(data.train.rows() == 1400);
  CHECK(data.test.rows() == 397);
  CHECK(data.train_labels.size() == 1400);
  CHECK(data.test_labels.size() == 397);
  CHECK((data.train.array() >= 0 && data.train.array() <= 1).all());
  CHECK((data.train.col(64).array() == 1).all());
  CHECK(data.train == again.train);
  CHECK(data.test_labels == again.test_labels);
  CHECK(data.train != other.train);

  folder const here;
  put(here / "narrow.csv", "1,2,3\n");
  CHECK(complaint([&] {
          read_digits(here / "narrow.csv", 1);
        }).ends_with("is not the digits file: 64 pixels and a label a line"));
  std::string line;
  for (int c = 0; c < 64; ++c) line += "0,";
  put(here / "label.csv", line + "10\n");
  CHECK(complaint([&] { read_digits(here / "label.csv", 1); }).find("sample 1 is not") != std::string::npos);

  federated_options const options{.workers = 8, .liars = 2};
  auto const own = deal(data, options);
  REQUIRE(own.size() == 8);
  CHECK(own[6] == own[0]);  // liars have copies
  CHECK(own[7] == own[1]);
  std::vector<int> held(1400);
  for (std::size_t i = 0; i < 6; ++i) {
    for (Index const sample : own[i]) ++held[static_cast<std::size_t>(sample)];
  }
  CHECK(held == std::vector<int>(1400, 1));
}

TEST_CASE("the mean learns, and a sign flip breaks it") {
  federated_options const options{.rounds = 150};
  auto const data = read_digits(ROBAGG_DIGITS, options.seed);
  auto const attacks = all_attacks();
  auto const accuracy = [&](std::string const& rule, std::string const& attack) {
    return train(data, options, rule_named(rule), attack_named(attacks, attack)).accuracy;
  };
  double const honest = accuracy("mean", "none");
  CHECK(honest > 0.9);
  CHECK(accuracy("mean", "none") == honest);  // the same seed, the same result
  CHECK(accuracy("mean", "flip") < 0.5);
  CHECK(accuracy("mean", "nan") == 0);  // nothing is read correctly by a model of NaN
  CHECK(accuracy("trimmed_mean", "flip") > honest - 0.05);
  CHECK(accuracy("geometric_median", "inf") > honest - 0.05);
  CHECK(train(data, options, rule_named("mean"), attacks[0]).seconds.size() == 150);
}

TEST_CASE("a federated comparison") {
  federated_options options{.workers = 9, .liars = 4, .rounds = 3};
  auto const data = read_digits(ROBAGG_DIGITS, options.seed);
  auto result = compare_federated(data, options, chosen(gradient_rules(), {"mean", "krum"}));
  REQUIRE(result.lines.size() == 2);
  CHECK(result.lines[0].accuracy.size() == result.attacks.size());
  CHECK(result.lines[0].accuracy[0] == result.reference);
  auto const json = as_json(result);
  CHECK(json["settings"]["liars"] == 4);
  CHECK(json["rules"][1]["operator"] == "krum{.f = 4}");
  CHECK(json["rules"][0]["accuracy"]["none"] == result.reference);
  CHECK(as_csv(result).starts_with("rule,attack,accuracy,microseconds_per_round,gigabytes_per_second\nmean,none,"));
  CHECK(as_text(result, true).find('\x1b') != std::string::npos);  // the mean has lost
  CHECK(as_text(result, false).find('\x1b') == std::string::npos);

  options.liars = 5;
  result = compare_federated(data, options, chosen(gradient_rules(), {"mean", "krum"}));
  REQUIRE(result.unfit.size() == 1);
  CHECK(result.unfit[0].second == "krum: needs n > 2f (n = 9, f = 5)");
  options = {.workers = 9,
             .liars = 2,
             .rounds = 2,
             .attacks = {"alie-opt", "ipm-opt", "alie-z", "anticge", "minmax", "noise", "coord"}};
  result = compare_federated(data, options, gradient_rules());
  CHECK(result.unfit.empty());
  CHECK(result.attacks.size() == 8);
  CHECK(complaint([] { check({.workers = 3, .liars = 2}); }) == "--liars must leave at least two honest workers");
  CHECK(complaint([] { check({.heterogeneity = 1.5}); }) == "--heterogeneity must be between 0 and 1");
}

TEST_CASE("no line of the federated comparison is wider than 80 columns") {
  federated_options const options{.rounds = 1};
  auto const text = as_text(compare_federated(read_digits(ROBAGG_DIGITS, 1), options, gradient_rules()), false);
  for (std::size_t begin = 0; begin < text.size();) {
    auto const end = text.find('\n', begin);
    CAPTURE(text.substr(begin, end - begin));
    CHECK(end - begin <= 80);
    begin = end + 1;
  }
}

TEST_CASE("a table under every rule") {
  auto const loaded = ten_rows();
  auto const result = inspect(loaded, "ten", {.liars = 2}, all_rules());
  REQUIRE(result.unfit.size() == 2);
  CHECK(result.unfit[0].first == "bulyan");        // needs 4f + 3 rows
  CHECK(result.unfit[1].first == "opinion_pool");  // needs probabilities
  auto const line = [&](std::string const& label) -> inspection::line const& {
    for (auto const& l : result.lines) {
      if (l.label == label) return l;
    }
    throw std::logic_error(label);
  };
  auto const& x = std::get<table<double>>(loaded.values);
  CHECK(line("mean").to_mean == 0);
  CHECK(near(line("mean").norm, x.colwise().mean().norm()));
  CHECK(line("mean").changed_by == 4);
  CHECK(near(*line("mean").change, (x.colwise().mean() - (x.colwise().sum() - x.row(4)) / 9).norm()));
  CHECK(line("median").to_median == 0);
  CHECK(near(line("median").moved.sum(), 2));  // two rows in each column
  CHECK(line("median").moved(4) == 0);
  CHECK(near(line("trimmed_mean").moved.sum(), 6));
  CHECK(line("krum").weights.sum() == 1);
  CHECK(line("krum").weights.maxCoeff() == 1);
  CHECK(line("geometric_median").weights(4) < 1e-3);
  CHECK(line("median").seconds > 0);

  auto const json = as_json(result);
  CHECK(json["rules"].size() + 2 == all_rules().size());
  CHECK(json["rules"][0]["leave_one_out"]["row"] == 4);
  CHECK(as_csv(result).starts_with("rule,operator,length,"));
  CHECK(as_text(result).find("f = 2 of the 10 rows") != std::string::npos);

  auto const many = inspect(loaded, "ten", {.liars = 5}, chosen(all_rules(), {"trimmed_mean", "mean"}));
  REQUIRE(many.unfit.size() == 1);
  CHECK(many.unfit[0].second == "trimmed_mean: needs n > 2f (n = 10, f = 5)");
  CHECK(complaint([&] { inspect(loaded, "ten", {.liars = 10}, all_rules()); }) == "--liars: 10 of 10 rows cannot all lie");
  CHECK(inspect(loaded, "ten", {}, {}).liars == 2);  // a quarter
}

TEST_CASE("a table with NaN, and one with a single value") {
  table<float> x(3, 2);
  x << 1, 2, std::numeric_limits<float>::quiet_NaN(), 4, 5, std::numeric_limits<float>::infinity();
  auto const result = inspect({x, "float32"}, "nan", {.liars = 1}, all_rules());
  CHECK(result.nan == 1);
  CHECK(result.infinite == 1);
  CHECK(std::isnan(result.lines.front().norm));  // the mean
  CHECK(as_text(result).find("nan") != std::string::npos);
  CHECK(as_json(result)["rules"][0]["length"] == "nan");

  table<float> one(1, 1);
  one << 3;
  auto const single = inspect({one, "float32"}, "one", {}, all_rules());
  CHECK(single.lines.front().norm == 3);
  CHECK(!single.lines.front().change);
}

TEST_CASE("rows in short") {
  CHECK(row_ranges({0, 3, 4, 5, 7, 8}) == "0,3-5,7,8");
  CHECK(row_ranges({}) == "");
  CHECK(row_ranges({10, 20, 30, 40}, 7) == "10,20,... (4 rows)");
  CHECK(row_shares(Eigen::Vector3d(0, 1, 0)) == "row 1 (100 %)");
  CHECK(row_shares(Eigen::Vector4d(0, .25, .25, .25)) == "rows 1-3 (25 % each)");
  CHECK(row_shares(Eigen::Vector4d(.1, .6, .3, 0)) == "most 1 (60 %), 2 (30 %); least 0 (10 %); none 3");
  CHECK(row_shares(Eigen::Vector3d(.4, .4, .2)) == "most 0,1 (40 % each); least 2 (20 %)");
  CHECK(row_shares(Eigen::Vector2d::Zero()) == "no row");
  CHECK(row_shares(Eigen::Vector2d(0, std::nan(""))) == "nan for every row");
}

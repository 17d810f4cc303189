// SPDX-License-Identifier: BSL-1.0
// The program from outside: exit codes, one sentence on stderr, result files.
#include "outside.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

using namespace robagg_compare;

TEST_CASE("wrong options and files end in one sentence and exit code 2") {
  folder const here;
  put(here / "good.csv", "1,2\n3,4\n5,6\n");
  put(here / "ragged.csv", "1,2\n3\n");
  auto const file = [&](std::string const& name) { return quoted(here / name); };
  for (auto const& [arguments, sentence] : std::vector<std::pair<std::string, std::string>>{
           {"", "subcommand is required"},
           {"tabel x", "there is no command 'tabel'; the nearest is 'table'"},
           {"zzzzz", "there is no command 'zzzzz'; there are federated, votes"},
           {"table", "file is required"},
           {"table " + file("absent.csv"), "there is no such file"},
           {"table " + file("ragged.csv"), "line 2 has 1 field, the lines before it have 2"},
           {"table " + file("good.csv") + " --liars 3", "cannot all lie"},
           {"table " + file("good.csv") + " --liars -1", "must not be negative"},
           {"table " + file("good.csv") + " --liars two", "--liars"},
           {"table " + file("good.csv") + " --rules krumm", "no rule named 'krumm'"},
           {"table " + file("good.csv") + " --frobnicate", "--frobnicate"},
           {"table " + file("good.csv") + " --csv " + file("good.csv"), "would be written over"},
           {"table " + file("good.csv") + " --csv " + file("no/folder.csv"), "cannot be written"},
           {"table " + file("good.csv") + " --csv " + file("a") + " --json " + file("./a"), "the same file"},
           {"federated --rounds 0", "--rounds must be between"},
           {"federated --attacks flop", "no attack named 'flop'"},
           {"federated --seed -1", "must not be negative"},
           {"federated --workers 2", "--workers must be"},
           {"federated --liars 24", "two honest workers"},
           {"federated --data " + file("good.csv"), "is not the digits file"},
           {"votes --data " + file("good.csv"), "is not the digits file"},
           {"votes --data " + file("absent.csv"), "there is no such file"},
           {"votes --models 0", "--models must be between"},
           {"votes --models many", "--models"},
           {"votes --spread 65", "--spread must be between"},
           {"votes --models 1000 --spread 5", "more than 4000 models"},
           {"votes --budgets 1,-2", "--budgets must be between"},
           {"votes --rules mean", "--rules"},
           {"votes --csv " + file("a") + " --plot " + file("./a"), "--csv and --plot name the same file"},
           {"votes --plot " + file("no/folder.svg"), "cannot be written"},
           {"samples " + file("absent.csv"), "there is no such file"},
           {"samples " + file("good.csv"), "line 1: no column is named 'problem'"},
           {"samples " + file("good.csv") + " --k 0", "--k must be"},
           {"samples " + file("good.csv") + " --alpha -1", "must not be negative"},
           {"samples " + file("good.csv") + " --csv " + file("good.csv"), "would be written over"},
           {"scaling --n 20,10", "--n must be"},
           {"scaling --problems many", "--problems"},
           {"scaling --csv new.csv --samples ./new.csv", "would be written over"},
           {"scaling --plot " + file("a") + " --csv " + file("a"), "--csv and --plot name the same file"},
           {"overoptimisation --beta 0", "--beta must be"},
           {"overoptimisation --plot " + file("no/folder.svg"), "cannot be written"},
           {"map --runs 0", "--runs must be"},
           {"map --liars 24", "two honest workers"},
           {"breakdown --rows 2", "--rows must be"},
           {"speed --rows 1", "tables of 3 rows or more"},
           {"federated --tiers --updates " + file("u.csv"), "--updates goes with none of"},
           {"all --from " + file("absent"), "there is no such file"},
           {"all --quick --from " + file("absent"), "--quick runs, and --from does not"},
       }) {
    CAPTURE(arguments);
    auto const result = run(here, arguments);
    CHECK(result.code == 2);
    CHECK(result.out.empty());
    CHECK(result.err.starts_with("robagg-compare: "));
    CHECK(result.err.find(sentence) != std::string::npos);
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  }
  CHECK(here.entries() == 2);
  CHECK(get(here / "good.csv") == "1,2\n3,4\n5,6\n");
}

TEST_CASE("help and version") {
  folder const here;
  for (auto const* const arguments :
       {"--help", "federated --help", "table --help", "votes --help", "samples --help", "scaling --help",
        "overoptimisation --help", "map --help", "breakdown --help", "speed --help", "all --help"}) {
    auto const result = run(here, arguments);
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK(result.out.find("Example") != std::string::npos);
  }
  CHECK(run(here, "--version").out.starts_with("robagg-compare "));
}

TEST_CASE("results as text, JSON and CSV") {
  folder const here;
  put(here / "good.csv", "a,b\n1,2\n3,4\n5,\n");
  auto const file = [&](std::string const& name) { return quoted(here / name); };
  auto result =
      run(here, "table --rules mean,median " + file("good.csv") + " --json " + file("t.json") + " --csv " + file("t.csv"));
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  CHECK(result.out.find("3 rows x 2 columns") != std::string::npos);
  CHECK(result.out.find('\x1b') == std::string::npos);
  auto json = nlohmann::json::parse(get(here / "t.json"));
  CHECK(json["command"] == "table");
  CHECK(json["rules"].size() == 2);
  CHECK(get(here / "t.csv").find("\nmedian,median{},") != std::string::npos);

  result = run(here, "federated --rounds 2 --rules krum --json " + file("f.json"));
  CHECK(result.code == 0);
  json = nlohmann::json::parse(get(here / "f.json"));
  CHECK(json["command"] == "federated");
  CHECK(json["rules"][0]["rule"] == "krum");

  result = run(here, "votes --models 8 12 --spread 2 --versions 1 --budgets 1,2 --attack 2 --csv " + file("v.csv") +
                         " --json " + file("v.json"));
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  CHECK(result.out.find("\nFA+ROE       24 |") != std::string::npos);
  CHECK(result.out.find("No attack changed a prediction within its certificate") != std::string::npos);
  json = nlohmann::json::parse(get(here / "v.json"));
  CHECK(json["command"] == "votes");
  CHECK(json["rules"].size() == 8);
  CHECK(get(here / "v.csv").find("\nDPA+ROE,12,12,0,") != std::string::npos);

  result = run(here, "scaling --problems 20 --n 10,30 --samples " + file("s.csv") + " --json " + file("n.json"));
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  CHECK(result.out.find("| N =    10    30 |") != std::string::npos);
  CHECK(nlohmann::json::parse(get(here / "n.json"))["command"] == "scaling");
  result = run(here, "samples " + file("s.csv") + " --k 1 --n 8 16 --resamples 50 --csv " + file("a.csv"));
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  CHECK(result.out.find("50 problems, 5000 samples (100 each)") != std::string::npos);
  CHECK(get(here / "a.csv").find("\nbest_of_majority,16,1,") != std::string::npos);
  result = run(here, "overoptimisation --prompts 5 --candidates 16 --csv " + file("o.csv"));
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  CHECK(get(here / "o.csv").find("\nworst_case,16,") != std::string::npos);
  CHECK(here.entries() == 10);
}

TEST_CASE("plots from outside") {
  folder const here;
  auto const result = run(here, "overoptimisation --prompts 5 --candidates 16 --plot " + quoted(here / "o.svg"));
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  CHECK(result.out.find("worst_case") != std::string::npos);
  CHECK(get(here / "o.svg").find(">worst_case<") != std::string::npos);
}

TEST_CASE("every command says how it understood its input") {
  folder const here;
  put(here / "t.csv", ",x,y\na,1,2\nb,3,4\n");
  put(here / "s.csv", "problem;answer;score;correct\np;a;1;yes\np;b;0;no\n");
  put(here / "v.csv", "input,label,m1,m2,m3\n0,1,1,1,2\n1,2,2,1,2\n");
  put(here / "f.csv", "model,date,quantile,value,observed\na,1,.25,1,2\na,1,.75,3,2\n");
  auto const file = [&](std::string const& name) { return quoted(here / name); };
  for (auto const& [arguments, words] : std::vector<std::pair<std::string, std::string>>{
           {"table " + file("t.csv") + " --rules mean", "rows are named, from a to b"},
           {"samples " + file("s.csv") + " --resamples 10", "separated by semicolons, 4 columns"},
           {"votes " + file("v.csv"), "classes: 1, 2"},
           {"forecasts " + file("f.csv"), "forecasts are told apart by: the target date"},
           {"scaling --problems 5 --n 10", "simulated from seed 1"},
           {"overoptimisation --prompts 2 --candidates 4", "simulated from seed 1"},
           {"federated --rounds 1 --rules mean", "the digits, 64 pixels"},
       }) {
    CAPTURE(arguments);
    auto const result = run(here, arguments + " --explain");
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK(result.out.find(words) != std::string::npos);
    if (arguments[0] != 's' && arguments[0] != 'o') CHECK(run(here, arguments).out.find(words) == std::string::npos);
  }
  auto const mask = run(here, "table " + file("t.csv") + " --rules mean --mask " + file("v.csv"));
  CHECK(mask.err.find("--mask: ") != std::string::npos);
  put(here / "numbers.csv", "1,2\n3,40\n5,6\n");
  put(here / "hidden.csv", "0,0\n0,1\n0,0\n");
  auto const left = run(here, "table " + file("numbers.csv") + " --rules mean --mask " + file("hidden.csv"));
  CHECK(left.code == 0);
  CHECK(left.out.find("The mask takes out 1 entry") != std::string::npos);
}

// SPDX-License-Identifier: BSL-1.0
// Samples from files, and what rules make of them.
#include "support.hpp"

#include "../samples.hpp"
#include "../scaling.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>

using namespace robagg_compare;

namespace {

std::string samples_complaint(std::string const& text) {
  return complaint([&] { parse_samples(text, "s.csv"); });
}

// The shares of a part by rule, for one k.
std::map<std::string, double> shares_of(samples_result::part const& part, std::size_t k = 0) {
  std::map<std::string, double> shares;
  for (auto const& line : part.lines) shares[line.rule] = line.success[k].value;
  return shares;
}

}  // namespace

TEST_CASE("samples are read") {
  auto const problems = parse_samples(
      "\xef\xbb\xbfscore,confidence,problem, answer ,correct\r\n"
      ".5,9,p,\"a, \"\"b\"\"\nc\",1\r\n"
      "\r\n"
      "nan,9,q,x,\r\n"
      ",9,p,,0\n"
      "1e3,9,p,y,FALSE\n"
      "-inf,9,p,\"a, \"\"b\"\"\nc\",",
      "s.csv");
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].name == "p");
  CHECK(problems[0].labels == std::vector<int>{0, -1, 1, 0});
  CHECK(problems[0].right == std::vector<bool>{true, false});
  CHECK(problems[0].scores[0] == .5);
  CHECK(std::isnan(problems[0].scores[1]));
  CHECK(problems[0].scores[2] == 1000);
  CHECK(problems[0].scores[3] == -std::numeric_limits<double>::infinity());
  CHECK(problems[1].right == std::vector<bool>{false});
  CHECK(problems[0].solved_by(0));
  CHECK_FALSE(problems[0].solved_by(1));
  CHECK_FALSE(problems[0].solved_by(-1));
}

TEST_CASE("what is wrong with samples, and on which line") {
  std::string const head = "problem,answer,score,correct\n";
  CHECK(samples_complaint("") == "s.csv: is empty");
  CHECK(samples_complaint(head) == "s.csv: holds no samples");
  CHECK(samples_complaint("problem,answer,correct\n").find("s.csv: line 1: no column is named 'score'") == 0);
  CHECK(samples_complaint("score," + head) == "s.csv: line 1: two columns are named 'score'");
  CHECK(samples_complaint(head + "p,a,1,1\np,a,1\n") == "s.csv: line 3 has 3 fields, the header has 4");
  CHECK(samples_complaint(head + "p,a,high,1\n") == "s.csv: line 2: the score 'high' is not a number");
  CHECK(samples_complaint(head + "\n\np,a,1,maybe\n") == "s.csv: line 4: correct is 'maybe'; 1, 0, true or false is needed");
  CHECK(samples_complaint(head + "p,,1,1\n") == "s.csv: line 2: an empty answer is marked correct");
  CHECK(samples_complaint(head + "p,\"a,1,1\n") == "s.csv: line 2: a quote is not closed");
  CHECK(samples_complaint(head + "p,\"a\nb\"c,1,1\n") == "s.csv: line 3: text follows a closing quote");
  CHECK(samples_complaint(head + "p,\"a\nb\",1,1\nq,b,1,0\np,\"a\nb\",1,0\n") ==
        "s.csv: line 5: the answer 'a\nb' of problem 'p' is marked wrong, but correct on line 2");
  CHECK(samples_complaint(head + "p,a,1,0\nq,a,1,1\np,a,1,0\np,a,1,true\n") ==
        "s.csv: line 5: the answer 'a' of problem 'p' is marked correct, but wrong on line 2");
  CHECK(samples_complaint(head + "p,a,1,1\np,a,1,1\np,a,1,0\n")
            .find("line 4: the answer 'a' of problem 'p' is marked wrong, but "
                  "correct on line 2") != std::string::npos);
}

TEST_CASE("rules by hand") {
  // A five times with .6, B three times with .9, C once with .99, D once with .2.
  auto const file = [](std::string const& right) {
    std::string text = "problem,answer,score,correct\n";
    for (auto const& [answer, count, score] : {std::tuple{"A", 5, ".6"}, {"B", 3, ".9"}, {"C", 1, ".99"}, {"D", 1, ".2"}}) {
      for (int i = 0; i < count; ++i)
        text += std::string("p,") + answer + "," + score + "," + (right == answer ? "1\n" : "0\n");
    }
    return parse_samples(text, "s.csv");
  };
  samples_options options;
  options.resamples = 10, options.ks = {1, 2, 3};
  // Which answer a rule takes first: the one that makes it right.
  std::map<std::string, std::string> first;
  for (std::string const right : {"A", "B", "C", "D"}) {
    auto const result = compare_samples(file(right), "s.csv", options);
    REQUIRE(result.parts.size() == 1);
    for (auto const& [rule, success] : shares_of(result.parts[0])) first[rule] += success == 1 ? right : "";
    CHECK(result.parts[0].oracle.value == 1);
    CHECK(result.parts[0].one.value == (right == "A" ? .5 : right == "B" ? .3 : .1));
    CHECK(shares_of(result.parts[0], 2)["best_of_majority"] == (right == "A" || right == "B"));
    CHECK(shares_of(result.parts[0], 1)["majority"] == (right == "A" || right == "B"));
    CHECK(result.unfit.empty());
  }
  CHECK(first == std::map<std::string, std::string>{{"majority", "A"},
                                                    {"best_of_n", "C"},
                                                    {"weighted_vote", "A"},
                                                    {"softmax_vote", "A"},
                                                    {"logit_vote", "B"},
                                                    {"borda_vote", "A"},
                                                    {"filtered_vote", "C"},
                                                    {"best_of_majority", "B"},
                                                    {"majority_of_bests", "B"}});
  options.alpha = .4;
  CHECK(shares_of(compare_samples(file("A"), "s.csv", options).parts[0])["best_of_majority"] == 1);
  options.alpha = .6;  // nothing passes, nothing is submitted
  CHECK(shares_of(compare_samples(file("A"), "s.csv", options).parts[0], 2)["best_of_majority"] == 0);
}

TEST_CASE("rules that the scores do not suit say so") {
  auto const result = compare_samples(parse_samples("problem,answer,score,correct\np,a,2,1\np,b,1,0\nq,a,-1,1\n", "s.csv"),
                                      "s.csv", {.resamples = 10});
  std::vector<std::string> unfit;
  for (auto const& [rule, why] : result.unfit) unfit.push_back(rule);
  CHECK(unfit == std::vector<std::string>{"weighted_vote", "logit_vote", "filtered_vote"});
  CHECK(result.unfit[0].second.find("problem 'q': ") == 0);
  CHECK(result.parts[0].lines.size() == 6);
  CHECK(as_text(result).find("Rules that do not fit these scores:\nweighted_vote ") != std::string::npos);
}

TEST_CASE("subsets are drawn from all samples, without replacement") {
  std::string text = "problem,answer,score,correct\n";
  for (int i = 0; i < 20; ++i) text += i < 10 ? "p,a,1,0\n" : "p,b,1,1\n";
  auto const result =
      compare_samples(parse_samples(text, "s.csv"), "s.csv", {.ns = {1, 11, 20}, .draws = 2000, .resamples = 10});
  CHECK(std::abs(result.parts[0].one.value - .5) < 4 * .5 / std::sqrt(2000));
  CHECK(result.parts[0].oracle.value == result.parts[0].one.value);
  CHECK(result.parts[1].oracle.value == 1);  // eleven cannot all be wrong
  CHECK(result.parts[2].one.value == .5);
  // Ties go to the answer that came first, and the order is random.
  CHECK(std::abs(shares_of(result.parts[2])["majority"] - .5) < 4 * .5 / std::sqrt(2000));
  CHECK(shares_of(result.parts[3])["majority"] == 0);
}

TEST_CASE("the bootstrap") {
  // Zeros and ones: a resample's mean is binomial.
  Index const n = 100;
  robagg::table<double> outcomes = robagg::table<double>::Zero(n, 3);
  for (Index i = 0; i < n; ++i) outcomes(i, 0) = i < 30, outcomes(i, 1) = 1, outcomes(i, 2) = i >= 30;
  auto const shares = bootstrap(outcomes, 4000, 1);
  CHECK(std::abs(shares[0].value - .3) < 1e-12);
  CHECK(std::abs(shares[0].low - .21) < .0101);  // the 2.5th percentile of a binomial(100, .3) hundredth
  CHECK(std::abs(shares[0].high - .39) < .0101);
  CHECK(shares[1].low == 1);
  CHECK(shares[1].high == 1);
  CHECK(std::abs(shares[2].low - (1 - shares[0].high)) < 1e-12);  // the same rows for every column
  CHECK(bootstrap(outcomes, 50, 1)[0].low == bootstrap(outcomes, 50, 1)[0].low);
  auto const one = bootstrap(outcomes, 1, 5);
  CHECK(one[0].low == one[0].high);
}

TEST_CASE("a file that the simulation wrote") {
  scaling_options simulated;
  auto const problems = parse_samples(simulated_samples(simulated, 40, 100), "s.csv");
  REQUIRE(problems.size() == 40);
  CHECK(problems[0].labels.size() == 100);
  samples_options options;
  options.ns = {10, 50}, options.resamples = 200, options.alpha = .075;
  auto const result = compare_samples(problems, "s.csv", options);
  REQUIRE(result.parts.size() == 3);
  CHECK(result.samples == 4000);
  // All samples: what the simulation itself counts.
  simulated.problems = 40, simulated.ns = {100};
  auto const counted = compare_scaling(simulated);
  auto const &all = result.parts[2], &ten = result.parts[0];
  for (std::size_t k = 0; k < 2; ++k) {
    for (std::size_t i = 0; i < 3; ++i) {
      auto const& line = counted.lines[2 * i + k];
      CHECK(std::abs(shares_of(all, k)[line.rule] - line.success[0]) < 1e-12);
    }
  }
  // Subsets are samples like any: of ten, a tenth is right, and one of them with probability 1 - .9^10.
  CHECK(ten.n == 10);
  CHECK(std::abs(ten.one.value - .1) < .02);
  CHECK(std::abs(ten.oracle.value - (1 - std::pow(.9, 10))) < .06);
  CHECK(std::abs(shares_of(ten)["best_of_n"] - .6) < .08);
  for (auto const& part : result.parts) {
    for (auto const& line : part.lines) {
      CHECK(line.success[0].value <= line.success[1].value);
      CHECK(line.success[1].value <= part.oracle.value);
      CHECK(line.success[0].low <= line.success[0].value);
      CHECK(line.success[0].high >= line.success[0].value);
    }
  }
  CHECK(as_csv(result) == as_csv(compare_samples(problems, "s.csv", options)));
  CHECK(as_csv(result).find("\noracle,10,,") != std::string::npos);
  CHECK(as_json(result)["success"].size() == 3 * (9 * 2 + 2));
  options.ns = {101};
  CHECK(complaint([&] { compare_samples(problems, "s.csv", options); }) ==
        "--n: problem '1' of s.csv has 100 samples, fewer than 101");
  CHECK(complaint([] { check(samples_options{.ks = {3, 1}}); }).find("--k must be") == 0);
  CHECK(complaint([] { check(samples_options{.draws = 0}); }).find("--draws must be") == 0);
  CHECK(complaint([] { check(samples_options{.resamples = 0}); }).find("--resamples must be") == 0);
}

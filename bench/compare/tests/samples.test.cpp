// SPDX-License-Identifier: BSL-1.0
// Samples from files, and what rules make of them.
#include "support.hpp"

#include "../samples.hpp"
#include "../scaling.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
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
  CHECK(samples_complaint("problem,answer,score\n").find("s.csv: line 1: no column is named 'correct' or 'is_correct'") == 0);
  CHECK(samples_complaint("score," + head) == "s.csv: line 1: two columns are named 'score'");
  CHECK(samples_complaint(head + "p,a,1,1\np,a,1\n") == "s.csv: line 3 has 3 fields, the header has 4");
  CHECK(samples_complaint(head + "p,a,high,1\n") == "s.csv: line 2: the score 'high' is not a number");
  CHECK(samples_complaint(head + "\n\np,a,1,maybe\n") ==
        "s.csv: line 4: correct is 'maybe'; 1, 0, true, false, yes or no is needed");
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
  CHECK(result.parts[0].one.value == .5);
  CHECK(result.parts[0].oracle.value == result.parts[0].one.value);
  CHECK(result.parts[1].oracle.value == 1);  // eleven cannot all be wrong
  CHECK(result.parts[2].one.value == .5);
  // Equals share.
  for (auto const& part : result.parts) {
    CHECK(std::abs(shares_of(part)["majority"] - .5) < 1e-12);
    CHECK(std::abs(shares_of(part)["best_of_n"] - .5) < 1e-12);
    CHECK(std::abs(shares_of(part)["softmax_vote"] - .5) < 4 * .5 / std::sqrt(2000));
  }
  CHECK(result.parts[3].lines[0].ties == 1);
  CHECK(result.parts[3].lines[0].exact);
  CHECK_FALSE(result.parts[1].lines[3].exact);
}

TEST_CASE("answers that tie are shared, in any order of the file") {
  auto const majority = [](std::vector<std::string> const& answers, std::string const& right, std::size_t k = 1) {
    std::string text = "problem,answer,score,correct\n";
    for (auto const& a : answers) text += "p," + a + ",1," + (a == right ? "1.0\n" : "No\n");
    auto const result = compare_samples(parse_samples(text, "s.csv"), "s.csv", {.ks = {1, 2, 3}, .resamples = 10});
    return shares_of(result.parts[0], k - 1)["majority"];
  };
  for (std::string const right : {"7", "9", "8", "6"}) {
    CHECK(std::abs(majority({"7", "9", "8", "6"}, right) - .25) < 1e-12);
    CHECK(std::abs(majority({"7", "9", "8", "6"}, right, 2) - .5) < 1e-12);
    CHECK(std::abs(majority({"7", "9", "8", "6"}, right, 3) - .75) < 1e-12);
  }
  CHECK(std::abs(majority({"7", "9", "7", "9", "8"}, "7") - .5) < 1e-12);
  CHECK(majority({"7", "9", "7", "9", "8"}, "8", 2) == 0);
  CHECK(majority({"7", "9", "7", "9", "8"}, "8", 3) == 1);
  // best_of_n takes a sample: two of three with the highest score say 7.
  auto const result = compare_samples(
      parse_samples("problem,answer,score,correct\np,9,1,0\np,7,1,1\np,7,1,1\np,7,0,1\n", "s.csv"), "s.csv", {.resamples = 10});
  CHECK(std::abs(shares_of(result.parts[0])["best_of_n"] - 2. / 3) < 1e-12);
}

TEST_CASE("the chance of a right answer, by hand and by every order") {
  CHECK(chance_of_right({}, 1) == 0);
  CHECK(chance_of_right({{2, 1, false}, {1, 1, true}}, 1) == 0);
  CHECK(chance_of_right({{2, 1, false}, {1, 1, true}}, 2) == 1);
  // Weights 3 (wrong), 2 (right), 1 (wrong): the first is right by 2 / 6; one of two unless 3 and 1 come first.
  std::vector<ranked_answer> const three{{1, 3, false}, {1, 2, true}, {1, 1, false}};
  CHECK(std::abs(chance_of_right(three, 1) - 2. / 6) < 1e-12);
  CHECK(std::abs(chance_of_right(three, 2) - (1 - 3. / 6 * 1 / 3 - 1. / 6 * 3 / 5)) < 1e-12);
  CHECK(chance_of_right(three, 3) == 1);
}

TEST_CASE("the most frequent of n samples, against all subsets") {
  // Labels with their counts; -1 has none. All subsets of ten samples.
  std::vector<int> const labels{0, 0, 0, 1, 1, 2, 2, 3, -1, -1};
  std::vector<bool> const right{true, false, false, true};
  for (Index n = 1; n <= 10; ++n) {
    double sum = 0, subsets = 0;
    for (unsigned mask = 0; mask < 1024; ++mask) {
      std::array<Index, 4> count{};
      Index size = 0, most = 0, best = 0, good = 0;
      for (std::size_t i = 0; i < 10; ++i) {
        if ((mask >> i & 1) == 0) continue;
        ++size;
        if (labels[i] >= 0) most = std::max(most, ++count[static_cast<std::size_t>(labels[i])]);
      }
      if (size != n) continue;
      ++subsets;
      for (std::size_t a = 0; a < 4; ++a) {
        if (most > 0 && count[a] == most) ++best, good += right[a];
      }
      if (best > 0) sum += static_cast<double>(good) / static_cast<double>(best);
    }
    CHECK(std::abs(chance_of_majority({3, 1}, {2, 2}, 2, n) - sum / subsets) < 1e-12);
  }
  CHECK(std::abs(chance_of_majority({500}, {300, 200}, 0, 400) - 1) < 1e-3);  // nothing overflows
}

TEST_CASE("samples without scores or answers, of unequal numbers, and normalised") {
  auto const no_scores =
      compare_samples(parse_sample_file("task_id;prediction;passed\np;a;yes\np;b;no\n", "s"), "s", {.resamples = 10});
  REQUIRE(no_scores.parts[0].lines.size() == 1);
  CHECK(no_scores.parts[0].lines[0].success[0].value == .5);
  auto const no_answers = compare_samples(
      parse_sample_file(
          "{\"problem\": \"p\", \"correct\": true}\n{\"problem\": \"p\", \"correct\": false}\n{\"problem\": \"q\", \"correct\": 0}\n",
          "s"),
      "s", {.ns = {2}, .resamples = 10});
  CHECK(no_answers.parts[0].lines.empty());
  CHECK(no_answers.parts[0].one.value == .25);
  CHECK(no_answers.parts[0].oracle.value == .5);
  CHECK(no_answers.parts[0].fewer == 1);
  CHECK(no_answers.said.size() == 1);
  for (auto const* text : {"1234.5", " 1,234.50 ", "1234.5.", "1.2345e3"}) CHECK(normalised(text) == "1234.5");
  CHECK(normalised(" The  Answer. ") == "the answer");
  CHECK(normalised("1,2") == "1,2");
  auto const file = parse_sample_file("problem,answer,score,correct\np,7,1,1\np,7.0,1,0\np,Yes,1,0\np,yes ,1,0\n", "s", true);
  CHECK(file.problems[0].labels == std::vector<int>{0, 0, 1, 1});
  CHECK(file.mixed == 1);
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
      double ties = 0;  // where the simulation takes the first, and samples what is to be expected
      for (auto const& mine : all.lines) ties = mine.rule == line.rule ? static_cast<double>(mine.ties) : ties;
      CHECK(std::abs(shares_of(all, k)[line.rule] - line.success[0]) <= ties / 40 + 1e-12);
    }
  }
  // Subsets are samples like any: of ten, a tenth is right, and one of them with probability 1 - .9^10.
  CHECK(ten.n == 10);
  CHECK(std::abs(ten.one.value - .1) < .02);
  CHECK(std::abs(ten.oracle.value - (1 - std::pow(.9, 10))) < .06);
  CHECK(std::abs(shares_of(ten)["best_of_n"] - .6) < .08);
  for (auto const& part : result.parts) {
    for (auto const& line : part.lines) {
      // The oracle is exact, rules on subsets are a mean over 20.
      CHECK(line.success[0].value <= line.success[1].value + (part.n > 0 ? .03 : 1e-12));
      CHECK(line.success[1].value <= part.oracle.value + (part.n > 0 ? .03 : 1e-12));
      CHECK(line.success[0].low <= line.success[0].value);
      CHECK(line.success[0].high >= line.success[0].value);
    }
  }
  CHECK(as_csv(result) == as_csv(compare_samples(problems, "s.csv", options)));
  CHECK(as_csv(result).find("\noracle,10,,") != std::string::npos);
  CHECK(as_json(result)["success"].size() == 3 * (9 * 2 + 2));
  options.ns = {101};
  CHECK(compare_samples(problems, "s.csv", options).parts[0].fewer == 40);
  CHECK(complaint([] { check(samples_options{.ks = {3, 1}}); }).find("--k must be") == 0);
  CHECK(complaint([] { check(samples_options{.draws = 0}); }).find("--draws must be") == 0);
  CHECK(complaint([] { check(samples_options{.resamples = 0}); }).find("--resamples must be") == 0);
}

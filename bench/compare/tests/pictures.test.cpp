// SPDX-License-Identifier: BSL-1.0
// The simulations against closed forms and published figures, and what is drawn of them.
#include "support.hpp"

#include "../draws.hpp"
#include "../overoptimisation.hpp"
#include "../plot.hpp"
#include "../scaling.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

using namespace robagg_compare;

namespace {

// P(at least `least` of n independent draws of probability p).
double binomial_tail(Index n, double p, Index least) {
  double sum = 0;
  for (Index i = least; i <= n; ++i) {
    double const a = static_cast<double>(n), b = static_cast<double>(i);
    sum +=
        std::exp(std::lgamma(a + 1) - std::lgamma(b + 1) - std::lgamma(a - b + 1) + b * std::log(p) + (a - b) * std::log1p(-p));
  }
  return sum;
}

auto success_of(scaling_result const& result) {
  std::map<std::pair<std::string, Index>, std::map<Index, double>> success;
  for (auto const& line : result.lines) {
    for (std::size_t i = 0; i < line.success.size(); ++i) success[{line.rule, line.k}][result.options.ns[i]] = line.success[i];
  }
  return success;
}

}  // namespace

TEST_CASE("random numbers have their distributions") {
  draws random(3);
  double normal = 0, square = 0, mean = 0;
  Index often = 0;
  constexpr Index n = 100'000;
  for (Index i = 0; i < n; ++i) {
    double const z = random.normal();
    normal += z / n, square += z * z / n, mean += random.exponential(4) / n;
    often += random.chance(.02);
  }
  CHECK(std::abs(normal) < 4 / std::sqrt(n));
  CHECK(std::abs(square - 1) < 4 * std::sqrt(2. / n));
  CHECK(std::abs(mean - 4) < 4 * 4 / std::sqrt(n));
  CHECK(std::abs(static_cast<double>(often) - .02 * n) < 4 * std::sqrt(.02 * .98 * n));
}

TEST_CASE("a simulated problem's answers") {
  using p = simulated_problem;
  constexpr Index n = 200'000;
  std::vector<double> share(p::answers, 0);
  for (Index i = 0; i < n; ++i) share[static_cast<std::size_t>(p::answer((static_cast<double>(i) + .5) / n))] += 1. / n;
  CHECK(std::abs(share[0] - .1) < 1e-5);
  for (std::size_t i = 1; i <= 3; ++i) CHECK(std::abs(share[i] - .15) < 1e-5);
  for (std::size_t i = 4; i < share.size(); ++i) CHECK(std::abs(share[i] - .45 / 400) < 1e-5);
  CHECK(p::answer(std::nextafter(1., 0.)) == p::answers - 1);
  Index over = 0;
  for (Index a = 1; a < p::answers; ++a) over += p::reward(a) > p::reward(0);
  CHECK(over == 8);
}

TEST_CASE("scaling: closed forms and published figures") {
  scaling_options options;
  options.problems = 1000;
  options.ns = {20, 50, 200, 1000};
  auto const result = compare_scaling(options);
  CHECK(result.error <= .5 / std::sqrt(1000));
  auto success = success_of(result);

  double const overrated = 8 * .45 / 400, four_errors = 4 * result.error;
  for (Index const n : options.ns) {
    // Best-of-n is right when the right answer is there and no overrated one.
    double const chance = std::pow(1 - overrated, n) - std::pow(.9 - overrated, n);
    CHECK(std::abs(success[{"best_of_n", 1}][n] - chance) < four_errors);
    // Best-of-majority is right when the right answer passes the gate; that an overrated one does as well is rare.
    auto const least = static_cast<Index>(std::ceil(.075 * static_cast<double>(n)));
    CHECK(std::abs(success[{"best_of_majority", 1}][n] - binomial_tail(n, .1, least)) < four_errors + .01);
  }
  // Another simulation of the same problem, of unknown size, in two digits. There ties went to the right answer; where
  // that shows (majority, k = 3, N = 50: .52), the figure is one with ties for the answer that came first.
  for (auto const& [rule, k, n, figure] : std::vector<std::tuple<std::string, Index, Index, double>>{
           {"majority", 1, 50, .09},
           {"best_of_n", 1, 50, .60},
           {"best_of_majority", 1, 50, .72},
           {"majority", 1, 200, .02},
           {"best_of_n", 1, 200, .12},
           {"best_of_majority", 1, 200, .91},
           {"majority", 1, 1000, .00},
           {"best_of_n", 1, 1000, .00},
           {"best_of_majority", 1, 1000, 1.},
           {"majority", 3, 50, .45},
           {"best_of_n", 3, 50, .99},
           {"best_of_majority", 3, 50, .70},
           {"majority", 3, 1000, .00},
           {"best_of_n", 3, 1000, .01},
           {"best_of_majority", 3, 1000, .99},
           {"best_of_majority", 1, 20, .61},
           {"best_of_n", 1, 20, .77},
       }) {
    CAPTURE(rule, k, n);
    CHECK(std::abs(success[{rule, k}][n] - figure) < .07);
  }
  // The picture: more samples cost the others what they have, and best-of-majority nothing.
  for (Index const k : options.ks) {
    CHECK(success[{"majority", k}][1000] < .01);
    CHECK(success[{"best_of_n", k}][50] - success[{"best_of_n", k}][1000] > .5);
    auto const& conservative = success[{"best_of_majority", k}];
    CHECK(std::is_sorted(conservative.begin(), conservative.end(),
                         [](auto const& a, auto const& b) { return a.second < b.second; }));
  }
  auto const text = as_text(result);
  CHECK(text.find("best_of_majority   3 |") != std::string::npos);
  CHECK(as_csv(result).find("\nbest_of_n,1,1000,") != std::string::npos);
  CHECK(as_json(result)["rules"].size() == 6);
}

TEST_CASE("scaling: a seed decides everything, and fewer samples begin more") {
  scaling_options options;
  options.problems = 40, options.ns = {10, 30}, options.ks = {1};
  auto const result = compare_scaling(options);
  CHECK(as_csv(result) == as_csv(compare_scaling(options)));
  options.ns = {10, 100};
  for (std::size_t i = 0; i < 3; ++i) CHECK(compare_scaling(options).lines[i].success[0] == result.lines[i].success[0]);
  options.seed = 2;
  CHECK(as_csv(compare_scaling(options)) != as_csv(result));
  CHECK(complaint([] { check(scaling_options{.problems = 1}); }).find("--problems must be") == 0);
  CHECK(complaint([] { check(scaling_options{.ns = {20, 10}}); }).find("--n must be") == 0);
  CHECK(complaint([] { check(scaling_options{.ks = {0}}); }).find("--k must be") == 0);
  CHECK(complaint([] { check(scaling_options{.alpha = std::nan("")}); }).find("--alpha must be") == 0);
}

TEST_CASE("over-optimisation: published figures") {
  overoptimisation_options options;
  options.prompts = 150;
  auto const result = compare_overoptimisation(options);
  REQUIRE(result.ns.size() == 11);
  // From 60 prompts of another generator; the tolerance is four standard errors of the difference, and the digits shown.
  std::map<std::string, std::vector<double>> const figures = {
      {"single", {-.03, .85, 1.33, 1.18, .46, .18}},       {"mean", {-.03, .92, 1.49, 1.69, 1.55, 1.44}},
      {"worst_case", {-.03, .95, 1.65, 2.21, 2.68, 3.14}}, {"uncertainty_weighted", {-.03, .95, 1.68, 2.25, 2.72, 3.18}},
      {"soft_min", {-.03, .97, 1.69, 2.25, 2.73, 3.16}},   {"oracle", {-.03, 1.02, 1.77, 2.34, 2.82, 3.27}}};
  REQUIRE(result.lines.size() == figures.size());
  for (auto const& line : result.lines) {
    CAPTURE(line.label);
    auto const& expected = figures.at(line.label);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CAPTURE(result.ns[2 * i]);
      CHECK(std::abs(line.gold[2 * i] - expected[i]) < 4 * line.error[2 * i] * std::sqrt(1 + 150. / 60) + .005);
    }
    // The picture: a single model and the mean are over-optimised, conservative ensembles are not.
    bool const fooled = line.label == "single" || line.label == "mean";
    CHECK(std::is_sorted(line.gold.begin(), line.gold.end()) != fooled);
  }
  CHECK(as_csv(result) == as_csv(compare_overoptimisation(options)));
  CHECK(as_text(result).find("single has its best at n =") != std::string::npos);
  CHECK(as_json(result)["rules"][3]["operator"] == "uncertainty_weighted{.lambda = 0.5}");
  // One member: every rule is the member.
  auto const alone = compare_overoptimisation({.prompts = 5, .candidates = 20, .members = 1});
  CHECK(alone.ns == std::vector<Index>{1, 2, 4, 8, 16});
  for (std::size_t r = 1; r < 4; ++r) CHECK(alone.lines[r].gold == alone.lines[0].gold);
  CHECK(complaint([] { check(overoptimisation_options{.beta = 0}); }).find("--beta must be") == 0);
  CHECK(complaint([] { check(overoptimisation_options{.lambda = std::nan("")}); }).find("--lambda must be") == 0);
}

TEST_CASE("plots") {
  folder const here;
  plot_spec spec{"a < b & 'c' \"d\" $x_{1} `date` @e \\n", "x", "y", true, {{0, 1}}, {{"first", {0, 1, 10}, {.1, .2, .3}}}};
  spec.series.push_back({"it's; set output 'x'", {1, 2, 4, 8}, {.5, std::nan(""), infinity, .7}, true});
  CHECK(complaint([&] { drawn({"t", "x", "y", false, {}, {}}); }) == "there is nothing to draw");
  CHECK(complaint([&] { drawn({"t", "x", "y", true, {}, {{"s", {0, -1}, {1, 1}}}}); }) == "there is nothing to draw");
  CHECK(complaint([&] { drawn({"t", "x", "y", false, {}, {{"s", {1}, {1, 2}}}}); }) == "s: 1 x for 2 y");
  auto const svg = drawn(spec);
  CHECK(svg.find("<svg") != svg.npos);
  CHECK(svg.find("a &lt; b &amp; 'c' \"d\" $x_{1} `date` @e \\n<") != svg.npos);
  CHECK(svg.find("it's; set output 'x'<") != svg.npos);
  CHECK(svg.find("nan") == svg.npos);
  CHECK(svg == drawn(spec));
  plot(here / "it's a; `plot`.svg", spec);
  CHECK(get(here / "it's a; `plot`.svg") == svg);
  CHECK(here.entries() == 1);
  CHECK(complaint([&] { plot(here / "no/folder.svg", spec); }).find("cannot be written") != std::string::npos);
  spec.title = "two\nlines'\nset output";
  CHECK(drawn(spec).find("two lines' set output<") != svg.npos);
}

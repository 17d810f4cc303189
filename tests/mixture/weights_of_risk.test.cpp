// SPDX-License-Identifier: BSL-1.0
// log_sum_exp_combine, bounded_reweight, jain_index: numbers by hand, and what they refuse.
#include "laws.hpp"

#include <robagg/mixture/bounded_reweight.hpp>
#include <robagg/mixture/jain_index.hpp>
#include <robagg/mixture/log_sum_exp_combine.hpp>

using namespace robagg_test;
using robagg::bounded_reweight, robagg::jain_index, robagg::log_sum_exp_combine, robagg::reweighting;

namespace {
using risks_of = std::vector<double>;
}

TEST_CASE("agents' soft maxima by their divergences") {
  risks_of const kl = {.1, .7, .2};
  matrix const single{{10}, {12}, {9}};  // one action: the soft maximum is its value
  auto const half = log_sum_exp_combine{.5}.weights(kl);
  double const sum = std::exp(.05) + std::exp(.35) + std::exp(.1);
  CHECK(std::abs(half(0) - std::exp(.05) / sum) <= 1e-15);
  CHECK((log_sum_exp_combine{5}.weights(kl) - Eigen::Vector3d(.044, .883, .073)).cwiseAbs().maxCoeff() < 5e-4);
  CHECK(std::abs(log_sum_exp_combine{.5}(single, kl) - 10.4847) < 5e-5);
  CHECK(std::abs(log_sum_exp_combine{0}(single, kl) - 31 / 3.) <= 1e-14);
  CHECK(log_sum_exp_combine{infinity}(single, kl) == 12);
  CHECK(log_sum_exp_combine{infinity}.weights(risks_of{1, 2, 2}) == Eigen::Vector3d(0, 1, 0));
  // Two agents, one without its second action.
  matrix const q{{1, 3, 2}, {5, -infinity, 4}};
  double const first = std::log(std::exp(1) + std::exp(3) + std::exp(2)), second = std::log(std::exp(5) + std::exp(4));
  CHECK(std::abs(log_sum_exp_combine{0}(q, risks_of{0, 1}) - (first + second) / 2) <= 1e-14);
  double const cold = log_sum_exp_combine{0, 1e-3}(q, risks_of{0, 1}), warm = log_sum_exp_combine{0, 2}(q, risks_of{0, 1});
  CHECK(std::abs(cold - 4) <= 1e-12);
  CHECK(std::abs(warm - (std::log(std::exp(.5) + std::exp(1.5) + std::exp(1)) + std::log(std::exp(2.5) + std::exp(2)))) <=
        1e-14);
  CHECK(log_sum_exp_combine{3}(matrix{{1e308, 1e308}, {-1e308, -1e308}}, risks_of{1e308, -1e308}) == 1e308);
}

TEST_CASE("combining agents refuses what has no answer") {
  matrix const q{{1, 3}, {5, 4}};
  risks_of const d = {0, 1};
  auto const says = [](log_sum_exp_combine const& op, matrix const& x, risks_of const& given, char const* rule) {
    double out = 7;
    robagg::workspace ws;
    CHECK_THROWS_WITH(op.into(x, given, out, ws), Catch::Contains(rule));
    CHECK(out == 7);
  };
  for (double const bad : {-1., not_a_number}) says({bad}, q, d, "log_sum_exp_combine: needs tau >= 0");
  for (double const bad : {0., -1., not_a_number, infinity}) says({1, bad}, q, d, "needs a finite temperature > 0");
  says({1}, q, {0}, "needs a divergence for each agent");
  for (double const bad : {not_a_number, infinity}) says({1}, q, {0, bad}, "needs finite divergences");
  for (double const bad : {not_a_number, infinity})
    says({1}, matrix{{1, 2}, {bad, 3}}, d, "needs values that are finite or -infinity");
  says({1}, matrix{{1, 2}, {-infinity, -infinity}}, d, "needs an action for each agent");
  says({1}, matrix(2, 0), d, "needs an action for each agent");
  says({1}, matrix(0, 2), {}, "needs at least one report");
}

TEST_CASE("weights fall with risk and stay above a bound") {
  // The source's risk: | A / old  p (1 - p) (ln p + H) |.
  double const p[] = {.9, .5, .1}, old[] = {.9, .45, .12}, entropy[] = {.3, 1, 2}, advantage[] = {1, 1, -1};
  risks_of omega;
  for (int i = 0; i < 3; ++i)
    omega.push_back(std::abs(advantage[i] / old[i] * p[i] * (1 - p[i]) * (std::log(p[i]) + entropy[i])));
  CHECK(std::abs(omega[2] - .226939) < 1e-6);
  CHECK((bounded_reweight{}(omega)-Eigen::Vector3d(.981044, .845673, .8)).cwiseAbs().maxCoeff() < 1e-6);
  CHECK((bounded_reweight{reweighting::linear}(omega)-Eigen::Vector3d(1.2, .908861, .8)).cwiseAbs().maxCoeff() < 1e-6);
  // All equal: half way; below the floor: almost alone.
  CHECK((bounded_reweight{reweighting::linear}(risks_of{3, 3}).array() == 1).all());
  CHECK(std::abs(bounded_reweight{}(risks_of{.01, 0})(0) - std::sqrt(.8)) <= 1e-15);
  CHECK(bounded_reweight{}(risks_of{.01, 0})(1) == 1);
  // What is not finite counts as 0; what is not valid weighs 0 and moves nobody.
  CHECK(bounded_reweight{}(risks_of{infinity, 1, not_a_number}) == Eigen::Vector3d(1, .8, 1));
  CHECK(bounded_reweight{}(risks_of{1, 100, -5}, risks_of{1, 0, not_a_number}) == Eigen::Vector3d(.8, 0, 0));
  CHECK(bounded_reweight{}(risks_of{1, 2}, risks_of{0, 0}).isZero());
  CHECK(bounded_reweight{}(risks_of{}).size() == 0);
  numbers random(3);
  for (int trial = 0; trial < 200; ++trial) {
    risks_of all;
    for (int i = 0; i < 9; ++i) all.push_back(std::exp(20 * random.gauss()));
    for (reweighting const rule : {reweighting::exponential, reweighting::linear}) {
      auto const w = bounded_reweight{rule, .3, 1.7}(all);
      CHECK((w.array() >= .3).all());
      CHECK((w.array() <= (rule == reweighting::linear ? 1.7 : 1.)).all());
      for (Index i = 0; i < 9; ++i) {
        for (Index j = 0; j < 9; ++j)
          CHECK((all[static_cast<std::size_t>(i)] <= all[static_cast<std::size_t>(j)]) <= (w(i) >= w(j)));
      }
    }
  }
  CHECK(bounded_reweight{}(risks_of{1e308, 0}) == Eigen::Vector2d(.8, 1));
}

TEST_CASE("reweighting refuses bounds and risks that are none") {
  auto const says = [](bounded_reweight const& op, risks_of const& given, char const* rule) {
    Eigen::VectorXd out = Eigen::VectorXd::Constant(1, 7);
    robagg::workspace ws;
    CHECK_THROWS_WITH(op.into(given, out, ws), Catch::Contains(rule));
    CHECK((out.size() == 1 && out(0) == 7));
  };
  for (double const bad : {0., 1., -1., not_a_number}) says({.lowest = bad}, {1}, "bounded_reweight: needs 0 < lowest < 1");
  for (double const bad : {.8, .5, not_a_number, infinity}) says({.highest = bad}, {1}, "needs a finite highest > lowest");
  for (double const bad : {0., -1., not_a_number, infinity}) says({.floor = bad}, {1}, "needs a finite floor > 0");
  says({}, {1, -.5}, "needs risks >= 0");
  CHECK_THROWS_WITH(bounded_reweight{}(risks_of{1}, risks_of{1, 1}), Catch::Contains("needs a flag for each risk"));
}

TEST_CASE("Jain's index by hand and by its bounds") {
  auto const of = [](risks_of const& x) { return jain_index{}(x); };
  CHECK(std::abs(of({1, 2, 3}) - 6 / 7.) <= 1e-15);
  CHECK(of({4, 4, 4}) == 1);
  CHECK(of({0, 0}) == 1);
  CHECK(of({5, 0, 0, 0}) == .25);
  CHECK(of({1, 1, 0, 0}) == .5);
  CHECK(of({1e308, 1e308}) == 1);
  CHECK(of({1e-320, 0}) == .5);
  CHECK(jain_index{}(Eigen::VectorXf(Eigen::Vector3f(1, 1, 1))) == 1);
  numbers random(3);
  for (int trial = 0; trial < 200; ++trial) {
    risks_of x, seven;
    for (int i = 0; i < 5; ++i) x.push_back(std::exp(3 * random.gauss())), seven.push_back(7 * x.back());
    CHECK((of(x) >= .2 && of(x) <= 1));
    CHECK(std::abs(of(x) - of(seven)) <= 1e-14);
  }
  CHECK_THROWS_WITH(of({}), Catch::Contains("jain_index: needs at least one share"));
  for (double const bad : {-1., not_a_number, infinity})
    CHECK_THROWS_WITH(of({1, bad}), Catch::Contains("needs finite shares >= 0"));
}

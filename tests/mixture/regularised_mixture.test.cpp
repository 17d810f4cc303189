// SPDX-License-Identifier: BSL-1.0
// Mixtures near a reference: closed forms by hand, and nothing better anywhere near.
#include "laws.hpp"

#include <robagg/mixture/regularised_mixture.hpp>

using namespace robagg_test;
using robagg::regularised_mixture, robagg::regulariser;

namespace {

using numbers_in = std::vector<double>;

double penalty(regulariser kind, Eigen::VectorXd const& w, Eigen::VectorXd const& p) {
  double sum = 0;
  for (Index i = 0; i < w.size(); ++i) {
    if (kind == regulariser::l2) sum += (w(i) - p(i)) * (w(i) - p(i));
    if (kind == regulariser::kl && w(i) > 0) sum += w(i) * std::log(w(i) / p(i));
    if (kind == regulariser::reverse_kl && p(i) > 0) sum += p(i) * std::log(p(i) / w(i));
    if (kind == regulariser::entropy && w(i) > 0) sum += w(i) * std::log(w(i));
  }
  return sum;
}
// Moves between all pairs of options, large and small, gain nothing.
void check_best(regulariser kind, double lambda, numbers_in const& c, numbers_in const& reference) {
  auto const d = static_cast<Index>(c.size());
  Eigen::VectorXd const score = Eigen::Map<Eigen::VectorXd const>(c.data(), d),
                        p = Eigen::Map<Eigen::VectorXd const>(reference.data(), d).array() /
                            Eigen::Map<Eigen::VectorXd const>(reference.data(), d).sum(),
                        w = regularised_mixture{lambda, kind}(c, reference);
  auto const utility = [&](Eigen::VectorXd const& v) { return score.dot(v) - lambda * penalty(kind, v, p); };
  CHECK((w.array() >= 0).all());
  CHECK(std::abs(w.sum() - 1) <= 1e-14 * static_cast<double>(d));
  double const here = utility(w), size = 1e-13 * (1 + lambda + score.cwiseAbs().maxCoeff());
  for (Index a = 0; a < d; ++a) {
    for (Index b = 0; b < d; ++b) {
      for (double const part : {1., .5, 1e-2, 1e-4, 1e-6}) {
        Eigen::VectorXd v = w;
        double const move = part * w(a);
        v(a) -= move, v(b) += move;
        double const there = utility(v);
        if (!(there <= here + size)) FAIL_CHECK(robagg::describe(regularised_mixture{lambda, kind}) << " " << there - here);
      }
    }
  }
}

}  // namespace

TEST_CASE("mixtures near a reference by hand") {
  numbers_in const c = {1, 0}, even = {.5, .5};
  auto const first = [&](regulariser kind) { return regularised_mixture{1, kind}(c, even)(0); };
  CHECK(first(regulariser::l2) == .75);
  CHECK(std::abs(first(regulariser::kl) - 1 / (1 + std::exp(-1))) <= 1e-15);
  CHECK(std::abs(first(regulariser::reverse_kl) - std::sqrt(.5)) <= 1e-15);  // 1/2 / (u - 1), u = 1 + 1 / sqrt 2
  CHECK(first(regulariser::entropy) == first(regulariser::kl));
  CHECK(regularised_mixture{1, regulariser::entropy}(c, numbers_in{1, 99})(0) == first(regulariser::entropy));
  CHECK(regularised_mixture{1}(c) == regularised_mixture{1}(c, numbers_in{7, 7}));
  CHECK(regularised_mixture{.1}(numbers_in{.8, .6, -.5})(2) == 0);  // projections leave options out
  // What the reference does not know: nothing by kl; by reverse_kl what is left, once it is worth more.
  numbers_in const known = {1, 0};
  CHECK(regularised_mixture{1, regulariser::kl}(numbers_in{0, 9}, known) == Eigen::Vector2d(1, 0));
  CHECK((regularised_mixture{1, regulariser::reverse_kl}(numbers_in{0, 2}, known) - Eigen::Vector2d(.5, .5)).norm() <= 1e-15);
  CHECK(regularised_mixture{1, regulariser::reverse_kl}(numbers_in{0, .5}, known) == Eigen::Vector2d(1, 0));
}

TEST_CASE("nothing near a mixture is better") {
  numbers random(3);
  for (int trial = 0; trial < 150; ++trial) {
    auto const d = static_cast<std::size_t>(1 + random.below(6));
    numbers_in c, p;
    for (std::size_t i = 0; i < d; ++i)
      c.push_back(random.gauss()), p.push_back(i > 0 && random.below(5) == 0 ? 0 : random.uniform());
    if (d > 1) c[1] = c[0];
    double const lambda = std::exp(2 * random.gauss());
    for (regulariser const kind : {regulariser::l2, regulariser::kl, regulariser::reverse_kl, regulariser::entropy})
      check_best(kind, lambda, c, p);
  }
}

TEST_CASE("mixtures near a reference survive any scale") {
  for (regulariser const kind : {regulariser::l2, regulariser::kl, regulariser::reverse_kl, regulariser::entropy}) {
    for (double const lambda : {1e-300, 1e-8, 1., 1e8, 1e300}) {
      for (numbers_in const& c : {numbers_in{1e308, -1e308, 0}, numbers_in{1e-300, 0, -1e-300}, numbers_in{5, 5, 5}}) {
        auto const w = regularised_mixture{lambda, kind}(c, numbers_in{1e-200, .5, 1});
        INFO(robagg::describe(regularised_mixture{lambda, kind}) << " " << c[0] << ": " << w.transpose());
        CHECK(((w.array() >= 0).all() && std::abs(w.sum() - 1) <= 1e-12));
      }
    }
    auto const all = regularised_mixture{1e-9, kind}(numbers_in{0, 1, 0})(1),
               none = regularised_mixture{1e12, kind}(numbers_in{0, 1, 0})(1);
    CHECK(all >= 1 - 1e-8);
    CHECK(std::abs(none - 1 / 3.) <= 1e-10);
  }
}

TEST_CASE("mixtures near a reference refuse what is none") {
  numbers_in const c = {1, 0}, p = {.5, .5};
  auto const says = [](regularised_mixture const& op, numbers_in const& scores, numbers_in const& reference, char const* rule) {
    Eigen::VectorXd out = Eigen::VectorXd::Constant(1, 7);
    robagg::workspace ws;
    CHECK_THROWS_WITH(op.into(scores, reference, out, ws), Catch::Contains(rule));
    CHECK((out.size() == 1 && out(0) == 7));
  };
  for (double const bad : {0., -1., not_a_number, infinity})
    says({bad}, c, p, "regularised_mixture: needs a finite lambda > 0");
  for (double const bad : {not_a_number, infinity, -infinity}) says({1}, {1, bad}, p, "needs finite scores");
  for (double const bad : {not_a_number, infinity, -1.}) says({1}, c, {1, bad}, "needs finite reference weights >= 0");
  says({1}, c, {1}, "needs a reference weight per score");
  says({1}, c, {0, 0}, "needs a reference whose sum is above 0 and finite");
  says({1}, c, {1e308, 1e308}, "needs a reference whose sum is above 0 and finite");
  says({1}, {}, {}, "needs at least one option");
  CHECK_THROWS_AS(regularised_mixture{1}(numbers_in{}), robagg::bad_input);
}

// SPDX-License-Identifier: BSL-1.0
// Linear and logarithmic pools of probabilities.
#include "laws.hpp"

using namespace robagg_test;
using robagg::opinion_pool, robagg::pooling_rule;

TEST_CASE("opinion pools by hand") {
  matrix const p{{.8, .2}, {.4, .6}}, binary{{.7, .3}, {.8, .2}};
  CHECK(difference(numbers_of(opinion_pool{}(p)), matrix{{.6, .4}}) <= 1e-15);
  CHECK(std::abs(opinion_pool{pooling_rule::logarithmic}(p)[0] - .6202041029) <= 1e-10);
  CHECK(std::abs(opinion_pool{pooling_rule::logarithmic, 2}(binary)[0] - 28 / 31.) <= 1e-12);
  CHECK(std::abs(opinion_pool{pooling_rule::linear, 2}(binary)[0] - .9) <= 1e-12);
  CHECK(difference(numbers_of(opinion_pool{pooling_rule::logarithmic}(matrix{{0, 1}, {.5, .5}})), matrix{{0, 1}}) == 0);
  std::vector<double> const w{0, 1};
  matrix const sure{{0, 1}, {.25, .75}};
  CHECK(difference(numbers_of(opinion_pool{pooling_rule::logarithmic}(robagg::weighted(sure, w))), matrix{{.25, .75}}) <=
        1e-15);
  check_refuses(opinion_pool{pooling_rule::logarithmic}, matrix{{0, 1}, {1, 0}},
                {"opinion_pool: needs an outcome that is possible to all experts"});
  check_refuses(opinion_pool{}, matrix{{-.1, 1.1}}, {"needs finite probabilities >= 0", "probability = -0.1"});
  check_refuses(opinion_pool{pooling_rule::linear, -1}, p, {"needs a finite extremise >= 0"});
  check_refuses(opinion_pool{}, matrix{{.9}, {.6}, {.1}},
                {"opinion_pool: needs two outcomes or more: give both (outcomes = 1)"});
}

namespace {
// Distributions of n experts over K outcomes, some of them tiny.
matrix opinions(Index n, Index K, std::uint64_t seed) {
  matrix p = (3 * gauss(n, K, seed)).array().exp();
  for (Index i = 0; i < n; ++i) p.row(i) /= p.row(i).sum();
  return p;
}
matrix normalised(matrix p) { return p / p.sum(); }
// The pool from products of powers, in long double.
matrix pooled_slowly(opinion_pool const& op, matrix const& p, std::vector<double> const& w) {
  matrix out(1, p.cols());
  long double total = 0, sum = 0;
  std::vector<long double> y;
  for (double const v : w) total += static_cast<long double>(v);
  for (Index k = 0; k < p.cols(); ++k) {
    long double pool = op.rule == pooling_rule::linear ? 0 : 1;
    for (Index i = 0; i < p.rows(); ++i) {
      long double const share = static_cast<long double>(w[static_cast<std::size_t>(i)]) / total,
                        v = static_cast<long double>(p(i, k));
      if (share == 0) continue;
      if (op.rule == pooling_rule::linear) {
        pool += share * v;
      } else {
        pool *= std::pow(v, share);
      }
    }
    y.push_back(pool == 0 ? 0 : std::pow(pool, static_cast<long double>(op.extremise)));
    sum += y.back();
  }
  for (Index k = 0; k < p.cols(); ++k) out(0, k) = static_cast<double>(y[static_cast<std::size_t>(k)] / sum);
  return out;
}
}  // namespace

TEST_CASE("opinion pools agree with products of powers") {
  for (Index const n : {1, 2, 5, 40}) {
    for (Index const K : {2, 3, 17}) {
      matrix p = opinions(n, K, static_cast<std::uint64_t>(n + K));
      p(0, 0) = 0;
      std::vector<double> w(static_cast<std::size_t>(n), 1.);
      for (auto const rule : {pooling_rule::linear, pooling_rule::logarithmic}) {
        for (double const extremise : {0., .5, 1., 2.5}) {
          opinion_pool const op{rule, extremise};
          INFO(robagg::describe(op) << ", " << n << " experts, " << K << " outcomes");
          matrix const y = numbers_of(op(p));
          CHECK(difference(y, pooled_slowly(op, p, w)) <= 1e-13);
          CHECK(std::abs(y.sum() - 1) <= 1e-14);
          CHECK((y.array() >= 0).all());
          std::vector<double> uneven(w);
          for (std::size_t i = 0; i < uneven.size(); ++i) uneven[i] = static_cast<double>(i % 3);
          uneven[0] = 2;
          CHECK(difference(numbers_of(op(robagg::weighted(p, uneven))), pooled_slowly(op, p, uneven)) <= 1e-13);
          Eigen::MatrixXd const by_columns = p;
          CHECK(same_bits(numbers_of(op(by_columns)), y));
          CHECK(difference(numbers_of(op(robagg::table<float>(p.cast<float>()))), y) <= 1e-6);
        }
      }
    }
  }
}

TEST_CASE("laws of opinion pools") {
  matrix const p = opinions(6, 4, 3);
  std::vector<double> const w{1, 2, 0, 3, 1, .5};
  for (auto const rule : {pooling_rule::linear, pooling_rule::logarithmic}) {
    opinion_pool const op{rule};
    auto const pool = [&](matrix const& x) { return numbers_of(op(robagg::weighted(x, w))); };
    INFO(robagg::describe(op));
    CHECK(difference(pool(p.row(2).replicate(6, 1)), p.row(2)) <= 1e-15);  // of one mind
    matrix doubled = p;
    doubled.row(1) *= 2;
    bool const same = difference(pool(doubled), pool(p)) <= 1e-15;
    CHECK(same == (rule == pooling_rule::logarithmic));  // where rows are no distributions, only the linear pool minds
    // Weights are shares, whole ones repeated rows, and of weight 0 is absent, whatever it says.
    std::vector<double> many(w);
    for (double& v : many) v *= 1e-200;
    CHECK(difference(numbers_of(op(robagg::weighted(p, many))), pool(p)) <= 1e-15);
    std::vector<double> const whole{1, 2, 0, 3, 1, 0};
    CHECK(difference(numbers_of(op(robagg::weighted(p, whole))), numbers_of(op(pick(p, repeated_rows(whole))))) <= 1e-15);
    matrix silent = p;
    silent.row(2) << 0, 0, 0, 1;
    CHECK(same_bits(pool(silent), pool(p)));
    CHECK(difference(numbers_of(op(pick(p, {5, 3, 1, 0, 2, 4}))), numbers_of(op(p))) <= 1e-15);
    // More extreme is to a power, and to that of 0 uniform among what is possible.
    matrix const plain = numbers_of(op(p)), squared = numbers_of(opinion_pool{rule, 2}(p));
    CHECK(difference(squared, normalised(plain.array().square())) <= 1e-14);
    matrix impossible = p;
    impossible.col(1).setZero();
    CHECK(difference(numbers_of(opinion_pool{rule, 0}(impossible)), matrix{{1 / 3., 0, 1 / 3., 1 / 3.}}) <= 1e-15);
  }
  // Evidence that all learn: the logarithmic pool may be computed before or after, the linear one not.
  matrix const evidence{{.9, .2, .5, .1}};
  matrix informed = p;
  for (Index i = 0; i < 6; ++i) informed.row(i) = normalised(p.row(i).cwiseProduct(evidence));
  auto const learns = [&](opinion_pool const& op) {
    return difference(numbers_of(op(informed)), normalised(numbers_of(op(p)).cwiseProduct(evidence)));
  };
  CHECK(learns({pooling_rule::logarithmic}) <= 1e-14);
  CHECK(learns({pooling_rule::linear}) > 1e-3);
  // Outcomes that are not told apart: the linear pool may be computed before or after, the logarithmic one not.
  matrix merged(6, 3);
  merged << p.col(0) + p.col(1), p.col(2), p.col(3);
  auto const merges = [&](opinion_pool const& op) {
    matrix const y = numbers_of(op(p));
    return difference(numbers_of(op(merged)), matrix{{y(0, 0) + y(0, 1), y(0, 2), y(0, 3)}});
  };
  CHECK(merges({pooling_rule::linear}) <= 1e-15);
  CHECK(merges({pooling_rule::logarithmic}) > 1e-3);
}

TEST_CASE("opinion pools of hostile probabilities") {
  // Products that no double holds.
  matrix const tiny = matrix{{1e-300, 2e-300}, {1e-300, 2e-300}, {1e-300, 2e-300}};
  CHECK(difference(numbers_of(opinion_pool{pooling_rule::logarithmic, 3}(tiny)), matrix{{1 / 9., 8 / 9.}}) <= 1e-13);
  CHECK(difference(numbers_of(opinion_pool{pooling_rule::linear, 3}(tiny)), matrix{{1 / 9., 8 / 9.}}) <= 1e-13);
  matrix const one_says_never{{.5, .5, 0}, {.4, .4, .2}};
  CHECK(numbers_of(opinion_pool{pooling_rule::logarithmic}(one_says_never))(0, 2) == 0);
  CHECK(std::abs(numbers_of(opinion_pool{}(one_says_never))(0, 2) - .1) <= 1e-16);
  for (double const bad : {not_a_number, infinity, -infinity, -1e-300})
    for (auto const rule : {pooling_rule::linear, pooling_rule::logarithmic})
      check_refuses(opinion_pool{rule}, matrix{{.5, .5}, {.5, bad}},
                    {"needs finite probabilities >= 0 (expert = 1, outcome = 1"});
  check_refuses(opinion_pool{}, matrix::Zero(2, 2), {"needs an outcome that is possible to all experts"});
  for (double const bad : {not_a_number, infinity})
    check_refuses(opinion_pool{pooling_rule::linear, bad}, one_says_never, {"needs a finite extremise >= 0"});
}

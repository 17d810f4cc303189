// SPDX-License-Identifier: BSL-1.0
#include "laws.hpp"

using namespace robagg_test;
using robagg::self_certainty, robagg::token_input;

TEST_CASE("self-certainty is the divergence from the uniform distribution") {
  matrix const sharp{{.7, .2, .1}}, uniform = matrix::Constant(1, 3, 1. / 3);
  CHECK(std::abs(self_certainty{}(sharp)-.324287) < 5e-7);
  CHECK(std::abs(self_certainty{}(uniform)) < 1e-15);
  matrix both(2, 3);
  both << sharp, uniform;
  CHECK(std::abs(self_certainty{}(both)-.162144) < 5e-7);
  matrix const wide = gauss(1, 20'011).array().exp() * 1e-5;  // many factors, all exponents
  CHECK(std::abs(self_certainty{}(wide) + wide.array().log().sum() / 20'011 + std::log(20'011)) < 1e-12);
  matrix const small = wide.array().pow(40);
  CHECK(std::abs(self_certainty{}(small) + small.array().max(2.2250738585072014e-308).log().sum() / 20'011 + std::log(20'011)) <
        1e-10);
  matrix const logs = both.array().log();
  CHECK(std::abs(self_certainty{.input = token_input::log_probabilities}(logs)-self_certainty{}(both)) < 1e-15);
  double expected = 0;
  for (double const p : {.7, .2, .1}) expected -= std::log(3 * p) / 3;
  CHECK(std::abs(self_certainty{}(sharp)-expected) < 1e-15);
}

TEST_CASE("tokens may be weighed, masked, or come one at a time") {
  matrix const x = gauss(5, 7).array().exp();
  self_certainty const op;
  std::vector<double> const mask = {1, 0, 1, 1, 0};
  std::vector<Index> const rows = {0, 2, 3};
  matrix unknown = x;
  unknown(1, 3) = not_a_number;
  CHECK(std::abs(op(robagg::weighted(unknown, mask)) - op(robagg::subset(x, rows))) < 1e-14);
  self_certainty::state state;
  CHECK(std::isnan(state.value()));
  for (Index t = 0; t < 5; ++t) state.add(op.of_token(Eigen::VectorXd(x.row(t))));
  CHECK((state.tokens() == 5 && std::abs(state.value() - op(x)) < 1e-14));
  robagg::table<float> const narrow = x.cast<float>();
  CHECK(std::abs(op(narrow) - op(x)) < 1e-6);
  CHECK(std::abs(op(matrix(x.rowwise().reverse())) - op(x)) < 1e-14);
}

TEST_CASE("impossible tokens do not make a trace infinitely certain") {
  matrix const x{{1, 0, 0}, {1, 0, -1}};
  CHECK(std::abs(self_certainty{}(x) - (2 * 708.39641853226408 / 3 - std::log(3.))) < 1e-10);
  CHECK(std::abs(self_certainty{.log_floor = -30}(x) - (20 - std::log(3.))) < 1e-12);
  CHECK(std::isnan(self_certainty{}(matrix{{.5, not_a_number}})));
  CHECK_THROWS_WITH(self_certainty{.log_floor = 0}(x), "self_certainty: needs log_floor < 0 (log_floor = 0)");
  CHECK_THROWS_AS(self_certainty{}(matrix(0, 3)), robagg::bad_input);
  CHECK_THROWS_AS(self_certainty{}(matrix(3, 0)), robagg::bad_input);
}

TEST_CASE("a token may be any row, and weigh something") {
  matrix const x = gauss(5, 7).array().exp();
  Eigen::MatrixXd const columns = x;  // whose rows are strided
  self_certainty const op;
  std::vector<double> const w = {1, 0, 2.5, 3, 0};
  self_certainty::state state;
  for (Index t = 0; t < 5; ++t) {
    CHECK(same_bits(op.of_token(columns.row(t)), op.of_token(Eigen::VectorXd(x.row(t)))));
    CHECK(same_bits(op.of_token(2 * columns.row(t)), op.of_token(Eigen::VectorXd(2 * x.row(t)))));
    state.add(op.of_token(columns.row(t)), w[static_cast<std::size_t>(t)]);
  }
  CHECK(state.tokens() == 3);
  CHECK(std::abs(state.value() - op(robagg::weighted(x, w))) < 1e-14);
  Eigen::Matrix<Eigen::half, 1, 3> const half = Eigen::RowVector3f(.5f, .25f, .25f).cast<Eigen::half>();
  CHECK(same_bits(op.of_token(half), op.of_token(std::vector<float>{.5f, .25f, .25f})));
  for (double const bad : {-1., not_a_number, infinity}) {
    CHECK_THROWS_WITH(state.add(1, bad), Catch::Contains("self_certainty: needs finite weights >= 0"));
  }
  CHECK(state.tokens() == 3);
  CHECK_THROWS_WITH(op.of_token(std::vector<double>{}), Catch::Contains("self_certainty: needs a vocabulary"));
  CHECK_THROWS_AS((self_certainty{.log_floor = not_a_number}.of_token(half)), robagg::bad_input);
  self_certainty::state masked;
  masked.add(3, 0);
  CHECK(std::isnan(masked.value()));
  masked.add(not_a_number);
  CHECK(std::isnan(masked.value()));
}

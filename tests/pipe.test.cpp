// SPDX-License-Identifier: BSL-1.0
#include <robagg/any_aggregator.hpp>
#include <robagg/diagnose.hpp>
#include <robagg/parallel.hpp>

#include "catch.hpp"

namespace pipe_test {
namespace {

using namespace robagg;

Eigen::MatrixXf far_row() {
  Eigen::MatrixXf x(11, 9);
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < x.cols(); ++j) x(i, j) = static_cast<float>((7 * i + 13 * j) % 29);
  }
  x.row(3).array() += 1000.f;
  return x;
}

// Whatever reads pipes reads an operator that is one by its stages.
template <class Op>
void looks_through(Op const& op) {
  CAPTURE(describe(op));
  Eigen::MatrixXf const x = far_row();
  Eigen::VectorXf const y = op(x);
  CHECK(op.stages(x.rows())(x) == y);
  CHECK(sliced(op, threads{2})(x) == y);
  Eigen::VectorXd const w = weights(op, x);
  CHECK(std::abs(w.sum() - 1) < (std::is_same_v<Op, norm_bounded_mean> ? 1 : 1e-12));  // the rest is the origin's
  CHECK(w == weights(op.stages(x.rows()), x));
  CHECK(diagnose(op, x).result == y);
  CHECK(diagnose(op, x).weights == w);
  any_aggregator const any = op;
  CHECK(any(x) == y);
  REQUIRE(any.weights(x));
  CHECK((*any.weights(x) - w).norm() < 1e-12);
  CHECK(influence(op, x)(3) >= 0);
  CHECK(bytes_needed(op, x) == bytes_needed(op.stages(x.rows()), x));
}

}  // namespace

TEST_CASE("an operator that is a pipe is read as one") {
  looks_through(bulyan{.f = 1});
  looks_through(median_of_means{.groups = 4});
  looks_through(norm_bounded_mean{.radius = 50});
}

TEST_CASE("what a pipe of its own name refuses is refused by that name") {
  Eigen::MatrixXf const x = far_row().topRows(5);
  CHECK_THROWS_WITH(sliced(bulyan{.f = 1})(x), Catch::Contains("needs n >= 4f + 3 (n = 5, f = 1)"));
  CHECK_THROWS_WITH(diagnose(median_of_means{.groups = 6}, x), "median_of_means: needs 1 <= groups <= n (groups = 6, n = 5)");
  CHECK_THROWS_WITH(weights(norm_bounded_mean{.radius = -1}, x), "norm_bounded_mean: needs radius >= 0 (radius = -1)");
}

TEST_CASE("a far row has no part in bulyan, and a part in one group's mean") {
  Eigen::MatrixXf const x = far_row();
  Eigen::VectorXd const w = weights(bulyan{.f = 1}, x);
  CHECK(w(3) == 0);
  CHECK((weights(median_of_means{.groups = 11}, x) - weights(median{}, x)).norm() < 1e-12);
}

}  // namespace pipe_test

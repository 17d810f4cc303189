// SPDX-License-Identifier: BSL-1.0
// Centered clipping against its formula in d-space, from zero and from another start, and rows that cannot be seen.
#include "laws.hpp"

#include <robagg/location/centered_clipping.hpp>

using namespace robagg_test;
using robagg::centered_clipping;
using robagg::iterate;

namespace {
matrix clipped_steps(matrix const& x, double radius, Index steps, matrix const& start, reference::weights const& w = {}) {
  using vector = Eigen::Matrix<long double, 1, Eigen::Dynamic>;
  vector v = start.row(0).cast<long double>();
  long double total = 0;
  for (Index i = 0; i < x.rows(); ++i) total += reference::weight_of(w, i);
  for (Index t = 0; t < steps; ++t) {
    vector step = vector::Zero(x.cols());
    for (Index i = 0; i < x.rows(); ++i) {
      vector const gap = x.row(i).cast<long double>() - v;
      long double const norm = gap.norm(), factor = norm > radius ? radius / norm : 1;
      if (std::isfinite(norm)) step += reference::weight_of(w, i) / total * factor * gap;
    }
    v += step;
  }
  return v.cast<double>();
}
matrix zeros(matrix const& x) { return matrix::Zero(1, x.cols()); }
}  // namespace

TEST_CASE("centered clipping moves by the mean of clipped differences") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  CHECK(difference(in<double>(centered_clipping{1}, w5), matrix{{0.6761098793, 0.4245019192}}) <= 1e-9);
  CHECK(difference(in<double>(centered_clipping{1, 3}, w5), matrix{{1.6370663632, 1.2648739129}}) <= 1e-9);
  CHECK(difference(in<double>(centered_clipping{infinity, 2}, w5), matrix{{21.3, -18.6}}) <= 1e-13);
  CHECK(centered_clipping{0, 5}(w5).isZero(0));
  CHECK(centered_clipping{1, 0}(w5).isZero(0));
  CHECK(centered_clipping{10, 1000000000}(w5.topRows(4)).isApprox(Eigen::Vector2d(1.625, 1.75)));  // stops moving
  for (auto const& [radius, way] : {std::pair(.3, iterate::between_rows),
                                    {4., iterate::between_rows},
                                    {1e31, iterate::between_rows},
                                    {.3, iterate::along_columns},
                                    {4., iterate::along_columns},
                                    {1e31, iterate::along_columns}}) {
    for (Index const steps : {1, 2, 7}) {
      auto s = subject_of(centered_clipping{radius, steps, way});
      s.slack = 1e-11 / s.epsilon;
      check_reference(s, [radius = radius, steps](matrix const& x) { return clipped_steps(x, radius, steps, zeros(x)); });
    }
  }
  check_reference(subject_of<float>(centered_clipping{2, 2}), [](matrix const& x) { return clipped_steps(x, 2, 2, zeros(x)); },
                  1, {family::gauss, family::grid});
}

TEST_CASE("the start of centered clipping is the origin that around says") {
  for (family const kind : {family::gauss, family::offset}) {
    matrix const x = sample(kind, 6, 20, 3), v = sample(kind, 1, 20, 4);
    double const radius = kind == family::gauss ? 2 : .03;
    Eigen::RowVectorXd const start = v.row(0);
    matrix const y = numbers_of(centered_clipping{radius, 3}(robagg::around(x, start)));
    CHECK(difference(y, clipped_steps(x, radius, 3, v)) <= 1e-14 * magnitude(x));
  }
}

TEST_CASE("the first step keeps its digits where most reports are far") {
  matrix x = gauss(7, 12, 3).array() + 1e9;
  x.row(0) = 1e-3 * gauss(1, 12, 4), x.row(1) = 1e-4 * gauss(1, 12, 5);
  CHECK(difference(in<double>(centered_clipping{1e-3}, x), clipped_steps(x, 1e-3, 1, zeros(x))) <= 1e-15);
}

TEST_CASE("centered clipping obeys its laws") {
  for (iterate const way : {iterate::between_rows, iterate::along_columns}) {
    for (auto s : {subject_of(centered_clipping{4, 3, way}), subject_of<float>(centered_clipping{4, 3, way})}) {
      s.slack = 64;
      check_laws(s, {permutation_invariant, sign_equivariant, same_bits_in_any_order_of_storage, workspace_settles, no_columns,
                     needs_a_report, subset_is_those_rows, around_is_moving, equal_weights, weight_zero_is_absent});
    }
    auto const s = subject_of(centered_clipping{4, 3, way});
    check_laws(s, {weights_are_relative});
    check_laws(subject_of(centered_clipping{1e9}), {one_row_is_itself});
    matrix const x = gauss(4, 9);
    reference::weights const w = {1, 2.5, 0, .5};
    CHECK(difference(s.weighted(x, w), clipped_steps(x, 4, 3, zeros(x), w)) <= 1e-14);
    CHECK(difference(s.weighted(x, {1, 2, 1, 3}), s.of(pick(x, {0, 1, 1, 2, 3, 3, 3}))) <= 1e-14);
  }
}

TEST_CASE("no lie moves centered clipping by more than its radius a step") {
  for (lie const l : all_lies) {
    matrix const honest = rounded<float>(gauss(5, 30, 5));
    auto const single = attack(honest, 4, l, std::numeric_limits<float>::max());
    auto const twice = attack(honest, 4, l, std::numeric_limits<double>::max());
    INFO("liars send " << text(l));
    for (iterate const way : {iterate::between_rows, iterate::along_columns}) {
      CHECK(in<double>(centered_clipping{.5, 3, way}, twice.table).norm() <= 1.5 * (1 + 1e-6));
      CHECK(in<float>(centered_clipping{.5, 3, way}, single.table).norm() <= 1.5 * (1 + 1e-6));
    }
    matrix const y = in<double>(centered_clipping{.5, 3}, single.table);
    if (l != lie::mixed) CHECK(difference(y, clipped_steps(single.table, .5, 3, zeros(honest))) <= 1e-12);
  }
}

TEST_CASE("a row that is not a number draws nothing and counts in n") {
  matrix x = gauss(4, 5);
  matrix const honest = x.topRows(3);
  x.row(3).setConstant(not_a_number);
  CHECK(difference(in<double>(centered_clipping{1e6}, x), .75 * reference::mean(honest)) <= 1e-14);
  CHECK(centered_clipping{1, 2}(matrix::Constant(3, 2, 1e200)).isZero(0));  // nobody sees the origin
  CHECK(centered_clipping{1, 2}(matrix::Constant(3, 2, infinity)).isZero(0));
}

TEST_CASE("centered clipping refuses parameters out of range, and reads every input kind") {
  check_refuses(centered_clipping{-1}, gauss(3, 2), {"centered_clipping: needs radius >= 0", "radius = -1"});
  check_refuses(centered_clipping{not_a_number}, gauss(3, 2), {"needs radius >= 0"});
  check_refuses(centered_clipping{1, -1}, gauss(3, 2), {"needs iterations >= 0", "iterations = -1"});
  check_four_inputs(centered_clipping{4, 2});
  check_outputs(centered_clipping{4, 2});
}

// SPDX-License-Identifier: BSL-1.0
// Mean less disagreement: variance and deviation, both divisors, and what a liar can gain.
#include "laws.hpp"

using namespace robagg_test;
using robagg::dispersion;
using robagg::uncertainty_weighted;

TEST_CASE("disagreement is subtracted from the mean") {
  matrix const rewards{{1, 2, .5, 3.6}, {1.2, 1, .6, -1}, {.8, 1.5, .4, 2.5}};
  auto const gives = [&](uncertainty_weighted const& op, double a, double b, double c, double d) {
    CHECK(difference(in<double>(op, rewards), matrix{{a, b, c, d}}) <= 1e-6);
  };
  gives({.lambda = .5}, .986667, 1.416667, .496667, -.223333);
  gives({.lambda = .5, .ddof = 1}, .98, 1.375, .495, -1.185);
  gives({.lambda = .1}, .997333, 1.483333, .499333, 1.315333);
  gives({.lambda = .5, .dispersion = dispersion::deviation}, .918350, 1.295876, .459175, .719354);
  CHECK(uncertainty_weighted{.5}(matrix{{0}, {10}})(0) == -7.5);   // below the minimum
  CHECK(uncertainty_weighted{.5}(matrix{{0}, {0}, {3}})(0) == 0);  // and not monotone:
  CHECK(std::abs(uncertainty_weighted{.5}(matrix{{0}, {0}, {4}})(0) + 4. / 9) <= 1e-15);
}

TEST_CASE("uncertainty weighting agrees with its definition") {
  for (int const ddof : {0, 1}) {
    for (bool const deviation : {false, true}) {
      for (double const lambda : {-.5, .1, 2.}) {
        uncertainty_weighted const op = {lambda, ddof, deviation ? dispersion::deviation : dispersion::variance};
        auto const expected = [=](matrix const& x) { return reference::uncertainty_weighted(x, lambda, ddof, deviation); };
        check_reference(subject_of(op), expected, 1 + ddof);
        check_reference(subject_of<float>(op), expected, 1 + ddof, {family::gauss, family::grid, family::offset, family::tiny});
      }
    }
  }
}

TEST_CASE("uncertainty weighting obeys its laws") {
  auto const s = subject_of(uncertainty_weighted{.5});
  check_laws(s, {permutation_invariant, translation_equivariant, same_bits_in_any_order_of_storage, slices_glue,
                 workspace_settles, no_columns, one_row_is_itself, needs_a_report, subset_is_those_rows, around_is_moving,
                 equal_weights, weights_are_relative, weight_zero_is_absent, skips_nan()});
  check_weights_repeat(s, s, {1, 2, 3, 1, 4, 1, 2});
  auto const deviation = subject_of(uncertainty_weighted{.lambda = .5, .dispersion = dispersion::deviation});
  check_laws(deviation, {scale_equivariant, equal_weights, skips_nan()});
  check_laws(subject_of(uncertainty_weighted{.lambda = .5, .ddof = 1}), {translation_equivariant, skips_nan()});
}

TEST_CASE("lambda 0 is the mean to the bit, also of values that are no numbers") {
  matrix x = gauss(5, 40);
  x(0, 1) = not_a_number, x(1, 2) = infinity;
  CHECK(same_bits(in<double>(uncertainty_weighted{0}, x), in<double>(robagg::mean{}, x)));
}

TEST_CASE("a liar lifts a candidate by at most 1 / (4 lambda (n - 1)) over the others' mean") {
  double const lambda = .5, others = 2;
  double most = -infinity;
  for (double lie = -50; lie <= 50; lie += .01) {
    most = std::max(most, uncertainty_weighted{lambda}(matrix{{others}, {others}, {others}, {others}, {lie}})(0));
  }
  CHECK(most <= others + .125 + 1e-12);
  CHECK(most >= others + .1249);
}

TEST_CASE("NaN goes through and infinite members are infinite disagreement") {
  matrix const x{{1, 1, 1}, {not_a_number, infinity, -infinity}};
  auto const y = uncertainty_weighted{.5}(x), z = uncertainty_weighted{-.5}(x);
  CHECK(std::isnan(y(0)));
  CHECK(y(1) == -infinity);
  CHECK(y(2) == -infinity);
  CHECK(z(1) == infinity);
}

TEST_CASE("uncertainty weighting refuses what has no variance") {
  matrix const x = gauss(3, 2);
  check_refuses(uncertainty_weighted{infinity}, x, {"uncertainty_weighted: needs a finite lambda"});
  check_refuses(uncertainty_weighted{.5, 2}, x, {"needs ddof 0 or 1", "ddof = 2"});
  check_refuses(uncertainty_weighted{.5, 1}, gauss(1, 2), {"needs n > ddof", "n = 1", "ddof = 1"});
  check_refuses(uncertainty_weighted{.5, 1}, robagg::weighted(x, std::vector{1., 1., 1.}), {"needs ddof = 0 with weights"});
}

TEST_CASE("uncertainty weighting reads every input kind and writes to every output kind") {
  check_four_inputs(uncertainty_weighted{.5});
  check_outputs(uncertainty_weighted{.5});
}

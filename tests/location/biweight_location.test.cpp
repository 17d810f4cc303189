// SPDX-License-Identifier: BSL-1.0
// The biweight location: by hand, from its definition, and with as many liars as the median withstands.
#include "laws.hpp"

using namespace robagg_test;
using robagg::biweight_location;

TEST_CASE("the biweight location of a few numbers") {
  matrix const x{{1}, {2}, {3}, {4}, {100}};  // median 3, MAD 1
  double const two = std::pow(1 - 4 / 36., 2), one = std::pow(1 - 1 / 36., 2);
  CHECK(std::abs(biweight_location{}(x)(0) - (3 + (-2 * two - one + one) / (two + 2 * one + 1))) <= 1e-15);
  CHECK(biweight_location{}(matrix{{5}, {5}, {5}, {9}})(0) == 5);  // MAD 0: the median
  CHECK(biweight_location{.c = .5}(x)(0) == 3);
}

TEST_CASE("the biweight location agrees with its definition") {
  auto const by_definition = [](matrix const& x, double k, reference::weights const& w = {}, bool skip_nan = false) {
    return reference::by_column(x, w, skip_nan, [&](reference::column const& e) { return reference::biweight(e, k); });
  };
  for (double const k : {biweight_location{}.c, .3, 4.}) {
    check_reference(subject_of(biweight_location{k}), [&](matrix const& x) { return by_definition(x, k); });
    matrix x = gauss(23, 60, 5), gaps = with_gaps(x, 8);
    for (Index c = 0; c < 60; ++c)
      x(c % 23, c) *= std::pow(10., c % 40), gaps(c % 23, c) = c % 3 == 0 ? -infinity : gaps(c % 23, c);
    CHECK(difference(in<double>(biweight_location{k}, x), by_definition(x, k)) <= 1e-12);
    std::vector<double> w;
    for (Index i = 0; i < 23; ++i) w.push_back(.3 * static_cast<double>(i % 5));
    CHECK(difference(numbers_of(biweight_location{k}(robagg::weighted(robagg::skip_nan(gaps), w))),
                     by_definition(gaps, k, w, true)) <= 1e-12);
  }
  check_reference(subject_of<float>(biweight_location{}),
                  [&](matrix const& x) { return by_definition(x, biweight_location{}.c); });
}

TEST_CASE("the biweight location obeys its laws") {
  for (auto const& s : {subject_of(biweight_location{}), subject_of<float>(biweight_location{})}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, same_bits_in_any_order_of_storage,
                   slices_glue, workspace_settles, no_columns, needs_a_report, subset_is_those_rows, around_is_moving,
                   equal_weights, weights_are_relative, weight_zero_is_absent, skips_nan(), sign_equivariant,
                   inside_column_range, one_row_is_itself, survives_near(4, 6), breaks_at(5)});
  }
  check_weights_repeat(subject_of(biweight_location{}), subject_of(biweight_location{}), {1, 2, 3, 1, 2, 1, 2, 1, 3});
}

TEST_CASE("the biweight location of very large numbers, and what is refused") {
  matrix const x = gauss(19, 30, 9);
  for (double const scale : {1e-290, 1e300, 1e307}) {
    matrix const y = numbers_of(biweight_location{}(matrix(scale * x)));
    CHECK(difference(y / scale, in<double>(biweight_location{}, x)) <= 1e-13);
  }
  matrix const wide{{-1.7e308}, {-1.6e308}, {1e308}, {1.6e308}, {1.7e308}};
  CHECK(std::isfinite(biweight_location{}(wide)(0)));
  check_refuses(biweight_location{0}, x, {"biweight_location: needs a finite c > 0"});
  check_refuses(biweight_location{infinity}, x, {"needs a finite c > 0"});
  check_refuses(biweight_location{not_a_number}, x, {"needs a finite c > 0"});
  check_four_inputs(biweight_location{});
  check_outputs(biweight_location{});
}

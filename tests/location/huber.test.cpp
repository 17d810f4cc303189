// SPDX-License-Identifier: BSL-1.0
// Huber's estimate: by hand, from its definition, and with as many liars as the median withstands.
#include "laws.hpp"

using namespace robagg_test;
using robagg::huber;

TEST_CASE("Huber's estimate of a few numbers") {
  // Median 3, MAD 1: within 1.9941 of the root all but 100, which counts as that far away.
  matrix const x{{1.2}, {2}, {3}, {4}, {100}};
  double const reach = 1.345 * 1.482602218505602;
  CHECK(std::abs(huber{}(x)(0) - (10.2 + reach) / 4) <= 1e-14);
  CHECK(huber{}(matrix{{5}, {5}, {5}, {9}})(0) == 5);  // MAD 0: the median
  CHECK(std::abs(huber{.k = 1000}(x)(0) - 22.04) <= 1e-13);
  CHECK(huber{.k = .1}(matrix{{-1}, {1}})(0) == 0);  // nothing within reach
}

TEST_CASE("Huber's estimate agrees with its definition") {
  auto const by_definition = [](matrix const& x, double k, reference::weights const& w = {}, bool skip_nan = false) {
    return reference::by_column(x, w, skip_nan, [&](reference::column const& e) { return reference::huber(e, k); });
  };
  for (double const k : {huber{}.k, .3, 4.}) {
    check_reference(subject_of(huber{k}), [&](matrix const& x) { return by_definition(x, k); });
    matrix x = gauss(23, 60, 5), gaps = with_gaps(x, 8);
    for (Index c = 0; c < 60; ++c)
      x(c % 23, c) *= std::pow(10., c % 40), gaps(c % 23, c) = c % 3 == 0 ? -infinity : gaps(c % 23, c);
    CHECK(difference(in<double>(huber{k}, x), by_definition(x, k)) <= 1e-12);
    std::vector<double> w;
    for (Index i = 0; i < 23; ++i) w.push_back(.3 * static_cast<double>(i % 5));
    CHECK(difference(numbers_of(huber{k}(robagg::weighted(robagg::skip_nan(gaps), w))), by_definition(gaps, k, w, true)) <=
          1e-12);
  }
  check_reference(subject_of<float>(huber{}), [&](matrix const& x) { return by_definition(x, huber{}.k); });
}

TEST_CASE("Huber's estimate obeys its laws") {
  for (auto const& s : {subject_of(huber{}), subject_of<float>(huber{})}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, same_bits_in_any_order_of_storage,
                   slices_glue, workspace_settles, no_columns, needs_a_report, subset_is_those_rows, around_is_moving,
                   equal_weights, weights_are_relative, weight_zero_is_absent, skips_nan(), sign_equivariant,
                   inside_column_range, one_row_is_itself, survives_near(4, 2.994), breaks_at(5)});
  }
  check_weights_repeat(subject_of(huber{}), subject_of(huber{}), {1, 2, 3, 1, 2, 1, 2, 1, 3});
}

TEST_CASE("Huber's estimate of very large numbers, and what is refused") {
  matrix const x = gauss(19, 30, 9);
  for (double const scale : {1e-290, 1e300, 1e307}) {
    matrix const y = numbers_of(huber{}(matrix(scale * x)));
    CHECK(difference(y / scale, in<double>(huber{}, x)) <= 1e-13);
  }
  matrix const wide{{-1.7e308}, {-1.6e308}, {1e308}, {1.6e308}, {1.7e308}};
  CHECK(std::isfinite(huber{}(wide)(0)));
  check_refuses(huber{0}, x, {"huber: needs a finite k > 0"});
  check_refuses(huber{infinity}, x, {"needs a finite k > 0"});
  check_refuses(huber{not_a_number}, x, {"needs a finite k > 0"});
  check_four_inputs(huber{});
  check_outputs(huber{});
}

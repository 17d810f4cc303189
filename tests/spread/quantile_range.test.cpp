// SPDX-License-Identifier: BSL-1.0
// The range between two quantiles is their difference, to the bit.
#include "laws.hpp"

using namespace robagg_test;
using robagg::quantile, robagg::quantile_range, robagg::quantile_rule;

TEST_CASE("the range between quantiles is their difference") {
  CHECK(quantile_range{}(matrix{{1}, {2}, {3}, {4}, {10}})(0) == 2);
  for (Index const n : {1, 2, 5, 8, 33, 90, 2100}) {
    for (std::size_t k = 0; k < 9; ++k) {
      quantile_range const range{.low = .1, .high = .8, .rule = static_cast<quantile_rule>(k)};
      matrix const x = gauss(n, 12, 5), gaps = with_gaps(x, 7);
      INFO(robagg::describe(range) << ", n = " << n);
      CHECK(same_bits(in<double>(range, x), in<double>(quantile{.8, range.rule}, x) - in<double>(quantile{.1, range.rule}, x)));
      auto const of = [&](double p) { return numbers_of(quantile{p, range.rule}(robagg::skip_nan(gaps))); };
      CHECK(same_bits(numbers_of(range(robagg::skip_nan(gaps))), of(.8) - of(.1)));
    }
  }
}

TEST_CASE("the range between quantiles obeys its laws") {
  for (auto const& s : {subject_of(quantile_range{}), subject_of<float>(quantile_range{})}) {
    check_laws(s, {permutation_invariant, scale_equivariant, same_bits_in_any_order_of_storage, slices_glue, workspace_settles,
                   no_columns, needs_a_report, subset_is_those_rows, equal_weights, weights_are_relative, weight_zero_is_absent,
                   skips_nan(), breaks_at(3)});
    for (lie const l : all_lies) {  // two of nine
      matrix const honest = s.round(gauss(7, 40, 3)), y = s.of(attack(honest, 2, l, s.largest).table);
      CHECK((y.array() <= honest.colwise().maxCoeff().array() - honest.colwise().minCoeff().array()).all());
    }
  }
  check_weights_repeat(subject_of(quantile_range{}), subject_of(quantile_range{}), {1, 2, 3, 1, 2, 1, 2, 1, 3});
}

TEST_CASE("the range between quantiles refuses shares in the wrong order, and weights where they have no meaning") {
  matrix const x = gauss(3, 2);
  check_refuses(quantile_range{.low = .8, .high = .2}, x, {"quantile_range: needs 0 <= low <= high <= 1", "low = 0.8"});
  check_refuses(quantile_range{.high = not_a_number}, x, {"needs 0 <= low <= high <= 1"});
  check_refuses(quantile_range{.rule = quantile_rule::linear}, robagg::weighted(x, std::vector{1., 2., 1.}),
                {"quantile_range: needs rule averaged"});
  check_four_inputs(quantile_range{});
  check_outputs(quantile_range{});
}

// SPDX-License-Identifier: BSL-1.0
// The Hodges-Lehmann estimate: the middle of all pairs' averages, exactly, however values lie.
#include "laws.hpp"

using namespace robagg_test;
using robagg::hodges_lehmann;

TEST_CASE("the Hodges-Lehmann estimate is the median of averages") {
  CHECK(hodges_lehmann{}(matrix{{1}, {2}, {9}})(0) == 3.5);  // of 1 1.5 2 5 5.5 9
  CHECK(hodges_lehmann{}(matrix{{1}, {5}})(0) == 3);
  matrix const x = gauss(1, 5);
  CHECK(same_bits(in<double>(hodges_lehmann{}, x), x));
}

TEST_CASE("the Hodges-Lehmann estimate agrees with its definition") {
  check_reference(subject_of(hodges_lehmann{}), [](matrix const& x) { return reference::hodges_lehmann(x); });
  check_reference(subject_of<float>(hodges_lehmann{}), [](matrix const& x) { return reference::hodges_lehmann(x); });
  // Magnitudes from 1e-30 to 1e30, infinities of both signs, NaN, ties.
  for (Index const n : {2, 5, 12, 40, 100}) {
    numbers random(static_cast<std::uint64_t>(n));
    matrix x(n, 20);
    for (Index i = 0; i < x.size(); ++i) {
      double const v = random.gauss();
      std::array const values = {v,           v * std::pow(10., 60 * random.uniform() - 30), std::floor(v), infinity, -infinity,
                                 not_a_number};
      x.data()[i] = values[static_cast<std::size_t>(random.below(i % 20 < 10 ? 3 : 6))];
    }
    matrix const of = reference::hodges_lehmann(x), got = in<double>(hodges_lehmann{}, x);
    CHECK(difference(got.leftCols(10), of.leftCols(10)) <= 1e-15 * magnitude(of));
    for (Index c = 10; c < 20; ++c)
      CHECK((got(c) == of(c) || std::abs(got(c) - of(c)) <= 1e-15 * std::abs(of(c)) ||
             (std::isnan(got(c)) && std::isnan(of(c)))));
    matrix const gaps = with_gaps(x, 3);
    CHECK(difference(numbers_of(hodges_lehmann{}(robagg::skip_nan(gaps))).leftCols(10),
                     reference::hodges_lehmann(gaps, true).leftCols(10)) <= 1e-15 * magnitude(of));
  }
}

TEST_CASE("the Hodges-Lehmann estimate obeys its laws") {
  for (auto const& s : {subject_of(hodges_lehmann{}), subject_of<float>(hodges_lehmann{})}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, same_bits_in_any_order_of_storage,
                   slices_glue, workspace_settles, no_columns, needs_a_report, subset_is_those_rows, around_is_moving,
                   skips_nan(), sign_equivariant, inside_column_range, one_row_is_itself, survives_inside(2), breaks_at(4)});
  }
  auto s = subject_of(hodges_lehmann{});
  s.rows = 20;  // 15 * 16 > 210
  check_laws(s, {survives_inside(5)});
  for (Index const n : {9, 33, 300, 2049}) {
    if (instrumented && n > 300) continue;
    auto const e = weighted_subject_of<float>(hodges_lehmann{});
    check_exactness(e, e, sums::none, n);
  }
}

TEST_CASE("the Hodges-Lehmann estimate of long columns, and of the largest numbers") {
  matrix const x = gauss(2049, 3, 7);
  CHECK(difference(in<double>(hodges_lehmann{}, x), reference::hodges_lehmann(x)) <= 1e-15);
  matrix const short_one = x.topRows(100);  // one by one, and in packets
  CHECK(
      same_bits(in<double>(hodges_lehmann{}, short_one), in<double>(hodges_lehmann{}, short_one.replicate(1, 9)).leftCols(3)));
  CHECK(hodges_lehmann{}(matrix::Constant(40, 1, 1.7e308))(0) == 1.7e308);
  CHECK(hodges_lehmann{}(matrix{{-1.7e308}, {1.7e308}})(0) == 0);
  check_four_inputs(hodges_lehmann{});
  check_outputs(hodges_lehmann{});
}

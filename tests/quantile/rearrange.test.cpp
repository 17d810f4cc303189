// SPDX-License-Identifier: BSL-1.0
// Repair by sorting: values by hand, and that no outcome makes the repaired forecast worse.
#include "repair.hpp"

using namespace robagg_test;
using robagg::rearrange;

TEST_CASE("rearranged by hand") {
  matrix const q{{3, 1, 2, 5}, {1, 2, 3, 4}};
  CHECK(same_bits(rearrange{}(q), matrix{{1, 2, 3, 5}, {1, 2, 3, 4}}));
  matrix const gaps{{3, not_a_number, 1, 2}};
  CHECK(same_bits(rearrange{}(gaps), matrix{{1, not_a_number, 2, 3}}));
  CHECK(difference(rearrange{.5}(matrix{{0, 0, 0}}), matrix{{-.5, 0, .5}}) <= 1e-15);
  CHECK(difference(rearrange{.5}(matrix{{5, 0, .3}}), matrix{{-.1, .4, 5}}) <= 1e-15);
  CHECK(same_bits(rearrange{.5}(matrix{{5, 1, 3}}), matrix{{1, 3, 5}}));
  matrix const y = rearrange{.5}(q);
  for (Index k = 1; k < 4; ++k) CHECK((y.col(k) - y.col(k - 1)).minCoeff() >= .5 - 1e-12);
  matrix const hostile{{infinity, -infinity, 0, 1e308}};
  CHECK(same_bits(rearrange{}(hostile), matrix{{-infinity, 0, 1e308, infinity}}));
}

TEST_CASE("a rearranged forecast is never worse, whatever the outcome") { CHECK(largest_harm(rearrange{}) <= 1e-12); }

TEST_CASE("rearranged rows of every width, in every storage") {
  for_each_crossing_table([](robagg::table<float> const& x) {
    robagg::table<float> sorted = x;
    for (Index i : {1, 2, 4}) std::sort(sorted.row(i).begin(), sorted.row(i).end());
    sorted.row(3).array() += 0.f;
    check_repair_of_storages(rearrange{}, x, sorted);
  });
}

TEMPLATE_TEST_CASE("rearranged rows of all kinds, many at a time", "", float, double) {
  for_each_mixed_table<TestType>([](robagg::table<TestType> const& x) {
    auto const want = changed_rows(x, [](std::vector<double>& v) { std::sort(v.begin(), v.end()); });
    robagg::table<TestType> const got = rearrange{}(x);
    CHECK(same_bits(got.template cast<double>(), want.template cast<double>()));
    Eigen::Matrix<TestType, Eigen::Dynamic, Eigen::Dynamic> by_column(x.rows(), x.cols());
    robagg::workspace ws;
    rearrange{}.into(x, by_column, ws);
    CHECK(same_bits(matrix(by_column.template cast<double>()), want.template cast<double>()));
  });
}

TEST_CASE("rearranging obeys its laws") {
  check_laws(subject_of(rearrange{}), {permutation_invariant, scale_equivariant, same_bits_in_any_order_of_storage,
                                       workspace_settles, no_columns, needs_a_report, subset_is_those_rows});
  check_refuses(rearrange{-1}, gauss(2, 3), {"rearrange: needs a finite min_gap >= 0"});
}

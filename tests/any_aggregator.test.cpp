// SPDX-License-Identifier: BSL-1.0
// Run-time choice: the same bits as the operator it stands for, and compile-time sentences said at run time.
#include "laws.hpp"

#include <robagg/any_aggregator.hpp>

using namespace robagg_test;
using robagg::any_aggregator;

TEST_CASE("a named aggregator is the operator with those parameters") {
  matrix const x = gauss(9, 40);
  auto const is = [&](any_aggregator const& any, auto const& op) {
    INFO(any.describe());
    CHECK(any.describe() == robagg::describe(op));
    CHECK(any.name() == robagg::name(op));
    CHECK(same_bits(in<double>(any, x), in<double>(op, x)));
    CHECK(same_bits(in<float>(any, x), in<float>(op, x)));
  };
  is(any_aggregator("mean"), robagg::mean{});
  is(any_aggregator("median"), robagg::median{});
  is(any_aggregator("trimmed_mean", {{"f", 2}}), robagg::trimmed_mean{2});
  is(any_aggregator("quantile", {{"p", .3}}), robagg::quantile{.3});
  is(any_aggregator("krum", {{"neighbours", 4}, {"f", 1}}), robagg::krum{.f = 1, .neighbours = 4});
  is(any_aggregator("geometric_median", {{"smoothing", .1}, {"start", "origin"}, {"max_iterations", 3}, {"tolerance", 0}}),
     robagg::geometric_median{.1, 0, 3, robagg::start::origin});
  is(any_aggregator("worst_case"), robagg::worst_case{});
  is(any_aggregator("best_case"), robagg::best_case{});
  is(any_aggregator("uncertainty_weighted", {{"lambda", .5}, {"ddof", 1}, {"dispersion", "deviation"}}),
     robagg::uncertainty_weighted{.5, 1, robagg::dispersion::deviation});
  is(any_aggregator("soft_min", {{"beta", 2}}), robagg::soft_min{2});
  is(any_aggregator("defensive", {{"floor_strength", 2}}), robagg::defensive{2});
  is(any_aggregator(robagg::clip{4} | robagg::median{}), robagg::clip{4} | robagg::median{});
  for (auto const& name : any_aggregator::names()) CHECK_FALSE(name.empty());
  CHECK(any_aggregator::names().size() == 29);
}

TEST_CASE("an aggregator chosen at run time obeys the laws of its operator") {
  check_laws(subject_of(any_aggregator("median")),
             {permutation_invariant, inside_column_range, survives_inside(4), same_bits_in_any_order_of_storage,
              workspace_settles, no_columns, one_row_is_itself, needs_a_report, subset_is_those_rows, equal_weights,
              weight_zero_is_absent, skips_nan()});
  check_four_inputs(any_aggregator("median"));
  check_four_inputs(any_aggregator("krum", {{"f", 2}}));
  STATIC_REQUIRE(robagg::aggregate<any_aggregator>);
  CHECK((any_aggregator("mean") | robagg::best{})(matrix{{1, 5, 2}}) == 1);
  CHECK(difference(in<double>(robagg::clip{1} | any_aggregator("mean"), matrix{{3, 4}}), matrix{{.6, .8}}) <= 1e-15);
}

TEST_CASE("weights are told where the result is a mixture of the reports") {
  matrix const x = gauss(9, 40);
  auto const chosen = any_aggregator("krum", {{"f", 2}}).weights(x);
  REQUIRE(chosen.has_value());
  Eigen::VectorXd expected = Eigen::VectorXd::Zero(9);
  expected(reference::krum_row(x, 5)) = 1;
  CHECK(*chosen == expected);
  auto const mixture = any_aggregator("geometric_median", {{"tolerance", 1e-12}}).weights(x);
  REQUIRE(mixture.has_value());
  CHECK((x.transpose() * *mixture - reference::geometric_median(x).transpose()).norm() <= 1e-6);
  CHECK_FALSE(any_aggregator("median").weights(x).has_value());
}

TEST_CASE("what cannot be chosen is refused with what can") {
  using Catch::Contains;
  CHECK_THROWS_WITH(any_aggregator("medan"), Contains("any_aggregator: knows no aggregator named 'medan'") &&
                                                 Contains("median") && Contains("trimmed_mean"));
  CHECK_THROWS_WITH(any_aggregator("trimmed_mean"), Contains("trimmed_mean: needs f"));
  CHECK_THROWS_WITH(any_aggregator("trimmed_mean", {{"g", 2}, {"f", 1}}), Contains("unknown parameter; it has f"));
  CHECK_THROWS_WITH(any_aggregator("median", {{"f", 2}}), Contains("unknown parameter; it has none"));
  CHECK_THROWS_WITH(any_aggregator("trimmed_mean", {{"f", 2}, {"f", 1}}), Contains("is given f twice"));
  CHECK_THROWS_WITH(any_aggregator("trimmed_mean", {{"f", 1.5}}),
                    Contains("needs a whole number for f") && Contains("f = 1.5"));
  CHECK_THROWS_WITH(any_aggregator("trimmed_mean", {{"f", "two"}}), Contains("needs a number for f"));
  CHECK_THROWS_WITH(any_aggregator("geometric_median", {{"start", "outside"}}),
                    Contains("needs start to be one of inside, origin"));
  CHECK_THROWS_WITH(any_aggregator("geometric_median", {{"start", 1}}), Contains("needs start to be one of inside, origin"));
}

TEST_CASE("tables that the chosen operator does not read are refused when it is used") {
  matrix const x = gauss(5, 3);
  any_aggregator const krum("krum", {{"f", 1}});
  check_refuses(krum, robagg::weighted(x, std::vector(5, 1.)), {"krum: has no weighted form"});
  check_refuses(krum, robagg::skip_nan(x), {"krum: needs every entry and cannot skip NaN"});
  check_refuses(any_aggregator("trimmed_mean", {{"f", 3}}), x, {"trimmed_mean: needs n > 2f", "n = 5", "f = 3"});
  check_refuses(any_aggregator("quantile", {{"p", 7}}), x, {"quantile: needs 0 <= p <= 1"});
}

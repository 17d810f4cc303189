// SPDX-License-Identifier: BSL-1.0
// Run-time choice: the same bits as the operator it stands for, and compile-time sentences said at run time.
#include "laws.hpp"

#include <robagg/any_aggregator.hpp>

#include <operators.hpp>

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
}

namespace {
struct uncatalogued {
  std::vector<std::string> names = any_aggregator::names();
  std::string missing;
  template <class Op>
  void look(std::string const& type) {
    std::string const name = type.substr(type.rfind(':') + 1);
    if (robagg::aggregate<Op> && !type.starts_with("robagg::attack") && std::ranges::find(names, name) == names.end())
      missing += " " + name;
  }
};
}  // namespace

TEST_CASE("the catalogue has every aggregate") {
  uncatalogued all;
#define LOOK(...) all.look<__VA_ARGS__>(#__VA_ARGS__);
  OPERATORS(LOOK)
#undef LOOK
  CHECK(all.missing == " quantile_averaging_fit");  // which is a fit
}

TEST_CASE("an aggregator chosen at run time obeys the laws of its operator") {
  check_laws(
      subject_of(any_aggregator("median")),
      {permutation_invariant, inside_column_range, survives_inside(4), same_bits_in_any_order_of_storage, workspace_settles,
       no_columns, one_row_is_itself, needs_a_report, subset_is_those_rows, equal_weights, weight_zero_is_absent, skips_nan()});
  check_four_inputs(any_aggregator("median"));
  check_four_inputs(any_aggregator("krum", {{"f", 2}}));
  STATIC_REQUIRE(robagg::aggregate<any_aggregator>);
  CHECK((any_aggregator("mean") | robagg::best{})(matrix{{1, 5, 2}}) == 1);
  CHECK(difference(in<double>(robagg::clip{1} | any_aggregator("mean"), matrix{{3, 4}}), matrix{{.6, .8}}) <= 1e-15);
}

TEST_CASE("weights are those that the operator itself has") {
  matrix const x = gauss(9, 40);
  std::vector<double> const w = {1, 2, 1, 1, 3, 1, 2, 0, 1};
  int known = 0;
  auto const same = [&](auto const& op) {
    INFO(robagg::describe(op));
    any_aggregator const any = op;
    auto const told = any.weights(x);
    REQUIRE(told.has_value());
    CHECK(same_bits(*told, robagg::weights(op, x)));
    auto const in_float = any.weights(Eigen::MatrixXf(x.cast<float>()));
    CHECK(same_bits(*in_float, robagg::weights(op, robagg::table<float>(x.cast<float>()))));
    auto const table = robagg::weighted(x, w);
    if constexpr (robagg::detail::knows_weights<std::remove_cvref_t<decltype(op)>, decltype(table)> &&
                  reads_table<std::remove_cvref_t<decltype(op)>, decltype(table)>) {
      CHECK(same_bits(*any.weights(table), robagg::weights(op, table)));
      ++known;
    }
  };
  same(robagg::mean{}), same(robagg::median{}), same(robagg::trimmed_mean{2}), same(robagg::interquartile_mean{});
  same(robagg::interior_trimmed_mean{.5}), same(robagg::quantile{.3}), same(robagg::mean_around_median{2}),
      same(robagg::phocas{2});
  same(robagg::winsorized_mean{2}), same(robagg::sigma_clipped_mean{.low = 1.5}), same(robagg::huber{});
  same(robagg::hodges_lehmann{}), same(robagg::quantile_range{.low = .1});
  same(robagg::sign_majority{}), same(robagg::geometric_median{}), same(robagg::krum{2}), same(robagg::multi_krum{2});
  same(robagg::minimum_diameter_averaging{2}), same(robagg::smallest_max_eigenvalue_averaging{2}),
      same(robagg::covariance_filter{2});
  same(robagg::centered_clipping{1}), same(robagg::nearest_to{.row = 1, .f = 2}),
      same(robagg::comparative_gradient_elimination{2});
  same(robagg::aksel{}), same(robagg::trust_weighted{1}), same(robagg::divide_and_conquer{2}),
      same(robagg::norm_bounded_mean{1});
  same(robagg::flag_aggregator{}), same(robagg::worst_case{}), same(robagg::best_case{}),
      same(robagg::uncertainty_weighted{.5});
  same(robagg::soft_min{1}), same(robagg::veto{.5}), same(robagg::uniform_phantom{});
  same(robagg::clip{1} | robagg::krum{2}), same(robagg::nearest_neighbour_mixing{2} | robagg::median{});
  CHECK(known == 4);  // geometric ones that have a weighted form

  auto const chosen = any_aggregator("krum", {{"f", 2}}).weights(x);
  Eigen::VectorXd expected = Eigen::VectorXd::Zero(9);
  expected(reference::krum_row(x, 5)) = 1;
  CHECK(*chosen == expected);
  CHECK(std::abs(any_aggregator("median").weights(x)->sum() - 1) <= 1e-12);
  // Nobody knows, and nobody may ask.
  CHECK_FALSE(any_aggregator("defensive").weights(x).has_value());
  CHECK_FALSE(any_aggregator("median").weights(robagg::weighted(x, w)).has_value());
  CHECK_THROWS_WITH(any_aggregator("krum", {{"f", 2}}).weights(robagg::weighted(x, w)),
                    Catch::Contains("krum: has no weighted form"));
  CHECK_THROWS_WITH(any_aggregator("krum", {{"f", 5}}).weights(x), Catch::Contains("krum: needs"));
}

TEST_CASE("what cannot be chosen is refused with what can") {
  using Catch::Contains;
  CHECK_THROWS_WITH(
      any_aggregator("medan"),
      Contains("any_aggregator: knows no aggregator named 'medan'; did you mean median?") && Contains("trimmed_mean"));
  CHECK_THROWS_WITH(any_aggregator("trimmed_mean"), Contains("trimmed_mean: needs f"));
  CHECK_THROWS_WITH(any_aggregator("trimmed_mean", {{"g", 2}, {"f", 1}}), Contains("unknown parameter 'g'; it has f"));
  CHECK_THROWS_WITH(any_aggregator("trimmed_mean", {{"F", 2}}), Contains("unknown parameter 'F'; it has f; did you mean f?"));
  CHECK_THROWS_WITH(any_aggregator("median", {{"f", 2}}), Contains("unknown parameter 'f'; it has none"));
  CHECK_THROWS_WITH(any_aggregator("trimmed_mean", {{"f", 2}, {"f", 1}}), Contains("is given f twice"));
  CHECK_THROWS_WITH(any_aggregator("trimmed_mean", {{"f", 1.5}}),
                    Contains("needs a whole number for f") && Contains("f = 1.5"));
  CHECK_THROWS_WITH(any_aggregator("trimmed_mean", {{"f", 1e30}}),
                    Contains("trimmed_mean: needs f from -") && Contains("f = 1e+30"));
  CHECK_THROWS_WITH(any_aggregator("uncertainty_weighted", {{"lambda", 1}, {"ddof", 1e12}}),
                    Contains("needs ddof from -2147483648 to 2147483647"));
  CHECK_THROWS_WITH(any_aggregator("trimmed_mean", {{"f", "two"}}), Contains("needs a number for f"));
  CHECK_THROWS_WITH(any_aggregator("geometric_median", {{"start", "outside"}}),
                    Contains("needs start to be one of inside, origin"));
  CHECK_THROWS_WITH(any_aggregator("geometric_median", {{"start", 1}}), Contains("needs start to be one of inside, origin"));
}

TEST_CASE("tables that the chosen operator does not read are refused when it is used") {
  matrix const x = gauss(5, 3);
  any_aggregator const krum("krum", {{"f", 1}});
  check_refuses(krum, robagg::weighted(x, std::vector(5, 1.)), {"krum: has no weighted form"});
  matrix gaps = x;
  gaps(2, 1) = not_a_number;
  check_refuses(krum, robagg::skip_nan(gaps), {"krum: needs rows that are there, or absent, as a whole", "row = 2"});
  check_refuses(any_aggregator("trimmed_mean", {{"f", 3}}), x, {"trimmed_mean: needs n > 2f", "n = 5", "f = 3"});
  check_refuses(any_aggregator("quantile", {{"p", 7}}), x, {"quantile: needs 0 <= p <= 1"});
}

// SPDX-License-Identifier: BSL-1.0
// What operators say of themselves: names, parameters as one would write them, and one form for every error.
#include "laws.hpp"

using namespace robagg_test;

namespace {
struct my_rule {
  robagg::count f;
  static constexpr void parameters(auto& op, auto visit) { visit("f", op.f); }
};
template <auto Op>
struct held_as_value {
  static constexpr auto op = Op;
};
}  // namespace

TEST_CASE("names are types without namespaces, descriptions read as code") {
  CHECK(robagg::name(robagg::median{}) == "median");
  CHECK(robagg::name(my_rule{2}) == "my_rule");
  CHECK(robagg::describe(robagg::median{}) == "median{}");
  CHECK(robagg::describe(my_rule{2}) == "my_rule{.f = 2}");
  CHECK(robagg::describe(robagg::krum{.f = 1, .neighbours = 3}) == "krum{.f = 1, .neighbours = 3}");
  CHECK(robagg::describe(robagg::quantile{.1}) == "quantile{.p = 0.1}");
  CHECK(robagg::describe(robagg::geometric_median{}) == "geometric_median{}");  // defaults go without saying
  CHECK(robagg::describe(robagg::geometric_median{.smoothing = .1, .start = robagg::start::origin}) ==
        "geometric_median{.smoothing = 0.1, .start = origin}");
  CHECK(robagg::describe(robagg::trimmed_mean{0}) == "trimmed_mean{.f = 0}");  // but what is required is said
  CHECK(robagg::describe(robagg::clip{0}) == "clip{.radius = 0}");
  std::vector<Index> const order = {1, 0};
  CHECK(robagg::describe(robagg::bucketing{2, order}) == "bucketing{.size = 2, .permutation = {1, 0}}");
  CHECK(robagg::describe(robagg::ranks{robagg::ties::dense}) == "ranks{.ties = dense}");
  CHECK(robagg::describe(robagg::uncertainty_weighted{.lambda = .5, .ddof = 1}) ==
        "uncertainty_weighted{.lambda = 0.5, .ddof = 1}");
  CHECK(robagg::describe(robagg::clip{3} | robagg::mean{} | robagg::top{2}) == "clip{.radius = 3} | mean{} | top{.k = 2}");
}

TEST_CASE("an error is an invalid argument that names operator, rule and values") {
  robagg::bad_input const plain("who", "needs something"), valued("who", "needs something", "n = 4");
  CHECK(plain.what() == std::string("who: needs something"));
  CHECK(valued.what() == std::string("who: needs something (n = 4)"));
  STATIC_REQUIRE(std::is_base_of_v<std::invalid_argument, robagg::bad_input>);
  CHECK_THROWS_WITH(robagg::detail::refuse(my_rule{2}, "needs luck",
                                           {{"n", 4}, {"share", .1}, {"f", robagg::count(2)}, {"radius", robagg::real(3)}}),
                    "my_rule: needs luck (n = 4, share = 0.1, f = 2, radius = 3)");
}

TEST_CASE("required parameters take any number") {                      // and are required: compile_fail/forgotten_f.cpp
  std::pair<robagg::trimmed_mean, robagg::clip> const both{{2}, {.5}};  // which asks for defaults, and needs none
  CHECK((both.first.f == 2 && both.second.radius == .5));
  CHECK(robagg::trimmed_mean{std::size_t{3}}.f == 3);
  CHECK(robagg::trimmed_mean{short{3}}.f == 3);
  CHECK(robagg::clip{2}.radius == 2);
  CHECK(robagg::clip{2.5f}.radius == 2.5);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<robagg::count, double>);
}

TEST_CASE("operators are values, usable as template arguments") {
  CHECK(robagg::describe(held_as_value<robagg::trimmed_mean{2}>::op) == "trimmed_mean{.f = 2}");
  CHECK(robagg::describe(held_as_value < robagg::clip{.5} | robagg::median{} > ::op) == "clip{.radius = 0.5} | median{}");
  STATIC_REQUIRE(std::is_trivially_copyable_v<robagg::geometric_median>);
}

TEST_CASE("a list looks at contiguous values of its type") {
  std::vector<Index> const v = {4, 5, 6};
  robagg::list<Index> const l = v;
  CHECK(l.size() == 3);
  CHECK(l[2] == 6);
  CHECK(l.data() == v.data());
  CHECK(robagg::list<Index>().empty());
  Eigen::Matrix<Index, 3, 1> const e(1, 2, 3);
  CHECK(robagg::list<Index>(e)[1] == 2);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<robagg::list<double>, Eigen::Block<matrix, Eigen::Dynamic, 1>>);  // strided
  STATIC_REQUIRE_FALSE(std::is_constructible_v<robagg::list<Index>, std::vector<int>>);
}

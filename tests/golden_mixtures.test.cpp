// SPDX-License-Identifier: BSL-1.0
// Phantoms, budgets, covers, fairness, projections: golden/ensembles_public.json, each case within its own tolerance.
#include "golden_case.hpp"

#include <robagg/mixture.hpp>

using namespace robagg_test;

namespace {

matrix as_column(std::vector<double> const& x) {
  return Eigen::Map<Eigen::VectorXd const>(x.data(), static_cast<Index>(x.size()));
}

golden_checks const mixtures_asked = {
    {"uniform_phantom",
     {38,
      [](golden_case const& c) {
        robagg::uniform_phantom const op{number(c.parameter("lo")), number(c.parameter("hi"))};
        matrix const x = as_column(list_of(c.in("x")));
        bool const weighted = c.all["inputs"].contains("w") && !c.in("w").is_null();
        return c.agrees(weighted ? op(robagg::weighted(x, list_of(c.in("w"))))(0) : op(x)(0), c.out("value"));
      }}},
    {"moulin_median",
     {10,
      [](golden_case const& c) {
        auto phantoms = list_of(c.in("phantoms"));
        std::sort(phantoms.begin(), phantoms.end());
        return c.agrees(robagg::moulin_median{phantoms}(as_column(list_of(c.in("x"))))(0), c.out("value"));
      }}},
    {"independent_markets",
     {6,
      [](golden_case const& c) {
        return c.agrees(robagg::independent_markets{}(golden_table(c.in("proposals"))), c.out("allocation"));
      }}},
    {"jain_index",
     {5, [](golden_case const& c) { return c.agrees(robagg::jain_index{}(list_of(c.in("x"))), c.out("value")); }}},
    {"greedy_max_coverage",
     {6,
      [](golden_case const& c) {
        auto const k = c.parameter("k").get<Index>();
        auto const found = robagg::greedy_cover{k}(golden_table(c.in("membership")), list_of(c.in("value")));
        return found.rows == c.out("selected").get<std::vector<Index>>() && c.agrees(found.value, c.out("value")) &&
               found.value >= (1 - std::exp(-1)) * number(c.out("optimum"));
      }}},
    // The projection is what an L2 penalty of 1/2 about an even reference does to scores: x + 1/d less a constant.
    {"project_simplex",
     {10, [](golden_case const& c) { return c.agrees(robagg::regularised_mixture{.5}(list_of(c.in("x"))), c.out("p")); }}},
};

}  // namespace

TEST_CASE("phantoms, budgets, covers and projections are those of other people's code") { check_golden(mixtures_asked); }

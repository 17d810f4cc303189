// SPDX-License-Identifier: BSL-1.0
// As far from the honest as they are from one another.
#include "laws.hpp"

#include <robagg/attack/min_max.hpp>

using namespace robagg_test;
using robagg::attack::min_max;

namespace {

double largest_distance(matrix const& x, matrix const& to) {
  double most = 0;
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index k = 0; k < to.rows(); ++k) most = std::max(most, (x.row(i) - to.row(k)).norm());
  }
  return most;
}
matrix min_max_by_definition(matrix const& x, double most, double tolerance) {
  double low = 0, high = most;
  while (high - low > tolerance) {
    double const g = (low + high) / 2;
    (largest_distance(x, reference::uncertainty_weighted(x, g, 1, true)) < largest_distance(x, x) ? low : high) = g;
  }
  return reference::uncertainty_weighted(x, low, 1, true);
}

}  // namespace

TEST_CASE("min_max goes as far as the honest diameter allows") {
  // 0 and 2: mean 1, deviation sqrt(2), diameter 2. 1 - g sqrt(2) is 2 from 2 at g = 1 / sqrt(2) = .7071.
  matrix const pair{{0}, {2}};
  robagg::workspace ws;
  CHECK(min_max{}.deviations(pair, ws) == 5 * 72. / 512);  // .7031; .7129 is too far
  CHECK(min_max{.most = .5}.deviations(pair, ws) > .49);
  CHECK(std::abs(min_max{.tolerance = 1e-300}.deviations(pair, ws) - std::sqrt(.5)) < 1e-14);
  CHECK(same_bits(in<double>(min_max{}, matrix::Constant(4, 3, .5)), matrix::Constant(1, 3, .5)));
  CHECK(std::isnan(min_max{}(matrix{{0}, {not_a_number}})(0)));
}

TEST_CASE("min_max agrees with its definition and obeys its laws") {
  check_reference(subject_of(min_max{}), [](matrix const& x) { return min_max_by_definition(x, 5, .01); }, 2,
                  {family::gauss, family::tiny, family::offset});
  check_reference(subject_of<float>(min_max{.most = 2, .tolerance = .1}),
                  [](matrix const& x) { return min_max_by_definition(x, 2, .1); }, 2, {family::gauss});
  matrix const x = gauss(9, 30);
  CHECK(largest_distance(x, in<double>(min_max{}, x)) < largest_distance(x, x));
  CHECK(largest_distance(x, in<double>(min_max{}, x)) > .98 * largest_distance(x, x));
  check_laws(subject_of(min_max{}),
             {permutation_invariant, translation_equivariant, scale_equivariant, same_bits_in_any_order_of_storage,
              workspace_settles, no_columns, needs_a_report, subset_is_those_rows});
  check_outputs(min_max{});
}

TEST_CASE("min_max refuses wrong numbers") {
  check_refuses(min_max{.most = -1}, gauss(4, 2), {"min_max: needs a finite most >= 0", "most = -1"});
  check_refuses(min_max{.most = infinity}, gauss(4, 2), {"most = inf"});
  check_refuses(min_max{.tolerance = 0}, gauss(4, 2), {"min_max: needs tolerance > 0", "tolerance = 0"});
  check_refuses(min_max{}, gauss(1, 2), {"min_max: needs two honest reports", "n = 1"});
}

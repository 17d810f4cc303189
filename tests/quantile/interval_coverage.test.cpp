// SPDX-License-Identifier: BSL-1.0
// How many outcomes are in their intervals.
#include "laws.hpp"

using namespace robagg_test;
using robagg::interval_coverage;

TEST_CASE("coverage of intervals") {
  std::vector<double> const low{0, 0, 0, 0}, high{1, 2, 3, 4}, y{1, 3, not_a_number, 0};
  CHECK(interval_coverage{}(low, high, y) == .5);
  std::vector<double> const one{1};
  check_call_refused(interval_coverage{}, [&](auto const& op) { op(one, high, y); },
                     {"interval_coverage: needs as many bounds as outcomes"});
}

TEST_CASE("outcomes on a bound are covered, beside it are not, and what is no number covers nothing") {
  auto const covers = [](double l, double u, double y) {
    return interval_coverage{}(std::vector{l}, std::vector{u}, std::vector{y}) == 1;
  };
  double const above_one = std::nextafter(1., 2.), below_one = std::nextafter(1., 0.);
  CHECK((covers(1, 3, 1) && covers(1, 3, 3) && covers(1, 1, 1) && covers(-infinity, infinity, 1e308)));
  CHECK((!covers(above_one, 3, 1) && !covers(0, below_one, 1) && !covers(3, 1, 2)));  // the last is inverted
  CHECK((!covers(not_a_number, 3, 1) && !covers(0, not_a_number, 1) && !covers(0, 1, not_a_number)));
  CHECK((covers(0, infinity, infinity) && !covers(0, 1, infinity)));
  // A third of many, in every kind of vector.
  matrix bounds(300, 2);
  std::vector<float> y;
  for (Index i = 0; i < 300; ++i) bounds.row(i) << -1, 1, y.push_back(i % 3 == 0 ? 0.f : i % 3 == 1 ? 2.f : -2.f);
  CHECK(interval_coverage{}(bounds.col(0), bounds.col(1), y) == 1 / 3.);
  CHECK(interval_coverage{}(-bounds.col(1), std::vector<float>(300, 1.f), y) == 1 / 3.);
  std::vector<double> const two{0, 0}, nothing;
  auto const refused = [](auto const& l, auto const& u, auto const& outcomes) {
    CHECK_THROWS_WITH(interval_coverage{}(l, u, outcomes), Catch::Contains("needs as many bounds as outcomes"));
  };
  refused(two, y, y), refused(y, two, y), refused(y, y, two), refused(nothing, nothing, nothing);
}

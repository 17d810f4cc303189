// SPDX-License-Identifier: BSL-1.0
// How wide intervals are.
#include "laws.hpp"

using namespace robagg_test;
using robagg::interval_width;

TEST_CASE("width of intervals") {
  std::vector<double> const low{0, 0, 0, 0}, high{1, 2, 3, 4}, nothing;
  CHECK(interval_width{}(low, high) == 2.5);
  check_call_refused(interval_width{}, [&](auto const& op) { op(nothing, nothing); }, {"interval_width: needs as many bounds"});
}

TEST_CASE("the mean of widths of any sign, in every kind of vector") {
  std::vector<double> const low{-1, 5, 2}, high{2, 4.5, 2};
  CHECK(std::abs(interval_width{}(low, high) - 2.5 / 3) <= 1e-15);  // 3, -.5 where ends have passed each other, and 0
  CHECK(interval_width{}(std::vector{3.f}, std::vector{3.f}) == 0);
  matrix x(400, 2);
  for (Index i = 0; i < 400; ++i) x.row(i) << static_cast<double>(i), 3. * static_cast<double>(i) + 1;
  CHECK(interval_width{}(x.col(0), x.col(1)) == 400);  // the mean of 2 i + 1
  // Floats are subtracted in double: 2^24 and 2^24 + 2 less 1.
  CHECK(interval_width{}(std::vector{1.f}, std::vector{16777218.f}) == 16777217.);
  CHECK(std::isnan(interval_width{}(std::vector{0., not_a_number}, std::vector{1., 1.})));
  CHECK(std::isnan(interval_width{}(std::vector{0., 0.}, std::vector{not_a_number, 1.})));
  CHECK(interval_width{}(std::vector{-infinity, 0.}, std::vector{0., 1.}) == infinity);
  check_call_refused(interval_width{}, [&](auto const& op) { op(low, std::vector{1.}); },
                     {"interval_width: needs as many bounds", "lower = 3, upper = 1"});
}

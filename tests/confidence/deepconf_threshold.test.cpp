// SPDX-License-Identifier: BSL-1.0
// Thresholds from warm-up traces: quantiles by hand, infinite confidences.
#include "laws.hpp"

using namespace robagg_test;
using robagg::deepconf_threshold;

TEST_CASE("a threshold is a quantile of the warm-up") {
  std::vector<double> const warm_up = {5, 1, 4, 2, 3};
  CHECK(std::abs(deepconf_threshold{}(warm_up)-1.4) < 1e-12);
  CHECK(std::abs(deepconf_threshold{.keep = .1}(warm_up)-4.6) < 1e-12);
  CHECK(deepconf_threshold{.keep = 1}(warm_up) == 1);
  CHECK_THROWS_AS(deepconf_threshold{}(std::vector<double>{}), robagg::bad_input);
  CHECK_THROWS_AS(deepconf_threshold{}(std::vector<double>{not_a_number}), robagg::bad_input);
  for (double const keep : {-.1, 1.1, not_a_number})
    CHECK_THROWS_AS(deepconf_threshold{.keep = keep}(warm_up), robagg::bad_input);
}

TEST_CASE("infinite confidences make a threshold, never NaN") {
  using list = std::vector<double>;
  auto const threshold = [](double keep, list const& c) { return deepconf_threshold{.keep = keep}(c); };
  CHECK(threshold(.9, {-infinity, 1, 2, 3}) == -infinity);
  CHECK(threshold(.5, {-infinity, 1, 2, 3}) == 1.5);
  CHECK(threshold(.1, {1, 2, 3, infinity}) == infinity);
  CHECK(threshold(.5, {1, 2, 3, infinity}) == 2.5);
  CHECK(threshold(.25, {-infinity, infinity}) == infinity);
  CHECK(threshold(.5, {-infinity, infinity}) == -infinity);
  CHECK(threshold(.75, {-infinity, infinity}) == -infinity);
  std::vector<double> const some = {-infinity, -1, 0, 2, infinity};
  for (std::size_t code = 0; code < 625; ++code) {
    list const c = {some[code % 5], some[code / 5 % 5], some[code / 25 % 5], some[code / 125]};
    for (double const keep : {0., .1, .3, .5, .9, 1.}) CHECK_FALSE(std::isnan(threshold(keep, c)));
  }
  CHECK(threshold(.5, {-1.5e308, 1.5e308}) == 0);  // the step between them overflows
}

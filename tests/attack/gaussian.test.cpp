// SPDX-License-Identifier: BSL-1.0
// Noise that a seed decides.
#include "laws.hpp"

#include <robagg/attack/gaussian.hpp>

using namespace robagg_test;
using robagg::attack::gaussian;

TEST_CASE("gaussian sends the same normal values everywhere") {
  matrix const honest = gauss(2, 100'001);
  matrix const y = in<double>(gaussian{}, honest);
  // The first two values of the generator, by hand: sqrt(-2 log u) cos(2 pi v) and with sin.
  robagg::detail::generator random(0);
  double const u = (static_cast<double>(random() >> 11) + .5) / 9007199254740992.;
  double const v = (static_cast<double>(random() >> 11) + .5) / 9007199254740992.;
  CHECK(std::abs(y(0, 0) - std::sqrt(-2 * std::log(u)) * std::cos(2 * std::acos(-1.) * v)) < 1e-14);
  CHECK(std::abs(y(0, 1) - std::sqrt(-2 * std::log(u)) * std::sin(2 * std::acos(-1.) * v)) < 1e-14);
  CHECK(std::abs(y(0, 0) - -0.45275774021745818) < 1e-13);  // on every platform

  // Its moments: 0, 1, 0, 3, and no value twice.
  auto const moment = [&](double power) { return y.array().pow(power).mean(); };
  CHECK(std::abs(moment(1)) < .02);
  CHECK(std::abs(moment(2) - 1) < .02);
  CHECK(std::abs(moment(3)) < .05);
  CHECK(std::abs(moment(4) - 3) < .1);
  CHECK(y(0, 0) != y(0, 512));

  CHECK(difference(in<double>(gaussian{.mean = 5, .deviation = 2}, honest), (5 + 2 * y.array()).matrix()) < 1e-13);
  CHECK(same_bits(in<double>(gaussian{.mean = 5, .deviation = 0}, gauss(2, 3)), matrix{{5, 5, 5}}));
  CHECK(difference(in<double>(gaussian{.seed = 1}, honest), y) > 1);
}

TEST_CASE("gaussian obeys its laws and refuses wrong numbers") {
  check_laws(subject_of(gaussian{}), {permutation_invariant, same_bits_in_any_order_of_storage, workspace_settles, no_columns,
                                      needs_a_report, subset_is_those_rows});
  check_outputs(gaussian{.seed = 7});
  check_refuses(gaussian{.mean = infinity}, gauss(4, 2), {"gaussian: needs a finite mean", "mean = inf"});
  check_refuses(gaussian{.deviation = -1}, gauss(4, 2), {"gaussian: needs a finite deviation >= 0", "deviation = -1"});
  check_refuses(gaussian{.deviation = infinity}, gauss(4, 2), {"deviation = inf"});
}

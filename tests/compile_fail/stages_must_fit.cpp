// SPDX-License-Identifier: BSL-1.0
// says: no match for .*operator\||invalid operands to binary expression
#include <robagg/location/mean.hpp>
#include <robagg/location/median.hpp>
#include <robagg/transform/clip.hpp>

#include <vector>

using namespace robagg;

void check(table<float> const& x, std::vector<double> const& w, Eigen::VectorXf const& v) {
  static_cast<void>(x), static_cast<void>(w), static_cast<void>(v);
#ifndef BROKEN
  auto rule = clip{.radius = 1} | mean{}; rule(x);
#else
  auto rule = mean{} | median{}; rule(x);
#endif
}

// SPDX-License-Identifier: BSL-1.0
// says: convert .*count|initialization of 'robagg::count'
#include <robagg/location/trimmed_mean.hpp>

#include <vector>

using namespace robagg;

void check(table<float> const& x, std::vector<double> const& w, Eigen::VectorXf const& v) {
  static_cast<void>(x), static_cast<void>(w), static_cast<void>(v);
#ifndef BROKEN
  trimmed_mean{.f = 1}(x);
#else
  trimmed_mean{}(x);
#endif
}
